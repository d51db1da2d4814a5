// Data points by HTTP: POST /api/put?details, which names those that it refuses.
import {
  answerText,
  basicAuthorization,
  type HttpAnswer,
  HttpClient,
  isolate,
  isPassing,
  PermanentError,
  type Verdict,
} from 'netally'
import type { DataPoint } from './data-point.ts'
import type { OpentsdbOptions } from './options.ts'

export interface RefusedPoint {
  readonly dataPoint: DataPoint
  readonly reason: string
}

interface NamedError {
  readonly error?: string
  readonly datapoint?: {
    readonly metric?: string
    readonly timestamp?: number | string
    readonly tags?: { [name: string]: string }
  }
}

const json = (text: string): string => JSON.stringify(text)

function bodyOf(dataPoints: readonly DataPoint[]): string {
  const tagsJson = new Map<string, string>()
  const tagsOf = (tags: string): string => {
    let text = tagsJson.get(tags)
    if (text === undefined) {
      const pairs = tags
        .slice(1)
        .split(' ')
        .map(pair => pair.split('='))
      text = `{${pairs.map(([name = '', value = '']) => `${json(name)}:${json(value)}`).join(',')}}`
      tagsJson.set(tags, text)
    }
    return text
  }
  const objects = dataPoints.map(
    ({ metric, time, value, tags }) =>
      `{"metric":${json(metric)},"timestamp":${time},"value":${value},"tags":${tagsOf(tags)}}`,
  )
  return `[${objects.join(',')}]`
}

const keyOf = ({ metric, time, tags }: DataPoint): string =>
  `${metric} ${time}${tags
    .slice(1)
    .split(' ')
    .sort()
    .map(pair => ` ${pair}`)
    .join('')}`

function keyOfError({ datapoint }: NamedError): string {
  const { metric, timestamp, tags = {} } = datapoint ?? {}
  const pairs = Object.entries(tags).map(([name, value]) => ` ${name}=${value}`)
  return `${metric} ${timestamp}${pairs.sort().join('')}`
}

/** The refused points that an answer names; undefined when it names none, or others than ours. */
export function namedErrors(answer: HttpAnswer, dataPoints: readonly DataPoint[]): RefusedPoint[] | undefined {
  let errors: unknown
  try {
    errors = (JSON.parse(answer.text) as { errors?: unknown }).errors
  } catch {
    return undefined
  }
  if (!Array.isArray(errors) || errors.length === 0) return undefined
  const ours = new Map(dataPoints.map(dataPoint => [keyOf(dataPoint), dataPoint]))
  const named = (errors as NamedError[]).map(error => ({
    dataPoint: ours.get(keyOfError(error)),
    reason: error.error ?? 'refused',
  }))
  return named.every((one): one is RefusedPoint => one.dataPoint !== undefined) ? named : undefined
}

/** Errors of the store behind OpenTSDB: not the point's fault. */
const PASSING_REASON = /HBase|timed? ?out|throttl|please try again|NotServingRegion|Connection/i

export class HttpPut {
  readonly #client: HttpClient
  readonly #path: string
  readonly #requestPoints: number

  constructor({ endpoint, tls, user, password, requestPoints }: OpentsdbOptions) {
    const headers = user === undefined ? {} : { authorization: basicAuthorization(user, password ?? '') }
    this.#client = new HttpClient({ host: endpoint.host, port: endpoint.port, tls, headers })
    const before = endpoint.path.replace(/\/+$/, '')
    this.#path = `${before === '' ? '' : `/${before}`}/api/put?details=true`
    this.#requestPoints = requestPoints
  }

  /** Puts nothing, and hears whether somebody is there who lets us. */
  async check(signal: AbortSignal): Promise<void> {
    const answer = await this.#client.ask({ path: this.#path, headers: JSON_TYPE, body: '[]', signal })
    if (isPassing(answer.status) && !/No datapoints/i.test(answer.text)) return this.#client.later(answer, signal)
    if (answer.status === 401 || answer.status === 403 || answer.status === 404) {
      throw new PermanentError({
        code: 'opentsdb/refused',
        message: `OpenTSDB refuses us: ${answerText(answer)}`,
        hint: 'check the address (/api/put must be there), --user and its password',
      })
    }
  }

  async put(dataPoints: readonly DataPoint[], signal: AbortSignal): Promise<RefusedPoint[]> {
    const refused: RefusedPoint[] = []
    for (let from = 0; from < dataPoints.length; from += this.#requestPoints) {
      refused.push(...(await this.#request(dataPoints.slice(from, from + this.#requestPoints), signal)))
    }
    return refused
  }

  async #request(dataPoints: readonly DataPoint[], signal: AbortSignal): Promise<RefusedPoint[]> {
    const named: RefusedPoint[] = []
    const isolated = await isolate(dataPoints, async (part): Promise<Verdict> => {
      const answer = await this.#client.ask({ path: this.#path, headers: JSON_TYPE, body: bodyOf(part), signal })
      if (answer.status >= 200 && answer.status < 300) return undefined
      if (isPassing(answer.status)) return this.#client.later(answer, signal)
      if (answer.status !== 400 && answer.status !== 413) throw new Error(answerText(answer))
      const errors = namedErrors(answer, part)
      if (!errors) return { reason: answerText(answer) }
      const passing = errors.find(({ reason }) => PASSING_REASON.test(reason))
      if (passing) throw new Error(passing.reason)
      named.push(...errors)
      return undefined
    })
    return [...named, ...isolated.map(({ item, reason }) => ({ dataPoint: item, reason }))]
  }

  close(): void {
    this.#client.close()
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }
