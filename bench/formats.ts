import {
  data,
  type Field,
  ipfix,
  netflow5,
  netflow9,
  type Row,
  type Template,
  template,
} from '../test/support/flow-writer.ts'
import { CAPTURE_START_MS, type Flow } from './flows.ts'

/** How flows become datagrams of one protocol. `endMs` and `nowMs` count from the start of the capture. */
export interface Format {
  readonly flowsPerDatagram: number
  readonly datagram: (flows: readonly Flow[], header: Header) => Buffer
  /** Absent where the protocol has no templates. */
  readonly templateDatagram?: (header: Header) => Buffer
  /** What the header's sequence number counts. */
  readonly sequenceCounts: 'datagrams' | 'records'
  readonly as: (number: number) => number
}
export interface Header {
  readonly exporter: number
  readonly sequence: number
  readonly nowMs: number
}

/** The exporters had been up so long when the capture began. */
const UPTIME_AT_START_MS = 500_000_000
const AS_TRANS = 23456
const PAYLOAD_OCTETS = 1400

const addressFields = (version: 4 | 6): readonly Field[] =>
  version === 4
    ? [
        [8, 4],
        [12, 4],
      ]
    : [
        [27, 16],
        [28, 16],
      ]
const flowFields = (version: 4 | 6, times: readonly Field[]): readonly Field[] => [
  ...addressFields(version),
  [7, 2],
  [11, 2],
  [4, 1],
  [5, 1],
  [6, 1],
  [1, 8],
  [2, 8],
  ...times,
  [10, 4],
  [14, 4],
  [16, 4],
  [17, 4],
  [version === 4 ? 9 : 29, 1],
  [version === 4 ? 13 : 30, 1],
  version === 4 ? [15, 4] : [62, 16],
  [61, 1],
]
const UPTIME_FIELDS: readonly Field[] = [
  [22, 4],
  [21, 4],
]
const EPOCH_FIELDS: readonly Field[] = [
  [152, 8],
  [153, 8],
]

const nextHop4 = (flow: Flow): number => 0x0a010000 + flow.destination.interface
const nextHop6 = (flow: Flow): Uint8Array => Uint8Array.of(0xfd, ...new Uint8Array(14), flow.destination.interface)

function flowRow(version: 4 | 6, zeroMs: number, flow: Flow): Row {
  const { source, destination } = flow
  return [
    version === 4 ? source.ipv4 : source.ipv6,
    version === 4 ? destination.ipv4 : destination.ipv6,
    flow.sourcePort,
    flow.destinationPort,
    flow.protocol,
    flow.tos,
    flow.tcpFlags,
    flow.octets,
    flow.packets,
    zeroMs + flow.endMs - flow.durationMs,
    zeroMs + flow.endMs,
    source.interface,
    destination.interface,
    source.as,
    destination.as,
    version === 4 ? source.mask4 : source.mask6,
    version === 4 ? destination.mask4 : destination.mask6,
    version === 4 ? nextHop4(flow) : nextHop6(flow),
    flow.direction,
  ]
}

const exportTime = (header: Header): number => Math.floor((CAPTURE_START_MS + header.nowMs) / 1000)
const rowOctets = (of: Template): number => of.fields.reduce((sum, [, octets]) => sum + octets, 0)

function netflow9Format(version: 4 | 6): Format {
  const of = template(version === 4 ? 260 : 261, flowFields(version, UPTIME_FIELDS))
  const head = (header: Header) => ({
    sysUptimeMs: UPTIME_AT_START_MS + header.nowMs,
    exportTime: exportTime(header),
    sequence: header.sequence,
    sourceId: header.exporter + 1,
  })
  return {
    flowsPerDatagram: Math.floor((PAYLOAD_OCTETS - 24) / rowOctets(of)),
    datagram: (flows, header) => {
      const rows = flows.map(flow => flowRow(version, UPTIME_AT_START_MS, flow))
      return netflow9(head(header), [data(of, rows)])
    },
    templateDatagram: header => netflow9(head(header), [of]),
    sequenceCounts: 'datagrams',
    as: number => number,
  }
}

function ipfixFormat(version: 4 | 6): Format {
  const of = template(version === 4 ? 260 : 261, flowFields(version, EPOCH_FIELDS))
  const head = (header: Header) => ({
    exportTime: exportTime(header),
    sequence: header.sequence,
    observationDomain: header.exporter + 1,
  })
  return {
    flowsPerDatagram: Math.floor((PAYLOAD_OCTETS + 40 - 20) / rowOctets(of)),
    datagram: (flows, header) => {
      const rows = flows.map(flow => flowRow(version, CAPTURE_START_MS, flow))
      return ipfix(head(header), [data(of, rows)])
    },
    templateDatagram: header => ipfix(head(header), [of]),
    sequenceCounts: 'records',
    as: number => number,
  }
}

/** RFC 6793 section 4.2.3: a four-octet AS number does not fit and becomes AS_TRANS. */
const as16 = (number: number): number => (number > 0xffff ? AS_TRANS : number)

const NETFLOW5_FORMAT: Format = {
  flowsPerDatagram: 30,
  datagram: (flows, header) =>
    netflow5(
      {
        sysUptimeMs: UPTIME_AT_START_MS + header.nowMs,
        exportTime: exportTime(header),
        exportNanoseconds: (header.nowMs % 1000) * 1e6,
        sequence: header.sequence,
        engineId: header.exporter + 1,
      },
      flows.map(flow => ({
        source: flow.source.ipv4,
        destination: flow.destination.ipv4,
        nextHop: nextHop4(flow),
        inputInterface: flow.source.interface,
        outputInterface: flow.destination.interface,
        packets: flow.packets,
        octets: flow.octets,
        firstMs: UPTIME_AT_START_MS + flow.endMs - flow.durationMs,
        lastMs: UPTIME_AT_START_MS + flow.endMs,
        sourcePort: flow.sourcePort,
        destinationPort: flow.destinationPort,
        tcpFlags: flow.tcpFlags,
        protocol: flow.protocol,
        tos: flow.tos,
        sourceAs: as16(flow.source.as),
        destinationAs: as16(flow.destination.as),
        sourceMask: flow.source.mask4,
        destinationMask: flow.destination.mask4,
      })),
    ),
  sequenceCounts: 'records',
  as: as16,
}

export const FORMATS = {
  netflow5: NETFLOW5_FORMAT,
  netflow9: netflow9Format(4),
  netflow9v6: netflow9Format(6),
  ipfix: ipfixFormat(4),
  ipfixv6: ipfixFormat(6),
} as const satisfies Readonly<Record<string, Format>>
