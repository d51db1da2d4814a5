// IPFIX sessions over TCP and TLS.
import type { Socket } from 'node:net'
import type { Host, Reading } from '../contract/host.ts'
import type { Admission } from './admission.ts'
import { IpfixSession } from './ipfix-session.ts'
import type { ListenAddress } from './listen-address.ts'
import { SessionServer, type Troubles } from './session-server.ts'
import type { TlsFiles } from './tls-files.ts'
import { TlsListeners } from './tls-listeners.ts'
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

const TROUBLES: Troubles = {
  accept: { code: 'ipfix-session/accept', message: 'a connection could not be accepted', note: true },
  tooMany: {
    code: 'ipfix-session/too-many',
    message: 'a connection was refused: there are --max-sessions of them',
    hint: 'raise --max-sessions, or name who may send with --allow',
    note: true,
  },
  connection: { code: 'ipfix-session/connection', message: 'a connection broke', note: true },
  handshake: {
    code: 'ipfix-session/handshake',
    message: 'a TLS handshake failed',
    hint: "the exporter's certificate must be one that --tls-ca vouches for; ours one that it trusts",
    note: true,
  },
}

export class IpfixServer {
  readonly #options: IpfixServerOptions
  readonly #admission: Admission
  readonly #host: Host
  readonly #sessions: SessionServer<IpfixSession>
  readonly #tls: TlsListeners<IpfixSession>

  /** Throws a ProblemError when a socket cannot be opened. */
  static async open(options: IpfixServerOptions, admission: Admission, turns: Turns, host: Host): Promise<IpfixServer> {
    const server = new IpfixServer(options, admission, turns, host)
    try {
      for (const where of options.tcp) await server.#sessions.listenTcp(where)
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
    this.#host = host
    const { ipv6Only, maxSessions } = options
    const session = (socket: Socket) => this.#session(socket)
    const protocol = { troubles: TROUBLES, ipv6Only, maxSessions, limit: '--max-sessions', session } as const
    this.#sessions = new SessionServer({ ...protocol, counted: 'connections' }, admission, turns, host)
    this.#tls = new TlsListeners(options.tlsFiles, this.#sessions, host)
  }

  get isReady(): boolean {
    return this.#sessions.isReady
  }

  /** Sessions that have octets, or ended, since the last call. */
  takeReady(): Iterable<IpfixSession> {
    return this.#sessions.takeReady()
  }

  /** Ends a session; true when that was still to be done, and the decoder must be told too. */
  forget(session: IpfixSession): boolean {
    session.close()
    return this.#sessions.forget(session)
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

  #session(socket: Socket): IpfixSession {
    const session = new IpfixSession(socket)
    socket.setKeepAlive(true)
    socket.setTimeout(this.#options.idleMs, () => {
      if (this.#sessions.isWaiting(session)) return // we are the slow ones
      this.#host.count('sessions-idle')
      this.#sessions.end(session)
    })
    return session
  }

  async #openTls(): Promise<void> {
    const { createServer: createTlsServer } = await import('node:tls')
    await this.#tls.listen(this.#options.tls, 'tls', options =>
      createTlsServer(options, socket => this.#sessions.open(socket, false)),
    )
  }
}
