// Points to InfluxDB over HTTP. A batch that comes again has the same times, so that it replaces itself.
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import {
  answerText,
  type Backend,
  type DeliveryBatch,
  type Host,
  type HttpAnswer,
  HttpClient,
  isolate,
  isPassing,
  PermanentError,
  type Point,
  type Rejected,
  rejectedRecords,
  SeriesPoints,
  Slots,
  type Verdict,
} from 'netally'
import { authorization, writePath } from './address.ts'
import { INFLUX_TAGS, LineWriter, Unwritable } from './line.ts'
import type { InfluxdbOptions } from './options.ts'

const compress = promisify(gzip)
/** Of what repeats as much as lines do, more effort saves little. */
const COMPRESSION = { level: 1 }

interface Line {
  readonly text: string
  readonly point: Point
}

/** `dropped=3` at the end of InfluxDB 1's message: points that it left out of those that it took. */
const droppedOf = (text: string): number => Number(/ dropped=(\d+)/.exec(text)?.[1] ?? 0)

/** What InfluxDB says, without its JSON around. */
function messageOf(answer: HttpAnswer): string {
  try {
    const { error, message } = JSON.parse(answer.text) as { error?: unknown; message?: unknown }
    return String(message ?? error ?? answerText(answer))
  } catch {
    return answerText(answer)
  }
}

/** InfluxDB 3 names the lines that it left out, counted from 1. */
function refusedLines({ text }: HttpAnswer): Map<number, string> | undefined {
  try {
    const { data } = JSON.parse(text) as { data?: unknown }
    if (!Array.isArray(data) || data.length === 0) return undefined
    const lines = data as { line_number?: number; error_message?: string }[]
    return new Map(lines.map(line => [Number(line.line_number) - 1, String(line.error_message ?? 'refused')]))
  } catch {
    return undefined
  }
}

function noEntry(options: InfluxdbOptions, answer: HttpAnswer): PermanentError {
  const { endpoint, database, api } = options
  if (answer.status === 404) {
    return new PermanentError({
      code: 'influxdb/no-database',
      message: `${endpoint.text} has no ${api === 2 ? 'bucket' : 'database'} "${database}", or is no InfluxDB ${api}: ${messageOf(answer)}`,
      hint: api === 1 ? 'name another --database, or let --create-database make it' : 'check --bucket, --org and --api',
    })
  }
  return new PermanentError({
    code: 'influxdb/refused',
    message: `${endpoint.text} refuses us: ${messageOf(answer)}`,
    hint: 'check the token (--token-file, NETALLY_INFLUXDB_TOKEN), or --user and its password',
  })
}

const ENTRY: ReadonlySet<number> = new Set([401, 403, 404])

class InfluxdbBackend implements Backend {
  readonly #client: HttpClient
  readonly #options: InfluxdbOptions
  readonly #host: Host
  readonly #path: string
  readonly #points: SeriesPoints
  readonly #writer: LineWriter
  readonly #slots: Slots

  constructor(client: HttpClient, options: InfluxdbOptions, host: Host) {
    this.#client = client
    this.#options = options
    this.#host = host
    this.#path = writePath(options)
    this.#points = new SeriesPoints(options.series, INFLUX_TAGS)
    this.#writer = new LineWriter(options.measurement, options.unsigned)
    this.#slots = slotsOf(options)
  }

  async write(batch: DeliveryBatch, signal: AbortSignal): Promise<Rejected[]> {
    const { points, rejected } = this.#points.of(batch)
    const lines: Line[] = []
    const refused: { point: Point; reason: string }[] = []
    const timeText = this.#slots.of(batch.id)
    for (const point of points) {
      try {
        const time = timeText(point.timeUs, point.occurrence)
        lines.push({ text: this.#writer.line(point, this.#points.values, time), point })
      } catch (error) {
        if (!(error instanceof Unwritable)) throw error
        refused.push({ point, reason: error.message })
      }
    }
    const left = await this.#store(lines, signal)
    this.#host.count('points', lines.length - left.length)
    return [...rejected, ...rejectedRecords([...refused, ...left])]
  }

  async #store(lines: readonly Line[], signal: AbortSignal): Promise<{ point: Point; reason: string }[]> {
    if (lines.length === 0) return []
    const named: { point: Point; reason: string }[] = []
    const refused = await isolate(lines, async part => {
      const answer = await this.#send(part, signal)
      const byLine = answer.status === 400 ? refusedLines(answer) : undefined
      if (!byLine) return this.#verdict(answer, part.length, signal)
      for (const [at, reason] of byLine) {
        const line = part[at]
        if (line) named.push({ point: line.point, reason })
      }
      return undefined
    })
    return [...named, ...refused.map(({ item, reason }) => ({ point: item.point, reason }))]
  }

  async #send(lines: readonly Line[], signal: AbortSignal): Promise<HttpAnswer> {
    const text = lines.map(line => line.text).join('\n')
    const packed = this.#options.gzip
    const body = packed ? await compress(text, COMPRESSION) : text
    const headers = {
      'content-type': 'text/plain; charset=utf-8',
      ...(packed ? { 'content-encoding': 'gzip' } : {}),
    }
    return this.#client.ask({ path: this.#path, headers, body, signal })
  }

  async #verdict(answer: HttpAnswer, count: number, signal: AbortSignal): Promise<Verdict> {
    const { status } = answer
    if (status >= 200 && status < 300) return undefined
    if (isPassing(status)) return this.#client.later(answer, signal)
    // Not ours to lose records for: connecting anew tells what is wrong.
    if (ENTRY.has(status)) throw new Error(messageOf(answer))
    const reason = messageOf(answer)
    return { reason, isAll: droppedOf(reason) === count }
  }

  async close(): Promise<void> {
    this.#client.close()
  }
}

/** One for all connections of a command: slots are remembered between attempts. */
const slots = new WeakMap<InfluxdbOptions, Slots>()
function slotsOf(options: InfluxdbOptions): Slots {
  const known = slots.get(options) ?? new Slots(options.precision)
  slots.set(options, known)
  return known
}

const identifier = (name: string): string => `"${name.replace(/["\\]/g, '\\$&')}"`

async function makeDatabase(client: HttpClient, options: InfluxdbOptions, signal: AbortSignal): Promise<void> {
  const body = new URLSearchParams({ q: `CREATE DATABASE ${identifier(options.database)}` }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const answer = await client.ask({ path: '/query', headers, body, signal })
  if (isPassing(answer.status)) return client.later(answer, signal)
  if (answer.status !== 200 || /"error"/.test(answer.text)) throw noEntry(options, answer)
}

/** A write of nothing tells whether the database is there and takes us. */
async function checkEntry(client: HttpClient, options: InfluxdbOptions, signal: AbortSignal): Promise<void> {
  const answer = await client.ask({ path: writePath(options), body: '', signal })
  if (isPassing(answer.status)) return client.later(answer, signal)
  if (ENTRY.has(answer.status)) throw noEntry(options, answer)
}

export async function connectInfluxdb(options: InfluxdbOptions, host: Host, signal: AbortSignal): Promise<Backend> {
  const { endpoint, tls, api } = options
  const client = new HttpClient({ host: endpoint.host, port: endpoint.port, tls, headers: authorization(options) })
  try {
    if (options.makeDatabase && api === 1) await makeDatabase(client, options, signal)
    await checkEntry(client, options, signal)
    return new InfluxdbBackend(client, options, host)
  } catch (error) {
    client.close()
    throw error
  }
}
