// IPFIX sessions over TCP and TLS: who has octets to decode, who came and who left. A session that is not read is not
// filled either: its socket waits, and with it the exporter.
import { createServer, type Server, type Socket } from 'node:net'
import type { Host, Reading } from '../contract/host.ts'
import { type Problem, ProblemError } from '../contract/problem.ts'
import type { Admission } from './admission.ts'
import { IpfixSession } from './ipfix-session.ts'
import { addressText, type ListenAddress } from './listen-address.ts'
import { listenProblem } from './listen-problem.ts'
import { exporterAddress } from './socket-peers.ts'
import { readTlsFiles, type TlsFiles } from './tls-files.ts'
import type { Turns } from './turns.ts'

export interface IpfixServerOptions {
  readonly tcp: readonly ListenAddress[]
  readonly tls: readonly ListenAddress[]
  readonly tlsFiles: TlsFiles | undefined
  readonly ipv6Only: boolean
  readonly maxSessions: number
  /** A session that is silent for so long is closed. */
  readonly idleMs: number
}

/** A handshake that takes longer is given up. */
const HANDSHAKE_MS = 10_000
/** Problems that wait for being told; more are only counted. */
const PROBLEMS = 100

type TlsServer = import('node:tls').Server

export class IpfixServer {
  readonly #options: IpfixServerOptions
  readonly #admission: Admission
  readonly #turns: Turns
  readonly #host: Host
  readonly #servers: { readonly server: Server; readonly name: string }[] = []
  #tls: TlsServer[] = []
  readonly #connections = new Set<Socket>()
  readonly #sessions = new Set<IpfixSession>()
  #ready = new Set<IpfixSession>()
  #problems: Problem[] = []

  /** Throws a ProblemError when a socket cannot be opened. */
  static async open(options: IpfixServerOptions, admission: Admission, turns: Turns, host: Host): Promise<IpfixServer> {
    const server = new IpfixServer(options, admission, turns, host)
    try {
      for (const where of options.tcp) await server.#listen(server.#plainServer(), 'tcp', where)
      if (options.tls.length > 0) await server.#openTls()
      return server
    } catch (error) {
      server.close()
      throw error
    }
  }

  private constructor(options: IpfixServerOptions, admission: Admission, turns: Turns, host: Host) {
    this.#options = options
    this.#admission = admission
    this.#turns = turns
    this.#host = host
  }

  get isReady(): boolean {
    return this.#ready.size > 0
  }

  /** Sessions that have octets, or ended, since the last call. */
  takeReady(): Iterable<IpfixSession> {
    if (this.#ready.size === 0) return []
    const ready = this.#ready
    this.#ready = new Set()
    return ready
  }

  /** Ends a session; true when that was still to be done, and the decoder must be told too. */
  forget(session: IpfixSession): boolean {
    session.close()
    const known = this.#sessions.delete(session)
    if (known) this.#host.count('sessions-closed')
    return known
  }

  /** Says what went wrong since the last call; call it from the stream, because under --strict a problem ends that. */
  tell(): void {
    const problems = this.#problems
    this.#problems = []
    for (const problem of problems) this.#host.report(problem)
  }

  /** Certificates and keys are read again, and sessions closed whose address is no longer allowed. */
  async reload(): Promise<void> {
    const { tlsFiles } = this.#options
    for (const session of this.#sessions) if (!this.#admission.has(session.peer.address)) this.#end(session)
    if (!tlsFiles || this.#tls.length === 0) return
    try {
      const secrets = await readTlsFiles(tlsFiles)
      for (const server of this.#tls) server.setSecureContext(secrets)
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      this.#host.report(error.problem)
    }
  }

  *readings(): Iterable<Reading> {
    for (const { name } of this.#servers) yield { name: 'listening', labels: { socket: name }, value: 1 }
    yield { name: 'sessions', value: this.#sessions.size }
    for (const { name, messages } of this.#sessions) {
      yield { name: 'session_messages', labels: { session: name }, value: messages }
    }
  }

  close(): void {
    for (const { server } of this.#servers) server.close()
    for (const socket of this.#connections) socket.destroy()
  }

  async #listen(server: Server, transport: string, where: ListenAddress): Promise<void> {
    const { address, port } = where
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        const ipv6Only = this.#options.ipv6Only && !address?.includes('.')
        server.listen({ port, ipv6Only, exclusive: true, ...(address === undefined ? {} : { host: address }) }, resolve)
      })
    } catch (error) {
      throw listenProblem(error, transport, where)
    }
    const bound = server.address() as { address: string; port: number }
    this.#servers.push({ server, name: `${transport} ${addressText(bound.address, bound.port)}` })
    server.on('error', error => this.#note('accept', error.message))
  }

  #plainServer(): Server {
    return createServer(socket => {
      if (this.#admit(socket)) this.#open(socket)
    })
  }

  async #openTls(): Promise<void> {
    const { tlsFiles, tls } = this.#options
    const { createServer: createTlsServer } = await import('node:tls')
    const secrets = await readTlsFiles(tlsFiles)
    const verify = secrets.ca !== undefined
    for (const where of tls) {
      const options = { ...secrets, requestCert: verify, rejectUnauthorized: verify, handshakeTimeout: HANDSHAKE_MS }
      const server = createTlsServer(options, socket => this.#open(socket))
      server.on('connection', socket => this.#admit(socket))
      server.on('tlsClientError', (error, socket) => {
        this.#host.count('tls-handshakes-failed')
        this.#note('handshake', `${socket.remoteAddress ?? 'a client that left'}: TLS: ${error.message}`)
      })
      this.#tls.push(server)
      await this.#listen(server, 'tls', where)
    }
  }

  /** By address and number; destroys the socket when not. */
  #admit(socket: Socket): boolean {
    const { address } = exporterAddress(socket.remoteAddress ?? '')
    if (!this.#admission.allows(address)) {
      socket.destroy()
      return false
    }
    if (this.#connections.size >= this.#options.maxSessions) {
      this.#host.count('sessions-refused')
      this.#note('too-many', `${address}: refused, there are ${this.#connections.size} sessions already`)
      socket.destroy()
      return false
    }
    this.#connections.add(socket)
    socket.on('close', () => this.#connections.delete(socket))
    socket.on('error', error => this.#note('connection', `${address}: ${error.message}`))
    socket.setKeepAlive(true)
    return true
  }

  #open(socket: Socket): void {
    const session = new IpfixSession(socket)
    this.#sessions.add(session)
    this.#host.count('sessions-opened')
    socket.on('data', chunk => {
      session.receive(chunk, this.#turns.nowUs())
      this.#wake(session)
    })
    socket.on('end', () => this.#end(session))
    socket.on('close', () => this.#end(session))
    socket.on('error', () => this.#end(session))
    socket.setTimeout(this.#options.idleMs, () => {
      if (this.#ready.has(session)) return // we are the slow ones
      this.#host.count('sessions-idle')
      this.#end(session)
    })
  }

  #end(session: IpfixSession): void {
    session.ended = true
    this.#wake(session)
  }

  #wake(session: IpfixSession): void {
    if (!this.#sessions.has(session)) return
    this.#ready.add(session)
    this.#turns.ring()
  }

  #note(what: string, message: string): void {
    if (this.#problems.length < PROBLEMS) this.#problems.push({ note: true, code: `ipfix-session/${what}`, message })
    this.#turns.ring()
  }
}
