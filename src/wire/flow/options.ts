// What the user of the decoder chooses.
import type { TunnelPorts } from '../packet/tunnel-ports.ts'

/** The peer that a message came from. */
export interface Exporter {
  readonly address: string
  readonly port: number
  readonly family: 4 | 6
}

/** What users may limit otherwise than limits.ts does. */
export interface FlowLimits {
  readonly exporters?: number
  readonly templatesPerExporter?: number
  readonly heldOctetsPerExporter?: number
}

export interface FlowDecoderOptions {
  /** `pmacct`: sysUptime-relative times as nfacctd computes them, in whole seconds of age. */
  readonly compat?: 'pmacct'
  /** The same times without the rest of what compat says. */
  readonly wholeSeconds?: boolean
  /** sysUptime of v5 and v9, and the times that go by it, count seconds instead of milliseconds. */
  readonly uptimeSeconds?: boolean
  /** Adds `unknown: {"pen/element": "hex"}` to records that have elements without a field. */
  readonly unknown?: boolean
  /** `split`: a biflow becomes two records. Default: the reverse counters are fields of their own. */
  readonly biflow?: 'fields' | 'split'
  /** Multiplies packets and bytes by the sampling rate, where it is known. */
  readonly renormalize?: boolean
  /** Emits options records too, with `event_type: "option"`. */
  readonly accountOptions?: boolean
  /** Says of each record the id of its template, `flowset_id`. */
  readonly templateId?: boolean
  /** The exporter is the peer of the socket, whatever IE 130/131 say. */
  readonly ignoreExporterAddress?: boolean
  /** The rate that a user's map gives; interfaces that the record does not have are 0. */
  readonly samplingMap?: (exporter: string, ifaceIn: number, ifaceOut: number) => number | undefined
  /** The rate where nothing else says one. */
  readonly staticSamplingRate?: number
  /** Data sets that are padded with something else than zeros are not decoded. */
  readonly strictPadding?: boolean
  readonly limits?: FlowLimits
  /** sFlow: counter samples become records, with `event_type: "counters"`. */
  readonly counters?: boolean
  /** sFlow: notifications of discarded packets become records, with `event_type: "discard"`. */
  readonly discards?: boolean
  /** Sampled packets: the header in a tunnel takes the place of the outer one. */
  readonly innerHeader?: boolean
  /** Sampled packets: UDP ports that carry tunnels. */
  readonly tunnelPorts?: TunnelPorts
}
