// What bmp-recv is told.
import type { AllowList } from '../../maps/allow-list.ts'
import type { BmpDecoderOptions } from '../../wire/bmp/options.ts'
import type { ListenAddress } from '../listen-address.ts'

export interface BmpStationOptions {
  readonly listen: readonly ListenAddress[]
  /** Routers that wait for the station to come to them; with an address each. */
  readonly connect: readonly ListenAddress[]
  readonly ipv6Only: boolean
  readonly maxRouters: number
  /** Connections begin with a PROXY header of version 2. */
  readonly proxyProtocol: boolean
}

export interface BmpCaptureOptions {
  /** Files in order; '-' is standard input. */
  readonly captures: readonly string[]
  /** Ports of the station; none = whatever begins like BMP. */
  readonly tcpPorts: readonly number[]
}

/** Captures where some are given, else the network. */
export interface BmpOptions extends BmpCaptureOptions {
  readonly decoder: BmpDecoderOptions
  readonly station: BmpStationOptions
  readonly allow: AllowList | undefined
}
