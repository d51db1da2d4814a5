// What telemetry-recv is told.
import type { AllowList } from '../../maps/allow-list.ts'
import type { TelemetryDecoderOptions } from '../../wire/telemetry/options.ts'
import type { Account } from '../drop-privileges.ts'
import type { UdpOptions } from '../udp-sockets.ts'

export interface TelemetryCaptureOptions {
  /** Files in order; '-' is standard input. */
  readonly captures: readonly string[]
  /** Destination ports; none = whatever begins like telemetry. */
  readonly udpPorts: readonly number[]
}

export interface TelemetryNetworkOptions {
  readonly udp: UdpOptions
  /** Whom to become once the sockets are open. */
  readonly account: Account | undefined
}

/** Captures where some are given, else the network. */
export interface TelemetryOptions extends TelemetryCaptureOptions {
  readonly decoder: TelemetryDecoderOptions
  readonly network: TelemetryNetworkOptions
  readonly allow: AllowList | undefined
}
