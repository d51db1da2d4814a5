// The station's sockets: routers that come, and routers it goes to.
import type { Socket } from 'node:net'
import type { Host, Reading } from '../../contract/host.ts'
import type { Admission } from '../admission.ts'
import { type CallAddress, SessionServer, type Troubles } from '../session-server.ts'
import type { Turns } from '../turns.ts'
import type { BmpStationOptions } from './options.ts'
import { BmpSession } from './session.ts'

/** After a connection ended or failed, the next attempt. */
const CONNECT_AGAIN_MS = 10_000
const ANSWER_MS = 10_000

const TROUBLES: Troubles = {
  accept: { code: 'bmp-session/accept', message: 'a connection could not be accepted' },
  tooMany: {
    code: 'bmp-session/too-many',
    message: 'a router was refused: there are --max-peers of them',
    hint: 'raise --max-peers, or name who may come with --allow',
  },
  connect: {
    code: 'bmp-session/connect',
    message: 'a router of --connect could not be reached; it is tried again',
    hint: 'look whether the router listens there for its station',
  },
  connection: { code: 'bmp-session/connection', message: 'a connection broke' },
}

export class BmpStation {
  readonly #options: BmpStationOptions
  readonly #admission: Admission
  readonly #server: SessionServer<BmpSession>

  /** Throws a ProblemError when a socket cannot be opened. */
  static async open(options: BmpStationOptions, admission: Admission, turns: Turns, host: Host): Promise<BmpStation> {
    const station = new BmpStation(options, admission, turns, host)
    try {
      for (const where of options.listen) await station.#server.listenTcp(where)
      for (const where of options.connect) station.#server.call(where as CallAddress)
      return station
    } catch (error) {
      station.close()
      throw error
    }
  }

  private constructor(options: BmpStationOptions, admission: Admission, turns: Turns, host: Host) {
    this.#options = options
    this.#admission = admission
    const { proxyProtocol, ipv6Only, maxRouters } = options
    const protocol = { troubles: TROUBLES, ipv6Only, maxSessions: maxRouters, limit: '--max-peers' }
    const calls = { againMs: CONNECT_AGAIN_MS, answerMs: ANSWER_MS, localAddress: undefined }
    const session = (socket: Socket, isOurs: boolean) => {
      socket.setKeepAlive(true)
      return new BmpSession(socket, proxyProtocol && !isOurs)
    }
    // A proxy is no router: who may come is asked when the PROXY header names the router.
    const allows = (address: string) => proxyProtocol || admission.allows(address)
    const own = { ...protocol, counted: 'connections', calls, session, allows } as const
    this.#server = new SessionServer(own, admission, turns, host)
  }

  get isReady(): boolean {
    return this.#server.isReady
  }

  get sessions(): Iterable<BmpSession> {
    return this.#server.sessions
  }

  /** Sessions that have octets, or ended, since the last call. */
  takeReady(): Iterable<BmpSession> {
    return this.#server.takeReady()
  }

  /** Whether the router of a session may be there; by the PROXY header, where it has one. */
  admits(session: BmpSession): boolean {
    return !this.#options.proxyProtocol || this.#admission.allows(session.address)
  }

  /** Ends a session. */
  forget(session: BmpSession): void {
    session.close()
    this.#server.forget(session)
  }

  /** Says what went wrong since the last call; call it from the stream, because under --strict a problem ends that. */
  tell(): void {
    this.#server.tell()
  }

  /** Closes sessions whose address is no longer allowed. */
  reload(): void {
    for (const session of this.#server.sessions) if (!this.#admission.has(session.address)) this.#server.end(session)
  }

  *readings(): Iterable<Reading> {
    yield* this.#server.readings()
    for (const { name, state } of this.#server.sessions) {
      yield { name: 'session_peers', labels: { session: name }, value: state?.peers ?? 0 }
    }
  }

  close(): void {
    this.#server.close()
  }
}
