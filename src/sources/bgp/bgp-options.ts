// What bgp-recv is told.
import type { AllowList } from '../../maps/allow-list.ts'
import type { ListenAddress } from '../listen-address.ts'
import type { CallAddress } from '../session-server.ts'
import type { TcpSocketOptions } from '../tcp-sockets.ts'

export interface SpeakerOptions {
  /** Our AS; undefined = that of the peer. */
  readonly as: number | undefined
  /** ASes that a peer may have; none = any. */
  readonly peerAs: ReadonlySet<number>
  /** Our BGP identifier, dotted; undefined = the address of the session, when that is IPv4. */
  readonly routerId: string | undefined
  /** 0 = no keepalives. */
  readonly holdSeconds: number
  /** Families (AFI << 8 | SAFI) that we offer. */
  readonly families: readonly number[]
  readonly addPath: boolean
  /** Our role (RFC 9234). */
  readonly role: number | undefined
}

/** Captures where some are given, else the network. */
export interface BgpOptions extends TcpSocketOptions {
  readonly captures: readonly string[]
  /** Ports of BGP in captures. */
  readonly tcpPorts: readonly number[]
  readonly listen: readonly ListenAddress[]
  readonly ipv6Only: boolean
  readonly connect: readonly CallAddress[]
  /** Source address of connections that we open. */
  readonly localAddress: string | undefined
  readonly maxPeers: number
  readonly speaker: SpeakerOptions
  readonly allow: AllowList | undefined
  /** Only keys that pmacct has. */
  readonly compat: boolean
}
