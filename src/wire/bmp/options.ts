// What the BMP decoder is told.
import type { Host } from '../../contract/host.ts'

export type Witness = Pick<Host, 'count' | 'report'>

export interface BmpDecoderOptions {
  /** pmacct's exact records: zero times and its spelling of counters, nothing that it does not print. */
  readonly compat?: 'pmacct' | undefined
  /** The key that a peer distinguisher goes to; beside a route distinguisher of the route it is always `pd`. */
  readonly distinguisher: 'rd' | 'pd'
}

/** Where a session comes from. */
export interface BmpRouter {
  readonly address: string
  readonly port: number
}
