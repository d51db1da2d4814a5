// The sockets of a BGP speaker: who comes in, whom we call, and which peers have something to be read.
import type { Socket } from 'node:net'
import type { Reading } from '../../contract/host.ts'
import { writeNotification } from '../../wire/bgp/message.ts'
import { CEASE } from '../../wire/bgp/notification.ts'
import type { Admission } from '../admission.ts'
import { SessionServer, type Troubles } from '../session-server.ts'
import type { TcpSockets } from '../tcp-sockets.ts'
import type { Turns } from '../turns.ts'
import type { BgpOptions } from './bgp-options.ts'
import { BgpPeer, type PeerContext } from './peer.ts'

/** Between two calls to a peer that does not answer, or left. */
const CONNECT_RETRY_MS = 5000
const CONNECT_MS = 10_000
/** Subcodes of Cease (RFC 4486). */
const REFUSALS = { denied: 5, 'too-many': 8 } as const

const TROUBLES: Troubles = {
  accept: { code: 'bgp-session/accept', message: 'a connection could not be accepted' },
  tooMany: {
    code: 'bgp-session/too-many',
    message: 'a peer was refused: there are --max-peers of them',
    hint: 'raise --max-peers, or name who may come with --allow',
  },
  connect: {
    code: 'bgp-session/connect',
    message: 'a peer of --connect could not be reached; it is called again',
    hint: 'look whether it listens there and knows our address; with --md5-file, whether both keys are the same',
  },
}

export class BgpSpeaker {
  readonly #options: BgpOptions
  readonly #server: SessionServer<BgpPeer>

  constructor(
    options: BgpOptions,
    context: PeerContext,
    admission: Admission,
    turns: Turns,
    sockets: TcpSockets | undefined,
  ) {
    this.#options = options
    const { ipv6Only, maxPeers, localAddress } = options
    const protocol = { troubles: TROUBLES, ipv6Only, maxSessions: maxPeers, limit: '--max-peers', sockets }
    const calls = { againMs: CONNECT_RETRY_MS, answerMs: CONNECT_MS, localAddress }
    const session = (socket: Socket, isOurs: boolean) => {
      socket.setNoDelay(true)
      return new BgpPeer(socket, isOurs, context, turns.nowUs() / 1000)
    }
    this.#server = new SessionServer(
      { ...protocol, counted: 'sessions', calls, session, refuse },
      admission,
      turns,
      context.host,
    )
  }

  get peers(): Iterable<BgpPeer> {
    return this.#server.sessions
  }

  /** Throws a ProblemError when a socket cannot be opened. */
  async open(): Promise<void> {
    for (const where of this.#options.listen) await this.#server.listenTcp(where)
    for (const where of this.#options.connect) this.#server.call(where)
  }

  /** Peers that have octets, or ended, since the last call. */
  takeReady(): Iterable<BgpPeer> {
    return this.#server.takeReady()
  }

  forget(peer: BgpPeer): void {
    this.#server.forget(peer)
  }

  /** Timers of all sessions. */
  tick(nowMs: number): void {
    for (const peer of this.#server.sessions) {
      peer.tick(nowMs)
      if (peer.problem) this.#server.wake(peer)
    }
  }

  /** Says what went wrong since the last call; call it from the stream, because under --strict a problem ends that. */
  tell(): void {
    this.#server.tell()
  }

  readings(): Iterable<Reading> {
    return this.#server.readings()
  }

  /** No new connections; those that are there go on. */
  stopListening(): void {
    this.#server.stopListening()
  }

  close(): void {
    this.#server.close()
  }
}

/** Says no to a connection before its session begins. */
function refuse(socket: Socket, why: keyof typeof REFUSALS): void {
  socket.end(writeNotification(CEASE, REFUSALS[why]))
  socket.destroySoon()
}
