// What rpki-recv is told.
import type { Timers } from '../../wire/rtr/control.ts'

export interface RtrCache {
  /** A name or an address. */
  readonly host: string
  readonly port: number
}

export interface RtrTls {
  /** PEM of who signs certificates of caches; undefined = the system's. */
  readonly ca: Buffer | undefined
  /** Our own certificate, for caches that want one. */
  readonly cert: Buffer | undefined
  readonly key: Buffer | undefined
  /** The name that the certificate must have; undefined = the host's. */
  readonly name: string | undefined
}

export interface RpkiOptions {
  /** The most preferred first. */
  readonly caches: readonly RtrCache[]
  readonly tls: RtrTls | undefined
  /** The version that is tried first. */
  readonly version: number
  /** In place of what caches say. */
  readonly timers: Partial<Timers>
  /** Files of validators; all of them together are one set. Used where no caches are named. */
  readonly files: readonly string[]
  /** Ends with the first complete set. */
  readonly once: boolean
}
