// Nodes that send telemetry over TCP.
import type { Socket } from 'node:net'
import type { Host, Reading } from '../../contract/host.ts'
import type { Admission } from '../admission.ts'
import { SessionServer, type Troubles } from '../session-server.ts'
import type { Turns } from '../turns.ts'
import type { TelemetryServerOptions } from './options.ts'
import { TelemetrySession } from './session.ts'

const TROUBLES: Troubles = {
  accept: { code: 'telemetry-session/accept', message: 'a connection could not be accepted', note: true },
  tooMany: {
    code: 'telemetry-session/too-many',
    message: 'a node was refused: there are --max-peers of them',
    hint: 'raise --max-peers, or name who may send with --allow',
    note: true,
  },
  connection: { code: 'telemetry-session/connection', message: 'a connection broke', note: true },
}

export class TelemetryServer {
  readonly #admission: Admission
  readonly #sessions: SessionServer<TelemetrySession>

  /** Throws a ProblemError when a socket cannot be opened. */
  static async open(
    options: TelemetryServerOptions,
    admission: Admission,
    turns: Turns,
    host: Host,
  ): Promise<TelemetryServer> {
    const server = new TelemetryServer(options, admission, turns, host)
    try {
      for (const where of options.tcp) await server.#sessions.listenTcp(where)
      return server
    } catch (error) {
      server.close()
      throw error
    }
  }

  private constructor(options: TelemetryServerOptions, admission: Admission, turns: Turns, host: Host) {
    const { ipv6Only, maxSessions, idleMs } = options
    const session = (socket: Socket) => {
      const made = new TelemetrySession(socket)
      socket.setKeepAlive(true)
      socket.setTimeout(idleMs, () => {
        if (this.#sessions.isWaiting(made)) return // we are the slow ones
        host.count('sessions-idle')
        this.#sessions.end(made)
      })
      return made
    }
    const protocol = { troubles: TROUBLES, ipv6Only, maxSessions, limit: '--max-peers', session } as const
    this.#admission = admission
    this.#sessions = new SessionServer({ ...protocol, counted: 'connections' }, admission, turns, host)
  }

  get isReady(): boolean {
    return this.#sessions.isReady
  }

  get sessions(): Iterable<TelemetrySession> {
    return this.#sessions.sessions
  }

  /** Sessions that have octets, or ended, since the last call. */
  takeReady(): Iterable<TelemetrySession> {
    return this.#sessions.takeReady()
  }

  /** Ends a session. */
  forget(session: TelemetrySession): void {
    session.close()
    this.#sessions.forget(session)
  }

  /** Says what went wrong since the last call; call it from the stream, because under --strict a problem ends that. */
  tell(): void {
    this.#sessions.tell()
  }

  /** Closes sessions whose address is no longer allowed. */
  reload(): void {
    for (const session of this.#sessions.sessions) {
      if (!this.#admission.has(session.peer.address)) this.#sessions.end(session)
    }
  }

  readings(): Iterable<Reading> {
    return this.#sessions.readings()
  }

  close(): void {
    this.#sessions.close()
  }
}
