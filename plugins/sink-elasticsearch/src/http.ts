// Requests to one node: JSON both ways, compressed where that is asked for.
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { HttpClient, type TlsOptions } from 'netally'

const compress = promisify(gzip)
/** Of gzip: records are alike, more effort wins little. */
const LEVEL = 1
/** A bulk request is answered with a line for each document. */
const LONGEST_ANSWER = 256 << 20

export interface Answer {
  readonly status: number
  /** Parsed; the text where it is no JSON. */
  readonly body: unknown
}

export interface ClientOptions {
  readonly url: URL
  readonly authorization: string | undefined
  readonly tls: TlsOptions | undefined
  readonly isCompressed: boolean
}

interface Sent {
  readonly body?: string
  readonly type?: string
  readonly signal: AbortSignal
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

export class Client {
  readonly node: string
  readonly #http: HttpClient
  readonly #prefix: string
  readonly #isCompressed: boolean

  constructor({ url, authorization, tls, isCompressed }: ClientOptions) {
    this.node = url.host
    this.#prefix = url.pathname.replace(/\/$/, '')
    this.#isCompressed = isCompressed
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const port = Number(url.port || (tls ? 443 : 80))
    const headers = { accept: 'application/json', ...(authorization === undefined ? {} : { authorization }) }
    this.#http = new HttpClient({ host, port, tls, headers }, Number.POSITIVE_INFINITY)
  }

  /** Rejects when there is no answer; any status is one. `path` begins with a slash. */
  async send(method: string, path: string, { body, type = 'application/json', signal }: Sent): Promise<Answer> {
    const isZipped = this.#isCompressed && body !== undefined
    const { status, text } = await this.#http.ask({
      method,
      path: this.#prefix + path,
      headers: {
        ...(body === undefined ? {} : { 'content-type': type }),
        ...(isZipped ? { 'content-encoding': 'gzip' } : {}),
      },
      ...(body === undefined ? {} : { body: isZipped ? await compress(body, { level: LEVEL }) : body }),
      longestAnswer: LONGEST_ANSWER,
      signal,
    })
    return { status, body: parsed(text) }
  }

  close(): void {
    this.#http.close()
  }
}
