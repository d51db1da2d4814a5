// Nodes that send notifications over HTTPS: the receiver of HTTPS-notif (draft-ietf-netconf-https-notif).
//
// A request is answered when its notifications were read by the stream, and not before: who sends too much waits.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Host, Reading } from '../../contract/host.ts'
import type { Problem } from '../../contract/problem.ts'
import type { Exporter } from '../../wire/flow/options.ts'
import {
  ACCEPTED,
  answerType,
  capabilities,
  encodingOf,
  type Resource,
  resourceOf,
} from '../../wire/telemetry/https-notif.ts'
import type { BodyEncoding } from '../../wire/telemetry/yang-push.ts'
import type { Admission } from '../admission.ts'
import { type ServedSession, SessionServer, type Troubles } from '../session-server.ts'
import { exporterAddress } from '../socket-peers.ts'
import { TlsListeners } from '../tls-listeners.ts'
import type { Turns } from '../turns.ts'
import type { TelemetryServerOptions } from './options.ts'
import { TLS_TROUBLE } from './server.ts'

/** Octets of all bodies that are there; more requests are put off. */
const HELD_OCTETS = 64 * 1024 * 1024
/** A request that takes longer is given up. */
const REQUEST_MS = 60_000
const RETRY_SECONDS = '1'

const TROUBLES: Troubles = {
  accept: { code: 'https-notif/accept', message: 'a connection could not be accepted', note: true },
  tooMany: {
    code: 'https-notif/too-many',
    message: 'a connection was refused: there are --max-peers of them',
    hint: 'raise --max-peers, or name who may send with --allow',
    note: true,
  },
  connection: { code: 'https-notif/connection', message: 'a connection broke', note: true },
  handshake: TLS_TROUBLE,
}

/** A body that came. */
export interface Delivery {
  readonly peer: Exporter
  readonly encoding: BodyEncoding
  readonly octets: Uint8Array
  readonly timeUs: number
  /** To be called once. */
  answer(problem: Problem | undefined): void
}

/** The problem that is not the fault of the request. */
const BUSY = 'telemetry/too-many-peers'
const METHODS: { readonly [resource in Resource]: readonly string[] } = {
  capabilities: ['GET', 'HEAD'],
  'relay-notification': ['POST'],
}

export class HttpsNotifServer {
  readonly #options: TelemetryServerOptions
  readonly #turns: Turns
  readonly #host: Host
  readonly #sessions: SessionServer<ServedSession>
  readonly #tls: TlsListeners<ServedSession>
  #deliveries: Delivery[] = []
  #heldOctets = 0
  /** Requests that have no answer yet, or one that is not sent. */
  #open = 0
  #isEnding = false

  /** Throws a ProblemError when a socket cannot be opened. */
  static async open(
    options: TelemetryServerOptions,
    admission: Admission,
    turns: Turns,
    host: Host,
  ): Promise<HttpsNotifServer> {
    const server = new HttpsNotifServer(options, admission, turns, host)
    try {
      await server.#listen()
      return server
    } catch (error) {
      server.close()
      throw error
    }
  }

  private constructor(options: TelemetryServerOptions, admission: Admission, turns: Turns, host: Host) {
    this.#options = options
    this.#turns = turns
    this.#host = host
    const { ipv6Only, maxSessions } = options
    const session = (): ServedSession => {
      throw new Error('HTTP has no sessions')
    }
    const protocol = { troubles: TROUBLES, ipv6Only, maxSessions, limit: '--max-peers', session } as const
    this.#sessions = new SessionServer({ ...protocol, counted: 'connections' }, admission, turns, host)
    this.#tls = new TlsListeners(options.tlsFiles, this.#sessions, host)
  }

  /** Something is still to be read, or an answer to be sent. */
  get isReady(): boolean {
    return this.#deliveries.length > 0 || this.#open > 0
  }

  takeDeliveries(): readonly Delivery[] {
    const deliveries = this.#deliveries
    if (deliveries.length > 0) this.#deliveries = []
    return deliveries
  }

  /** Says what went wrong since the last call. */
  tell(): void {
    this.#sessions.tell()
  }

  async reload(): Promise<void> {
    await this.#tls.reload()
  }

  *readings(): Iterable<Reading> {
    for (const reading of this.#sessions.readings()) if (reading.name === 'listening') yield reading
    yield { name: 'https_notif_requests', value: this.#open }
    yield { name: 'https_notif_held_octets', value: this.#heldOctets }
  }

  /** No new connections, and no second request on those that are there. */
  end(): void {
    this.#isEnding = true
    this.#sessions.stopListening()
  }

  close(): void {
    this.#sessions.close()
  }

  async #listen(): Promise<void> {
    const { createServer } = await import('node:https')
    const { https, idleMs } = this.#options
    await this.#tls.listen(https, 'https', options => {
      const times = { keepAliveTimeout: idleMs, requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }
      const server = createServer({ ...options, ...times }, this.#request)
      // Who asks before it sends a long body is told before whether it may.
      server.on('checkContinue', this.#request)
      return server
    })
  }

  readonly #request = (request: IncomingMessage, response: ServerResponse): void => {
    this.#open++
    response.on('close', () => {
      this.#open--
      this.#turns.ring()
    })
    if (this.#isEnding) response.setHeader('Connection', 'close')
    const { method = '' } = request
    const resource = resourceOf(request.url ?? '')
    if (!resource) this.#refuse(response, 404, 'there are capabilities and relay-notification')
    else if (!METHODS[resource].includes(method)) {
      response.setHeader('Allow', METHODS[resource].join(', '))
      this.#refuse(response, 405, `${resource} has no ${method}`)
    } else if (resource === 'capabilities') this.#capabilities(request, response)
    else this.#notification(request, response)
  }

  #capabilities({ headers, method }: IncomingMessage, response: ServerResponse): void {
    const type = answerType(headers.accept)
    if (type === undefined) {
      this.#refuse(response, 406, `there is ${ACCEPTED}`)
      return
    }
    const body = Buffer.from(capabilities(type))
    this.#host.count('https-notif/200')
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': body.length, 'Cache-Control': 'no-cache' })
    response.end(method === 'HEAD' ? undefined : body)
  }

  #notification(request: IncomingMessage, response: ServerResponse): void {
    const { headers } = request
    const encoding = encodingOf(headers['content-type'])
    const coding = headers['content-encoding'] ?? 'identity'
    if (!encoding || coding !== 'identity') {
      response.setHeader('Accept', ACCEPTED)
      response.setHeader('Accept-Encoding', 'identity')
      this.#refuse(response, 415, 'the body has another media type, or is compressed')
    } else if (Number(headers['content-length'] ?? 0) > this.#options.maxMessageOctets) this.#tooLong(response)
    else if (this.#heldOctets > HELD_OCTETS) this.#putOff(response, 'there is too much to be read already')
    else {
      if (headers.expect !== undefined) response.writeContinue()
      this.#body(request, response, encoding)
    }
  }

  #body(request: IncomingMessage, response: ServerResponse, encoding: BodyEncoding): void {
    const { maxMessageOctets } = this.#options
    const parts: Buffer[] = []
    let octets = 0
    response.on('close', () => {
      this.#heldOctets -= octets
    })
    request.on('data', (part: Buffer) => {
      if (response.headersSent) return
      octets += part.length
      this.#heldOctets += part.length
      if (octets > maxMessageOctets) this.#tooLong(response)
      else parts.push(part)
    })
    request.on('error', () => this.#host.count('https-notif/aborted'))
    request.on('end', () => {
      if (response.headersSent) return
      const { remoteAddress = '', remotePort = 0 } = request.socket
      const peer = { ...exporterAddress(remoteAddress), port: remotePort }
      const answer = (problem: Problem | undefined) => this.#answer(response, problem)
      const body = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
      this.#deliveries.push({ peer, encoding, octets: body, timeUs: this.#turns.nowUs(), answer })
      this.#turns.ring()
    })
  }

  #answer(response: ServerResponse, problem: Problem | undefined): void {
    if (!problem) {
      this.#host.count('https-notif/204')
      response.writeHead(204)
      response.end()
    } else if (problem.code === BUSY) this.#putOff(response, problem.message)
    else this.#refuse(response, 400, problem.message)
  }

  /** The rest of the body would be in the way of the next request. */
  #tooLong(response: ServerResponse): void {
    response.setHeader('Connection', 'close')
    this.#refuse(response, 413, `more than ${this.#options.maxMessageOctets} octets (--max-message)`)
  }

  #putOff(response: ServerResponse, detail: string): void {
    response.setHeader('Retry-After', RETRY_SECONDS)
    this.#refuse(response, 503, detail)
  }

  /** RFC 9457. */
  #refuse(response: ServerResponse, status: number, detail: string): void {
    this.#host.count(`https-notif/${status}`)
    response.writeHead(status, { 'Content-Type': 'application/problem+json' })
    response.end(`${JSON.stringify({ status, detail })}\n`)
  }
}
