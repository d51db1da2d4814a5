// What every server of the tests is like, whichever program it is.
import type { LaunchedProcess } from './launch.ts'

/** What ends with a test: a TestContext is one, and so is `{ after }` of node:test inside a suite. */
export interface Lifetime {
  after(end: () => void | Promise<void>): void
}

/** A server that cannot be had here. */
export interface Skipped {
  /** Exactly why, and what was tried. */
  readonly skipped: string
}

export interface Credentials {
  readonly user: string
  readonly password: string
}

/** Certificates of the test's own authority, as PEM files; clients verify by `ca`. */
export interface Certificates {
  readonly ca: string
  /** For 127.0.0.1, ::1 and localhost. */
  readonly certificate: string
  readonly key: string
}

export interface Server {
  /** Of the program that runs, as it tells it itself. */
  readonly version: string
  /** Always of loopback. */
  readonly address: string
  /** Where most clients connect; `ports` has it too. */
  readonly port: number
  readonly ports: { readonly [purpose: string]: number }
  /** In the form that clients of this server take. */
  readonly url: string
  readonly credentials: Credentials | undefined
  /** TLS, where the server was started with it. */
  readonly certificates: Certificates | undefined
  /** Configuration, data and log; goes away with the test. */
  readonly folder: string
  readonly pid: number
  /** Asks the server to end, and waits until all of it has. */
  stop(): Promise<void>
  /** SIGKILL to all of it at once. */
  kill(): Promise<void>
  /** Ends it if it runs, and starts it again with the same data and ports. */
  restart(): Promise<void>
  /** What it has said so far. */
  log(): string
  /** The server's own query, in its own language; the answer as its own client or HTTP interface writes it. */
  query(statement: string): Promise<string>
}

export interface Description {
  readonly version: string
  readonly port: number
  readonly ports?: { readonly [purpose: string]: number }
  readonly url: string
  readonly credentials?: Credentials
  readonly certificates?: Certificates | undefined
  readonly query: (statement: string) => Promise<string>
}

export const isSkipped = (started: object): started is Skipped => 'skipped' in started

export const LOOPBACK = '127.0.0.1'

/** A running process with what clients must know of it. */
export function serverOf(running: LaunchedProcess, description: Description): Server {
  const { version, port, ports = {}, url, credentials, certificates, query } = description
  return {
    version,
    address: LOOPBACK,
    port,
    ports: { main: port, ...ports },
    url,
    credentials,
    certificates,
    folder: running.folder,
    get pid() {
      return running.pid
    },
    stop: () => running.stop(),
    kill: () => running.kill(),
    restart: () => running.restart(),
    log: () => running.log(),
    query,
  }
}
