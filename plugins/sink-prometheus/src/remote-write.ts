// Samples to a server by remote-write 0.1.0: protobuf in snappy.
import {
  answerText,
  type Backend,
  basicAuthorization,
  type DeliveryBatch,
  type Host,
  type HttpAnswer,
  HttpClient,
  isolate,
  isPassing,
  PermanentError,
  type Rejected,
  rejectedRecords,
  type Verdict,
} from 'netally'
import type { PrometheusOptions, Remote } from './options.ts'
import { type PointSample, Samples } from './samples.ts'
import { snappy } from './snappy.ts'
import { writeRequest } from './write-request.ts'

const HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
  'user-agent': 'netally',
}
/** Samples that Prometheus will never take; what is too old for its window it answers with 500. */
const NEVER_TAKEN = /too old sample|out of order sample|out of bounds|duplicate sample/
const ENTRY: ReadonlySet<number> = new Set([401, 403, 404])

function authorization({ token, user, password }: Remote): { [name: string]: string } {
  if (token !== undefined) return { authorization: `Bearer ${token}` }
  return user === undefined ? {} : { authorization: basicAuthorization(user, password ?? '') }
}

function pathOf({ endpoint: { path, query } }: Remote): string {
  return `/${path === '' ? 'api/v1/write' : path}${query.size > 0 ? `?${query}` : ''}`
}

class RemoteBackend implements Backend {
  readonly #client: HttpClient
  readonly #path: string
  readonly #samples: Samples
  readonly #host: Host

  constructor(client: HttpClient, path: string, samples: Samples, host: Host) {
    this.#client = client
    this.#path = path
    this.#samples = samples
    this.#host = host
  }

  #send(samples: readonly PointSample[], signal: AbortSignal): Promise<HttpAnswer> {
    const body = snappy(writeRequest(this.#samples.grouped(samples)))
    return this.#client.ask({ path: this.#path, headers: HEADERS, body, signal })
  }

  /** A write of nothing: is somebody there who lets us? */
  async check(text: string, signal: AbortSignal): Promise<void> {
    const answer = await this.#send([], signal)
    if (isPassing(answer.status)) return this.#client.later(answer, signal)
    if (!ENTRY.has(answer.status)) return
    throw new PermanentError({
      code: 'prometheus/refused',
      message: `${text}${this.#path} does not take remote-write: ${answerText(answer)}`,
      hint: 'Prometheus needs --web.enable-remote-write-receiver; check path, token (--token-file), --user and its password',
    })
  }

  async write(batch: DeliveryBatch, signal: AbortSignal): Promise<Rejected[]> {
    const { samples, rejected } = this.#samples.of(batch)
    const refused = await isolate(samples, async part => this.#verdict(await this.#send(part, signal), signal))
    this.#host.count('points', samples.length - refused.length)
    // A record may have several values, and counts once.
    const byPoint = new Map(refused.map(({ item, reason }) => [item.point, reason]))
    return [...rejected, ...rejectedRecords([...byPoint].map(([point, reason]) => ({ point, reason })))]
  }

  async #verdict(answer: HttpAnswer, signal: AbortSignal): Promise<Verdict> {
    const { status } = answer
    if (status >= 200 && status < 300) return undefined
    if (NEVER_TAKEN.test(answer.text)) return { reason: answerText(answer) }
    if (isPassing(status)) return this.#client.later(answer, signal)
    // Not ours to lose records for: connecting anew tells what is wrong.
    if (ENTRY.has(status)) throw new Error(answerText(answer))
    return { reason: answerText(answer) }
  }

  async close(): Promise<void> {
    this.#client.close()
  }
}

/** One for all connections of a command: places of deliveries are remembered between attempts. */
const known = new WeakMap<PrometheusOptions, Samples>()

export async function connectRemote(
  options: PrometheusOptions,
  remote: Remote,
  host: Host,
  signal: AbortSignal,
): Promise<Backend> {
  const samples = known.get(options) ?? new Samples(options, host)
  known.set(options, samples)
  const { endpoint, tls } = remote
  const client = new HttpClient({ host: endpoint.host, port: endpoint.port, tls, headers: authorization(remote) })
  const backend = new RemoteBackend(client, pathOf(remote), samples, host)
  try {
    await backend.check(endpoint.text, signal)
    return backend
  } catch (error) {
    client.close()
    throw error
  }
}
