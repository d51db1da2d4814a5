// What telemetry-recv is told.
import type { AllowList } from '../../maps/allow-list.ts'
import type { TelemetryDecoderOptions } from '../../wire/telemetry/options.ts'
import type { Account } from '../drop-privileges.ts'
import type { ListenAddress } from '../listen-address.ts'
import type { TlsFiles } from '../tls-files.ts'
import type { UdpOptions } from '../udp-sockets.ts'

export interface TelemetryCaptureOptions {
  /** Files in order; '-' is standard input. */
  readonly captures: readonly string[]
  /** Destination ports; none = whatever begins like telemetry. */
  readonly udpPorts: readonly number[]
  /** Where some are given, connections to them are read instead of datagrams. */
  readonly tcpPorts: readonly number[]
}

export interface TelemetryServerOptions {
  readonly tcp: readonly ListenAddress[]
  readonly tls: readonly ListenAddress[]
  /** HTTPS-notif. */
  readonly https: readonly ListenAddress[]
  readonly tlsFiles: TlsFiles | undefined
  readonly ipv6Only: boolean
  readonly maxSessions: number
  /** A session that is silent for so long is closed. */
  readonly idleMs: number
  /** The longest body of a request. */
  readonly maxMessageOctets: number
}

export interface TelemetryNetworkOptions {
  readonly udp: UdpOptions
  readonly sessions: TelemetryServerOptions
  /** Whom to become once the sockets are open. */
  readonly account: Account | undefined
}

/** Captures where some are given, else the network. */
export interface TelemetryOptions extends TelemetryCaptureOptions {
  readonly decoder: TelemetryDecoderOptions
  readonly network: TelemetryNetworkOptions
  readonly allow: AllowList | undefined
}
