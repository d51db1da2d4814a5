// What the user of the telemetry decoder chooses, and what decoding tells.
import type { Problem } from '../../contract/problem.ts'
import type { Value } from '../../contract/record.ts'

/** How messages come. `auto`: told by their first octets, each on its own. */
export const TELEMETRY_DECODERS = ['auto', 'udp-notif', 'json', 'cisco', 'jti', 'gpb'] as const
export type TelemetryDecoderName = (typeof TELEMETRY_DECODERS)[number]

export interface TelemetryDecoderOptions {
  readonly decoder: TelemetryDecoderName
  /** Nodes that send datagrams, at a time. */
  readonly maxPeers: number
  /** A node whose datagrams stay away so long is closed. */
  readonly peerTimeoutMs: number
  /** The longest message. */
  readonly maxMessageOctets: number
}

/** Who counts and is told. */
export interface Witness {
  count(name: string, by?: number): void
  report(problem: Problem): void
}

/** What a message says. */
export interface Payload {
  readonly data: Value
  /** What it was on the wire: json, xml, cbor, gpb, unknown. */
  readonly serialization: string
  readonly protocol: 'yang-push' | 'telemetry'
  /** The subscription that the message belongs to, as far as its start was seen. */
  readonly subscription?: Value | undefined
  /** What a node calls its own encoding. */
  readonly privateEncoding?: string | undefined
}
