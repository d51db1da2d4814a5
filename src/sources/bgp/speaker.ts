// The sockets of a BGP speaker: who comes in, whom we call, and which peers have something to be read.
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Reading } from '../../contract/host.ts'
import type { Problem } from '../../contract/problem.ts'
import { writeNotification } from '../../wire/bgp/message.ts'
import { CEASE } from '../../wire/bgp/notification.ts'
import type { Admission } from '../admission.ts'
import { addressText, type ListenAddress } from '../listen-address.ts'
import { listenProblem } from '../listen-problem.ts'
import { exporterAddress } from '../socket-peers.ts'
import type { Turns } from '../turns.ts'
import type { BgpConnect, BgpOptions } from './bgp-options.ts'
import { BgpPeer, type PeerContext } from './peer.ts'

/** Between two calls to a peer that does not answer, or left. */
const CONNECT_RETRY_MS = 5000
const CONNECT_MS = 10_000
/** Problems that wait for being told; more are only counted. */
const PROBLEMS = 100
const CONNECTION_REJECTED = 5
const OUT_OF_RESOURCES = 8

export class BgpSpeaker {
  readonly #options: BgpOptions
  readonly #admission: Admission
  readonly #turns: Turns
  readonly #context: PeerContext
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()
  readonly #peers = new Set<BgpPeer>()
  #ready = new Set<BgpPeer>()
  #problems: Problem[] = []
  #isClosed = false

  constructor(options: BgpOptions, context: PeerContext, admission: Admission, turns: Turns) {
    this.#options = options
    this.#context = context
    this.#admission = admission
    this.#turns = turns
  }

  get peers(): Iterable<BgpPeer> {
    return this.#peers
  }

  get isReady(): boolean {
    return this.#ready.size > 0
  }

  /** Throws a ProblemError when a socket cannot be opened. */
  async open(): Promise<void> {
    for (const where of this.#options.listen) await this.#listen(where)
    for (const where of this.#options.connect) this.#call(where)
  }

  /** Peers that have octets, or ended, since the last call. */
  takeReady(): Iterable<BgpPeer> {
    const ready = this.#ready
    this.#ready = new Set()
    return ready
  }

  forget(peer: BgpPeer): void {
    if (this.#peers.delete(peer)) this.#context.host.count('sessions-closed')
  }

  /** Timers of all sessions. */
  tick(nowMs: number): void {
    for (const peer of this.#peers) {
      peer.tick(nowMs)
      if (peer.problem) this.#wake(peer)
    }
  }

  /** Says what went wrong since the last call; call it from the stream, because under --strict a problem ends that. */
  tell(): void {
    const problems = this.#problems
    this.#problems = []
    for (const problem of problems) this.#context.host.report(problem)
  }

  *readings(): Iterable<Reading> {
    for (const server of this.#servers) {
      const bound = server.address() as { address: string; port: number } | null
      if (!bound) continue
      yield { name: 'listening', labels: { socket: `tcp ${addressText(bound.address, bound.port)}` }, value: 1 }
    }
    yield { name: 'sessions', value: this.#peers.size }
    for (const { name, messages } of this.#peers) {
      yield { name: 'session_messages', labels: { session: name }, value: messages }
    }
  }

  /** No new connections; those that are there go on. */
  stopListening(): void {
    this.#isClosed = true
    for (const server of this.#servers) server.close()
  }

  close(): void {
    this.stopListening()
    for (const socket of this.#sockets) socket.destroy()
  }

  async #listen(where: ListenAddress): Promise<void> {
    const server = createServer({ allowHalfOpen: false }, socket => this.#accept(socket))
    const { address, port } = where
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        const ipv6Only = this.#options.ipv6Only && !address?.includes('.')
        server.listen({ port, ipv6Only, exclusive: true, ...(address === undefined ? {} : { host: address }) }, resolve)
      })
    } catch (error) {
      throw listenProblem(error, 'tcp', where)
    }
    server.on('error', error => this.#note('accept', error.message))
    this.#servers.push(server)
  }

  #accept(socket: Socket): void {
    const { address } = exporterAddress(socket.remoteAddress ?? '')
    socket.on('error', () => {})
    if (!this.#admission.allows(address)) refuse(socket, CONNECTION_REJECTED)
    else if (this.#peers.size >= this.#options.maxPeers) {
      this.#context.host.count('sessions-refused')
      this.#note('too-many', `${address}: refused, there are ${this.#peers.size} sessions already (--max-peers)`)
      refuse(socket, OUT_OF_RESOURCES)
    } else this.#add(socket, false)
  }

  /** Calls a peer, again and again. */
  #call(where: BgpConnect): void {
    const { localAddress } = this.#options
    const socket = connect({
      host: where.address,
      port: where.port,
      ...(localAddress === undefined ? {} : { localAddress }),
    })
    this.#sockets.add(socket)
    const timer = setTimeout(() => socket.destroy(new Error('no answer')), CONNECT_MS)
    let isConnected = false
    socket.on('connect', () => {
      isConnected = true
      clearTimeout(timer)
      this.#add(socket, true)
    })
    socket.on('error', error => {
      if (!isConnected) this.#note('connect', `${addressText(where.address, where.port)}: ${error.message}`)
    })
    socket.on('close', () => {
      clearTimeout(timer)
      this.#sockets.delete(socket)
      if (!this.#isClosed) setTimeout(() => this.#isClosed || this.#call(where), CONNECT_RETRY_MS).unref()
    })
  }

  #add(socket: Socket, isOurs: boolean): void {
    socket.setNoDelay(true)
    const peer = new BgpPeer(socket, isOurs, this.#context, this.#turns.nowUs() / 1000)
    this.#peers.add(peer)
    this.#sockets.add(socket)
    this.#context.host.count('sessions-opened')
    const end = () => {
      peer.ended = true
      this.#wake(peer)
    }
    socket.on('data', chunk => {
      if (peer.session.state === 'ended') return
      peer.receive(chunk, this.#turns.nowUs())
      this.#wake(peer)
    })
    socket.on('end', end)
    socket.on('error', end)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      end()
    })
  }

  #wake(peer: BgpPeer): void {
    if (!this.#peers.has(peer)) return
    this.#ready.add(peer)
    this.#turns.ring()
  }

  #note(what: string, message: string): void {
    if (this.#problems.length < PROBLEMS) this.#problems.push({ code: `bgp-session/${what}`, message })
    this.#turns.ring()
  }
}

/** Says no to a connection before its session begins. */
function refuse(socket: Socket, subcode: number): void {
  socket.end(writeNotification(CEASE, subcode))
  socket.destroySoon()
}
