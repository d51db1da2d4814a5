// The station's sockets: routers that come, routers it goes to, how many and who. A session that is not read is not
// filled either: its socket waits, and with it the router.
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Host, Reading } from '../../contract/host.ts'
import type { Problem } from '../../contract/problem.ts'
import type { Admission } from '../admission.ts'
import { addressText, type ListenAddress } from '../listen-address.ts'
import { listenProblem } from '../listen-problem.ts'
import { exporterAddress } from '../socket-peers.ts'
import type { Turns } from '../turns.ts'
import type { BmpStationOptions } from './options.ts'
import { BmpSession } from './session.ts'

/** After a connection ended or failed, the next attempt. */
const CONNECT_AGAIN_MS = 10_000
/** Problems that wait for being told; more are only counted. */
const PROBLEMS = 100

export class BmpStation {
  readonly #options: BmpStationOptions
  readonly #admission: Admission
  readonly #turns: Turns
  readonly #host: Host
  readonly #servers: { readonly server: Server; readonly name: string }[] = []
  readonly #connections = new Set<Socket>()
  readonly #sessions = new Set<BmpSession>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #ready = new Set<BmpSession>()
  #problems: Problem[] = []
  #closed = false

  /** Throws a ProblemError when a socket cannot be opened. */
  static async open(options: BmpStationOptions, admission: Admission, turns: Turns, host: Host): Promise<BmpStation> {
    const station = new BmpStation(options, admission, turns, host)
    try {
      for (const where of options.listen) await station.#listen(where)
      for (const where of options.connect) station.#connect(where)
      return station
    } catch (error) {
      station.close()
      throw error
    }
  }

  private constructor(options: BmpStationOptions, admission: Admission, turns: Turns, host: Host) {
    this.#options = options
    this.#admission = admission
    this.#turns = turns
    this.#host = host
  }

  get isReady(): boolean {
    return this.#ready.size > 0
  }

  get sessions(): Iterable<BmpSession> {
    return this.#sessions
  }

  /** Sessions that have octets, or ended, since the last call. */
  takeReady(): Iterable<BmpSession> {
    if (this.#ready.size === 0) return []
    const ready = this.#ready
    this.#ready = new Set()
    return ready
  }

  /** Whether the router of a session may be there; by the PROXY header, where it has one. */
  admits(session: BmpSession): boolean {
    return !this.#options.proxyProtocol || this.#admission.allows(session.address)
  }

  /** Ends a session. */
  forget(session: BmpSession): void {
    session.close()
    if (this.#sessions.delete(session)) this.#host.count('sessions-closed')
  }

  /** Says what went wrong since the last call; call it from the stream, because under --strict a problem ends that. */
  tell(): void {
    const problems = this.#problems
    this.#problems = []
    for (const problem of problems) this.#host.report(problem)
  }

  /** Closes sessions whose address is no longer allowed. */
  reload(): void {
    for (const session of this.#sessions) if (!this.#admission.has(session.address)) this.#end(session)
  }

  *readings(): Iterable<Reading> {
    for (const { name } of this.#servers) yield { name: 'listening', labels: { socket: name }, value: 1 }
    yield { name: 'sessions', value: this.#sessions.size }
    for (const { name, messages, state } of this.#sessions) {
      yield { name: 'session_messages', labels: { session: name }, value: messages }
      yield { name: 'session_peers', labels: { session: name }, value: state?.peers ?? 0 }
    }
  }

  close(): void {
    this.#closed = true
    for (const timer of this.#timers) clearTimeout(timer)
    for (const { server } of this.#servers) server.close()
    for (const socket of this.#connections) socket.destroy()
  }

  async #listen(where: ListenAddress): Promise<void> {
    const { address, port } = where
    const server = createServer(socket => {
      if (this.#admit(socket)) this.#open(socket, this.#options.proxyProtocol)
    })
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        const ipv6Only = this.#options.ipv6Only && !address?.includes('.')
        server.listen({ port, ipv6Only, exclusive: true, ...(address === undefined ? {} : { host: address }) }, resolve)
      })
    } catch (error) {
      throw listenProblem(error, 'tcp', where)
    }
    const bound = server.address() as { address: string; port: number }
    this.#servers.push({ server, name: `tcp ${addressText(bound.address, bound.port)}` })
    server.on('error', error => this.#note('accept', error.message))
  }

  /** Goes to a router that waits for it, again and again. */
  #connect(where: ListenAddress): void {
    const name = addressText(where.address ?? '', where.port)
    const socket = connect({ host: where.address ?? '', port: where.port })
    let opened = false
    socket.on('connect', () => {
      opened = true
      this.#watch(socket, name)
      this.#open(socket, false)
    })
    socket.on('error', error => opened || this.#note('connect', `${name}: ${error.message}`))
    socket.on('close', () => {
      if (this.#closed) return
      const timer = setTimeout(() => {
        this.#timers.delete(timer)
        this.#connect(where)
      }, CONNECT_AGAIN_MS)
      this.#timers.add(timer)
    })
  }

  /** By address and number; destroys the socket when not. */
  #admit(socket: Socket): boolean {
    const { address } = exporterAddress(socket.remoteAddress ?? '')
    if (!this.#options.proxyProtocol && !this.#admission.allows(address)) {
      socket.destroy()
      return false
    }
    if (this.#connections.size >= this.#options.maxRouters) {
      this.#host.count('sessions-refused')
      this.#note('too-many', `${address}: refused, there are ${this.#connections.size} sessions already`)
      socket.destroy()
      return false
    }
    this.#watch(socket, address)
    return true
  }

  #watch(socket: Socket, name: string): void {
    this.#connections.add(socket)
    socket.on('close', () => this.#connections.delete(socket))
    socket.on('error', error => this.#note('connection', `${name}: ${error.message}`))
    socket.setKeepAlive(true)
  }

  #open(socket: Socket, proxied: boolean): void {
    const session = new BmpSession(socket, proxied)
    this.#sessions.add(session)
    this.#host.count('sessions-opened')
    socket.on('data', chunk => {
      session.receive(chunk, this.#turns.nowUs())
      this.#wake(session)
    })
    socket.on('end', () => this.#end(session))
    socket.on('close', () => this.#end(session))
    socket.on('error', () => this.#end(session))
  }

  #end(session: BmpSession): void {
    session.ended = true
    this.#wake(session)
  }

  #wake(session: BmpSession): void {
    if (!this.#sessions.has(session)) return
    this.#ready.add(session)
    this.#turns.ring()
  }

  #note(what: string, message: string): void {
    if (this.#problems.length < PROBLEMS) this.#problems.push({ code: `bmp-session/${what}`, message })
    this.#turns.ring()
  }
}
