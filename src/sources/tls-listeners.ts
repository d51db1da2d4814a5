// TLS listeners of a session server: who connects is admitted before the handshake, certificates are read again on SIGHUP.
import type { Server } from 'node:tls'
import type { Host } from '../contract/host.ts'
import { ProblemError } from '../contract/problem.ts'
import type { ListenAddress } from './listen-address.ts'
import type { ServedSession, SessionServer } from './session-server.ts'
import { readTlsFiles, type TlsFiles, type TlsSecrets } from './tls-files.ts'

/** A handshake that takes longer is given up. */
const HANDSHAKE_MS = 10_000

export interface TlsServerOptions extends TlsSecrets {
  readonly requestCert: boolean
  readonly rejectUnauthorized: boolean
  readonly handshakeTimeout: number
}

export class TlsListeners<Session extends ServedSession> {
  readonly #files: TlsFiles | undefined
  readonly #sessions: SessionServer<Session>
  readonly #host: Host
  readonly #servers: Server[] = []

  constructor(files: TlsFiles | undefined, sessions: SessionServer<Session>, host: Host) {
    this.#files = files
    this.#sessions = sessions
    this.#host = host
  }

  /** Opens a server that `make` makes at each place. Throws a ProblemError. */
  async listen(
    places: readonly ListenAddress[],
    transport: 'tls' | 'https',
    make: (options: TlsServerOptions) => Server,
  ): Promise<void> {
    if (places.length === 0) return
    const secrets = await readTlsFiles(this.#files, `--listen-${transport}`)
    const verify = secrets.ca !== undefined
    const options = { ...secrets, requestCert: verify, rejectUnauthorized: verify, handshakeTimeout: HANDSHAKE_MS }
    for (const where of places) {
      const server = make(options)
      server.on('connection', socket => this.#sessions.admit(socket))
      server.on('tlsClientError', (error, socket) => {
        this.#host.count('tls-handshakes-failed')
        this.#sessions.note('handshake', `${socket.remoteAddress ?? 'a client that left'}: TLS: ${error.message}`)
      })
      this.#servers.push(server)
      await this.#sessions.listen(server, transport, where)
    }
  }

  /** Reads certificates and keys again; bad ones are reported, and the old ones stay. */
  async reload(): Promise<void> {
    if (this.#servers.length === 0) return
    try {
      const secrets = await readTlsFiles(this.#files)
      for (const server of this.#servers) server.setSecureContext(secrets)
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      this.#host.report(error.problem)
    }
  }
}
