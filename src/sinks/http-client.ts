// Requests of sinks to servers that speak HTTP: kept connections, TLS as node:tls has it, and when to come again.
import { Agent, request as plainRequest } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'

/** An answer that is read; what comes after that is left. */
const LONGEST_ANSWER = 4 << 20
/** Longest that a server's Retry-After is heeded. */
const LONGEST_PAUSE_MS = 60_000
const LONGEST_TEXT = 300

export interface HttpTarget {
  /** Without the brackets of an IPv6 address. */
  readonly host: string
  readonly port: number
  /** Options of node:tls; absent = plain. */
  readonly tls?: object | undefined
  /** Of every request. */
  readonly headers?: { readonly [name: string]: string }
}

export interface HttpRequest {
  readonly method?: string
  /** With its query. */
  readonly path: string
  readonly headers?: { readonly [name: string]: string }
  readonly body?: Uint8Array | string
  readonly signal?: AbortSignal
  /** Octets of the answer that are read; default LONGEST_ANSWER. */
  readonly longestAnswer?: number
}

export interface HttpAnswer {
  readonly status: number
  readonly text: string
  readonly headers: { readonly [name: string]: string | string[] | undefined }
}

/** Status and the begin of the text: for messages. */
export const answerText = ({ status, text }: HttpAnswer): string =>
  `HTTP ${status}${text === '' ? '' : `: ${text.replace(/\s+/g, ' ').trim().slice(0, LONGEST_TEXT)}`}`

/** Whether the same request may be taken later. */
export const isPassing = (status: number): boolean =>
  status === 408 || status === 425 || status === 429 || status >= 500

export const basicAuthorization = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

/** Milliseconds that Retry-After asks for: seconds, or a date (RFC 9110 section 10.2.3). */
export function retryAfterMs({ headers }: Pick<HttpAnswer, 'headers'>, nowMs: number): number {
  const text = String(headers['retry-after'] ?? '')
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_PAUSE_MS) : 0
}

export class HttpClient {
  readonly #target: HttpTarget
  readonly #agent: Agent

  constructor(target: HttpTarget, connections = 1) {
    this.#target = target
    const options = { keepAlive: true, maxSockets: connections }
    this.#agent = target.tls ? new SecureAgent({ ...options, ...target.tls }) : new Agent(options)
  }

  /** Any status resolves; rejects where no answer comes. */
  ask({ method, path, headers, body, signal, longestAnswer = LONGEST_ANSWER }: HttpRequest): Promise<HttpAnswer> {
    const { host, port, tls, headers: always } = this.#target
    const octets = typeof body === 'string' ? Buffer.from(body) : body
    const send = tls ? secureRequest : plainRequest
    return new Promise((resolve, reject) => {
      const request = send(
        {
          ...{ host, port, path, agent: this.#agent, method: method ?? (octets ? 'POST' : 'GET') },
          headers: { ...always, ...headers, ...(octets ? { 'content-length': String(octets.length) } : {}) },
          ...(signal ? { signal } : {}),
        },
        response => {
          const chunks: Buffer[] = []
          let length = 0
          response.on('data', (chunk: Buffer) => {
            if (length < longestAnswer) chunks.push(chunk)
            length += chunk.length
          })
          response.on('error', reject)
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              text: Buffer.concat(chunks).toString(),
              headers: response.headers,
            }),
          )
        },
      )
      request.on('error', reject)
      request.end(octets)
    })
  }

  /** For a status that passes: waits as long as the server asks for, and rejects with what it said. */
  async later(answer: HttpAnswer, signal: AbortSignal): Promise<never> {
    const ms = retryAfterMs(answer, Date.now())
    if (ms > 0) await pause(ms, undefined, { signal }).catch(() => {})
    throw new Error(answerText(answer))
  }

  close(): void {
    this.#agent.destroy()
  }
}
