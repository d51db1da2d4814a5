// Sessions over TCP, whatever they speak: who comes in, whom we call, and who has octets to be read. A session that is
// not read is not filled either: its socket waits, and with it the sender.
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Host, Reading } from '../contract/host.ts'
import type { Problem } from '../contract/problem.ts'
import type { Admission } from './admission.ts'
import { addressText, type ListenAddress } from './listen-address.ts'
import { exporterAddress } from './socket-peers.ts'
import { listenTcp } from './tcp-listen.ts'
import type { TcpSockets } from './tcp-sockets.ts'
import type { Turns } from './turns.ts'

/** Problems that wait for being told; more are only counted. */
const PROBLEMS = 100

/** What the server needs to know of a session. */
export interface ServedSession {
  readonly name: string
  readonly messages: number
  /** No more octets will come. */
  ended: boolean
  /** Takes what the socket gave. */
  receive(chunk: Uint8Array, timeUs: number): void
}

/** A kind of trouble with connections; the message of each case says more. */
export type Trouble = Omit<Problem, 'reference'>
/** A kind that is not here is not told. */
export interface Troubles {
  readonly accept: Trouble
  readonly tooMany: Trouble
  readonly connect?: Trouble
  readonly connection?: Trouble
  readonly handshake?: Trouble
}

/** What differs between protocols. */
export interface Protocol<Session extends ServedSession> {
  readonly troubles: Troubles
  readonly ipv6Only: boolean
  readonly maxSessions: number
  /** The flag that sets it. */
  readonly limit: string
  /** What maxSessions is the limit of: sessions, or connections, whose handshake may still be going on. */
  readonly counted: 'sessions' | 'connections'
  /** A connection is open. `isOurs`: we called. */
  session(socket: Socket, isOurs: boolean): Session
  /** Whether an address may connect; without it the admission says so. */
  allows?(address: string): boolean
  /** Says no to a connection; without it the socket is destroyed. */
  refuse?(socket: Socket, why: 'denied' | 'too-many'): void
  /** How sessions that we open are opened. */
  readonly calls?: Calls
  /** Options of sockets that Node.js does not have. */
  readonly sockets?: TcpSockets | undefined
}

export interface Calls {
  /** After a call failed or its session ended, the next one. */
  readonly againMs: number
  /** A call that nobody answers is given up. */
  readonly answerMs: number
  readonly localAddress: string | undefined
}

/** Address and port of someone to call. */
export interface CallAddress {
  readonly address: string
  readonly port: number
}

export class SessionServer<Session extends ServedSession> {
  readonly #protocol: Protocol<Session>
  readonly #admission: Admission
  readonly #turns: Turns
  readonly #host: Host
  readonly #servers: { readonly server: Server; readonly name: string }[] = []
  readonly #connections = new Set<Socket>()
  readonly #sessions = new Set<Session>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #ready = new Set<Session>()
  #problems: Problem[] = []
  #isClosed = false

  constructor(protocol: Protocol<Session>, admission: Admission, turns: Turns, host: Host) {
    this.#protocol = protocol
    this.#admission = admission
    this.#turns = turns
    this.#host = host
  }

  get isReady(): boolean {
    return this.#ready.size > 0
  }

  get sessions(): ReadonlySet<Session> {
    return this.#sessions
  }

  /** Sessions that have octets, or ended, since the last call. */
  takeReady(): Iterable<Session> {
    if (this.#ready.size === 0) return []
    const ready = this.#ready
    this.#ready = new Set()
    return ready
  }

  /** Whether the session waits for being read. */
  isWaiting(session: Session): boolean {
    return this.#ready.has(session)
  }

  /** The session is over; true when that was not known yet. */
  forget(session: Session): boolean {
    const isKnown = this.#sessions.delete(session)
    if (isKnown) this.#host.count('sessions-closed')
    return isKnown
  }

  /** Says what went wrong since the last call; call it from the stream, because under --strict a problem ends that. */
  tell(): void {
    const problems = this.#problems
    this.#problems = []
    for (const problem of problems) this.#host.report(problem)
  }

  *readings(): Iterable<Reading> {
    for (const { name } of this.#servers) yield { name: 'listening', labels: { socket: name }, value: 1 }
    yield { name: 'sessions', value: this.#sessions.size }
    for (const { name, messages } of this.#sessions) {
      yield { name: 'session_messages', labels: { session: name }, value: messages }
    }
  }

  /** No new connections; those that are there go on. */
  stopListening(): void {
    this.#isClosed = true
    for (const timer of this.#timers) clearTimeout(timer)
    for (const { server } of this.#servers) server.close()
  }

  close(): void {
    this.stopListening()
    for (const socket of this.#connections) socket.destroy()
  }

  /** Listens for plain TCP. Throws a ProblemError when the socket cannot be opened. */
  async listenTcp(where: ListenAddress): Promise<void> {
    const server = createServer({ allowHalfOpen: false }, socket => {
      if (this.admit(socket)) this.open(socket, false)
    })
    await this.listen(server, 'tcp', where)
  }

  /** Lets a server listen. Throws a ProblemError when it cannot. */
  async listen(server: Server, transport: string, where: ListenAddress): Promise<void> {
    const { sockets } = this.#protocol
    const ipv6Only = this.#protocol.ipv6Only && !where.address?.includes('.')
    const name = await listenTcp(server, transport, where, usual =>
      sockets ? { fd: sockets.bound(where, ipv6Only) } : { ...usual, ipv6Only },
    )
    this.#servers.push({ server, name })
    server.on('error', error => this.note('accept', error.message))
  }

  /** Whether a connection may stay, by address and number; refuses it when not. */
  admit(socket: Socket): boolean {
    const { allows, counted, maxSessions, limit } = this.#protocol
    const { address } = exporterAddress(socket.remoteAddress ?? '')
    socket.on('error', error => this.note('connection', `${address}: ${error.message}`))
    if (!(allows ? allows(address) : this.#admission.allows(address))) return this.#refuse(socket, 'denied')
    const there = counted === 'sessions' ? this.#sessions.size : this.#connections.size
    if (there >= maxSessions) {
      this.#host.count('sessions-refused')
      this.note('tooMany', `${address}: refused, there are ${there} sessions already (${limit})`)
      return this.#refuse(socket, 'too-many')
    }
    this.#keep(socket)
    return true
  }

  /** Begins the session of a connection. */
  open(socket: Socket, isOurs: boolean): void {
    const session = this.#protocol.session(socket, isOurs)
    this.#sessions.add(session)
    this.#host.count('sessions-opened')
    const end = () => this.end(session)
    socket.on('data', chunk => {
      session.receive(chunk, this.#turns.nowUs())
      this.wake(session)
    })
    socket.on('end', end)
    socket.on('error', end)
    socket.on('close', end)
  }

  /** Calls someone, again and again. */
  call(where: CallAddress): void {
    const { localAddress, answerMs, againMs } = this.#protocol.calls as Calls
    const name = addressText(where.address, where.port)
    const options = { host: where.address, port: where.port, ...(localAddress === undefined ? {} : { localAddress }) }
    const { sockets } = this.#protocol
    const socket = sockets ? sockets.connecting(where.address).connect(options) : connect(options)
    this.#keep(socket)
    const timer = setTimeout(() => socket.destroy(new Error('no answer')), answerMs)
    let isConnected = false
    socket.on('connect', () => {
      isConnected = true
      clearTimeout(timer)
      this.open(socket, true)
    })
    socket.on('error', error => this.note(isConnected ? 'connection' : 'connect', `${name}: ${error.message}`))
    socket.on('close', () => {
      clearTimeout(timer)
      if (this.#isClosed) return
      const again = setTimeout(() => {
        this.#timers.delete(again)
        this.call(where)
      }, againMs)
      this.#timers.add(again)
    })
  }

  end(session: Session): void {
    session.ended = true
    this.wake(session)
  }

  /** Lets the session be read in this turn. */
  wake(session: Session): void {
    if (!this.#sessions.has(session)) return
    this.#ready.add(session)
    this.#turns.ring()
  }

  note(kind: keyof Troubles, message: string): void {
    const trouble = this.#protocol.troubles[kind]
    if (trouble && this.#problems.length < PROBLEMS) this.#problems.push({ ...trouble, message })
    this.#turns.ring()
  }

  #keep(socket: Socket): void {
    this.#connections.add(socket)
    socket.on('close', () => this.#connections.delete(socket))
  }

  #refuse(socket: Socket, why: 'denied' | 'too-many'): false {
    const { refuse } = this.#protocol
    if (refuse) refuse(socket, why)
    else socket.destroy()
    return false
  }
}
