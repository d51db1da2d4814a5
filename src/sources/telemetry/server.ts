// Nodes that send telemetry over TCP and TLS.
import type { Socket } from 'node:net'
import type { Host, Reading } from '../../contract/host.ts'
import type { Admission } from '../admission.ts'
import type { ListenAddress } from '../listen-address.ts'
import { SessionServer, type Trouble, type Troubles } from '../session-server.ts'
import { TlsListeners } from '../tls-listeners.ts'
import type { Turns } from '../turns.ts'
import type { TelemetryServerOptions } from './options.ts'
import { TelemetrySession } from './session.ts'

/** Also of HTTPS. */
export const TLS_TROUBLE: Trouble = {
  code: 'telemetry-session/handshake',
  message: 'a TLS handshake failed',
  hint: "the node's certificate must be one that --tls-ca vouches for; ours one that it trusts",
  note: true,
}

const TROUBLES: Troubles = {
  accept: { code: 'telemetry-session/accept', message: 'a connection could not be accepted', note: true },
  tooMany: {
    code: 'telemetry-session/too-many',
    message: 'a node was refused: there are --max-peers of them',
    hint: 'raise --max-peers, or name who may send with --allow',
    note: true,
  },
  connection: { code: 'telemetry-session/connection', message: 'a connection broke', note: true },
  handshake: TLS_TROUBLE,
}

export class TelemetryServer {
  readonly #admission: Admission
  readonly #sessions: SessionServer<TelemetrySession>
  readonly #tls: TlsListeners<TelemetrySession>

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
      if (options.tls.length > 0) await server.#openTls(options.tls)
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
    this.#tls = new TlsListeners(options.tlsFiles, this.#sessions, host)
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

  /** Certificates and keys are read again, and sessions closed whose address is no longer allowed. */
  async reload(): Promise<void> {
    for (const session of this.#sessions.sessions) {
      if (!this.#admission.has(session.peer.address)) this.#sessions.end(session)
    }
    await this.#tls.reload()
  }

  readings(): Iterable<Reading> {
    return this.#sessions.readings()
  }

  close(): void {
    this.#sessions.close()
  }

  async #openTls(places: readonly ListenAddress[]): Promise<void> {
    const { createServer } = await import('node:tls')
    await this.#tls.listen(places, 'tls', options =>
      createServer(options, socket => this.#sessions.open(socket, false)),
    )
  }
}
