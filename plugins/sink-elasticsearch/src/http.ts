// Requests to one node, on connections that are kept.
import { Agent, type OutgoingHttpHeaders, request } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { TlsOptions } from 'netally'

const compress = promisify(gzip)
/** Of gzip: records are alike, more effort wins little. */
const LEVEL = 1
/** Longer answers are no answers of a server that works. */
const MOST_ANSWER_OCTETS = 256 << 20

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
  readonly #options: ClientOptions
  readonly #agent: Agent | SecureAgent

  constructor(options: ClientOptions) {
    this.#options = options
    this.#agent = options.tls ? new SecureAgent({ keepAlive: true, ...options.tls }) : new Agent({ keepAlive: true })
  }

  get node(): string {
    return this.#options.url.host
  }

  /** Rejects when there is no answer; any status is one. `path` begins with a slash. */
  async send(method: string, path: string, { body, type = 'application/json', signal }: Sent): Promise<Answer> {
    const { url, authorization, tls, isCompressed } = this.#options
    const isZipped = isCompressed && body !== undefined
    const octets = isZipped ? await compress(body, { level: LEVEL }) : Buffer.from(body ?? '')
    const headers: OutgoingHttpHeaders = {
      accept: 'application/json',
      'content-length': octets.length,
      ...(body === undefined ? {} : { 'content-type': type }),
      ...(isZipped ? { 'content-encoding': 'gzip' } : {}),
      ...(authorization === undefined ? {} : { authorization }),
    }
    const target = new URL(`${url.pathname.replace(/\/$/, '')}${path}`, url)
    return new Promise((resolve, reject) => {
      const send = tls ? secureRequest : request
      const sent = send(target, { method, headers, agent: this.#agent, signal }, answer => {
        const chunks: Buffer[] = []
        let length = 0
        answer.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          length += chunk.length
          if (length > MOST_ANSWER_OCTETS) sent.destroy(new Error('the answer is too long'))
        })
        answer.on('error', reject)
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString()) })
        })
      })
      sent.on('error', reject)
      sent.end(octets)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
