import {
  data,
  type Field,
  type FlowSet,
  fitRows,
  ipfix,
  netflow5,
  netflow9,
  optionsTemplate,
  type Row,
  template,
  VARIABLE_LENGTH,
} from '../../test/support/flow-writer.ts'
import { addressOf, type DemoFlow, SERVICES } from './traffic.ts'

/** Three exporters, one for each protocol. Times are milliseconds after the start of the capture. */

export const CAPTURE_START_MS = Date.UTC(2026, 0, 5, 9)
const UPTIME_AT_START_MS = 86_400_000
const PAYLOAD_OCTETS = 1400
const HEADER_OCTETS = 24

export interface Exporter {
  readonly address: string
  /** Datagrams that say what the rest means: templates, names, rates. Must come first, and again now and then. */
  announce(nowMs: number): Buffer[]
  export(flows: readonly DemoFlow[], nowMs: number): Buffer[]
}

const INTERFACES = [
  [1, 'Gi0/0/0', 'transit one'],
  [2, 'Gi0/0/1', 'transit two'],
  [11, 'Te0/1/0', 'offices'],
  [12, 'Te0/1/1', 'servers'],
] as const
const interfaceOf = (host: number, inside: boolean): number => (inside ? 11 : 1) + (host % 2)

interface Sides {
  readonly source: string
  readonly destination: string
  readonly sourcePort: number
  readonly destinationPort: number
  readonly sourceAs: number
  readonly destinationAs: number
  readonly sourceMask: number
  readonly destinationMask: number
  readonly input: number
  readonly output: number
}

function sides(flow: DemoFlow): Sides {
  const from = flow.inbound ? flow.outside : flow.inside
  const to = flow.inbound ? flow.inside : flow.outside
  // The type and code of ICMP are in the destination port, whoever sends.
  const ports = flow.service.protocol === 1 ? [0, 8 << 8] : [from.port, to.port]
  return {
    source: addressOf(from, flow.family),
    destination: addressOf(to, flow.family),
    sourcePort: ports[0] ?? 0,
    destinationPort: ports[1] ?? 0,
    sourceAs: from.network.as,
    destinationAs: to.network.as,
    sourceMask: flow.family === 4 ? from.network.mask4 : from.network.mask6,
    destinationMask: flow.family === 4 ? to.network.mask4 : to.network.mask6,
    input: interfaceOf(from.host, !flow.inbound),
    output: interfaceOf(to.host, flow.inbound),
  }
}

const exportTime = (nowMs: number): number => Math.floor((CAPTURE_START_MS + nowMs) / 1000)

const COMMON_FIELDS = (family: 4 | 6): readonly Field[] => [
  [family === 4 ? 8 : 27, family === 4 ? 4 : 16],
  [family === 4 ? 12 : 28, family === 4 ? 4 : 16],
  [7, 2],
  [11, 2],
  [4, 1],
  [5, 1],
  [6, 1],
  [1, 4],
  [2, 4],
  [10, 4],
  [14, 4],
  [16, 4],
  [17, 4],
  [family === 4 ? 9 : 29, 1],
  [family === 4 ? 13 : 30, 1],
  [61, 1],
]

function commonRow(flow: DemoFlow): Row {
  const side = sides(flow)
  return [
    side.source,
    side.destination,
    side.sourcePort,
    side.destinationPort,
    flow.service.protocol,
    flow.service.tos,
    flow.tcpFlags,
    flow.octets,
    flow.packets,
    side.input,
    side.output,
    side.sourceAs,
    side.destinationAs,
    side.sourceMask,
    side.destinationMask,
    flow.inbound ? 0 : 1,
  ]
}

/** NetFlow v9 that samples one packet in 100 and names its interfaces in options (RFC 3954 section 6.1). */
export function netflow9Exporter(address: string): Exporter {
  const SAMPLER = 1
  const flowTemplate = template(256, [...COMMON_FIELDS(4), [22, 4], [21, 4], [48, 1]])
  const samplerOptions = optionsTemplate(
    257,
    [[1, 4]],
    [
      [48, 1],
      [49, 1],
      [50, 4],
    ],
  )
  const interfaceOptions = optionsTemplate(
    258,
    [[2, 4]],
    [
      [82, 16],
      [83, 16],
    ],
  )
  let sequence = 0
  const message = (nowMs: number, sets: readonly FlowSet[]): Buffer =>
    netflow9(
      {
        sysUptimeMs: UPTIME_AT_START_MS + nowMs,
        exportTime: exportTime(nowMs),
        sequence: sequence++,
        sourceId: 1,
      },
      sets,
    )
  return {
    address,
    announce: nowMs => [
      message(nowMs, [flowTemplate, [samplerOptions, interfaceOptions]]),
      message(nowMs, [data(samplerOptions, [[0, SAMPLER, 2, 100]]), data(interfaceOptions, INTERFACES)]),
    ],
    export: (flows, nowMs) => {
      const rows = flows.map(flow => [
        ...commonRow(flow),
        UPTIME_AT_START_MS + flow.startMs,
        UPTIME_AT_START_MS + flow.endMs,
        SAMPLER,
      ])
      const groups = fitRows(flowTemplate, rows, PAYLOAD_OCTETS - HEADER_OCTETS)
      return groups.map(group => message(nowMs, [data(flowTemplate, group)]))
    },
  }
}

/** RFC 6759: engine 3 is a port of the IANA registry, engine 6 a name of the user. */
const applicationId = (name: string, port: number): number => (name === 'quic' ? (6 << 24) + 1 : (3 << 24) + port)
const VRFS = [
  [1, 'internet'],
  [7, 'voice'],
] as const

/** IPFIX with IPv4 and IPv6 flows, application and VRF names in options (RFC 6759, RFC 7011 section 3.4.2). */
export function ipfixExporter(address: string): Exporter {
  const more: readonly Field[] = [
    [152, 8],
    [153, 8],
    [95, 4],
    [234, 4],
    [235, 4],
  ]
  const templates = {
    4: template(300, [...COMMON_FIELDS(4), ...more]),
    6: template(301, [...COMMON_FIELDS(6), ...more]),
  }
  const applicationOptions = optionsTemplate(302, [[95, 4]], [[96, VARIABLE_LENGTH]])
  const vrfOptions = optionsTemplate(303, [[234, 4]], [[236, VARIABLE_LENGTH]])
  let sequence = 0
  const message = (nowMs: number, sets: readonly FlowSet[], records: number): Buffer => {
    const octets = ipfix({ exportTime: exportTime(nowMs), sequence, observationDomain: 2 }, sets)
    sequence += records
    return octets
  }
  const row = (flow: DemoFlow): Row => {
    const vrf = flow.service.name === 'sip' ? 7 : 1
    const times = [CAPTURE_START_MS + flow.startMs, CAPTURE_START_MS + flow.endMs]
    return [...commonRow(flow), ...times, applicationId(flow.service.name, flow.service.port), vrf, vrf]
  }
  return {
    address,
    announce: nowMs => [
      message(
        nowMs,
        [
          [templates[4], templates[6]],
          [applicationOptions, vrfOptions],
        ],
        0,
      ),
      message(
        nowMs,
        [
          data(
            applicationOptions,
            SERVICES.map(({ name, port }) => [applicationId(name, port), name]),
          ),
          data(vrfOptions, VRFS),
        ],
        SERVICES.length + VRFS.length,
      ),
    ],
    export: (flows, nowMs) =>
      ([4, 6] as const).flatMap(family => {
        const rows = flows.filter(flow => flow.family === family).map(row)
        const groups = fitRows(templates[family], rows, PAYLOAD_OCTETS - HEADER_OCTETS)
        return groups.map(group => message(nowMs, [data(templates[family], group)], group.length))
      }),
  }
}

const AS_TRANS = 23456
const as16 = (as: number): number => (as > 0xffff ? AS_TRANS : as)
const NETFLOW5_FLOWS = 30
/** Mode 1 (every n-th packet) in the two upper bits, one in 10. */
const NETFLOW5_SAMPLING = (1 << 14) | 10

/** NetFlow v5: no templates, the sampling rate in the header, AS numbers of two octets. */
export function netflow5Exporter(address: string): Exporter {
  let sequence = 0
  const record = (flow: DemoFlow) => {
    const { input, output, sourceAs, destinationAs, ...rest } = sides(flow)
    return {
      ...rest,
      inputInterface: input,
      outputInterface: output,
      packets: flow.packets,
      octets: flow.octets,
      firstMs: UPTIME_AT_START_MS + flow.startMs,
      lastMs: UPTIME_AT_START_MS + flow.endMs,
      tcpFlags: flow.tcpFlags,
      protocol: flow.service.protocol,
      tos: flow.service.tos,
      sourceAs: as16(sourceAs),
      destinationAs: as16(destinationAs),
    }
  }
  return {
    address,
    announce: () => [],
    export: (flows, nowMs) => {
      const datagrams: Buffer[] = []
      for (let from = 0; from < flows.length; from += NETFLOW5_FLOWS) {
        const records = flows.slice(from, from + NETFLOW5_FLOWS).map(record)
        const sysUptimeMs = UPTIME_AT_START_MS + nowMs
        const header = {
          sysUptimeMs,
          exportTime: exportTime(nowMs),
          sequence,
          engineId: 3,
          sampling: NETFLOW5_SAMPLING,
        }
        datagrams.push(netflow5(header, records))
        sequence += records.length
      }
      return datagrams
    },
  }
}
