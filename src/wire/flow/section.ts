// Records that carry the start of a packet (RFC 5477, RFC 7133, NetFlow-Lite): its headers fill the fields that the template lacks.
import type { Value } from '../../contract/record.ts'
import { ABSENT, type AddressColumn, type Column } from '../../fields/column.ts'
import type { Field } from '../../fields/field.ts'
import { dissectEthernet, dissectMpls } from '../packet/ethernet.ts'
import { dissectIp } from '../packet/ip.ts'
import { Packet } from '../packet/packet.ts'
import type { Place } from './layout.ts'
import type { Planner } from './planner.ts'
import { lengthOf } from './read-text.ts'

type Dissect = (view: DataView, at: number, end: number, packet: Packet) => void

/** dataLinkFrameSection, layer2packetSectionData, ipHeaderPacketSection, mplsLabelStackSection. */
const SECTIONS: readonly (readonly [id: number, dissect: Dissect])[] = [
  [315, dissectEthernet],
  [104, dissectEthernet],
  [313, dissectIp],
  [316, dissectMpls],
]

type Part = (packet: Packet) => number | Uint32Array | Value | undefined

const PARTS: { readonly [field: string]: Part } = {
  mac_src: packet => packet.macSource,
  mac_dst: packet => packet.macDestination,
  vlan: packet => packet.vlan,
  vlan_in: packet => packet.vlan,
  cvlan_in: packet => packet.innerVlan,
  cos: packet => packet.cos,
  etype: packet => (packet.family === 4 ? 0x800 : packet.family === 6 ? 0x86dd : packet.etype),
  ip_src: packet => packet.source,
  ip_dst: packet => packet.destination,
  port_src: packet => packet.sourcePort,
  port_dst: packet => packet.destinationPort,
  tcp_flags: packet => packet.tcpFlags,
  mpls_label_stack: packet => (packet.labels.length > 0 ? packet.labels : undefined),
  mpls_label_top: packet => packet.labels[0] ?? ABSENT,
  mpls_label_bottom: packet => packet.labels.at(-1) ?? ABSENT,
  ip_proto: packet => packet.protocol,
  tos: packet => packet.tos,
  flow_label: packet => packet.flowLabel,
  ttl: packet => packet.ttl,
  icmp_type: packet => packet.icmpType,
  icmp_code: packet => packet.icmpCode,
  bytes: packet => packet.ipOctets,
}

type Writer = (packet: Packet, row: number) => void

function writer(column: Column, part: Part): Writer {
  if (column.lane === 'number') {
    return (packet, row) => {
      column.numbers[row] = part(packet) as number
    }
  }
  if (column.lane === 'address') return addressWriter(column, part)
  return (packet, row) => {
    column.values[row] = part(packet) as Value | undefined
  }
}

function addressWriter({ words, family }: AddressColumn, part: Part): Writer {
  return (packet, row) => {
    words.set(part(packet) as Uint32Array, 4 * row)
    family[row] = packet.family
  }
}

/** What the one dissection of a plan fills. */
const writersOf = new WeakMap<Planner, Writer[]>()

export const hasSection = (planner: Planner): boolean => SECTIONS.some(([id]) => planner.has(id))

/** Fills a field from the packet; false when the record carries none, or packets do not have the field. */
export function sectionField(planner: Planner, field: Field): boolean {
  const part = PARTS[field.name]
  if (!part) return false
  const writers = writersOf.get(planner) ?? dissection(planner)
  writers?.push(writer(planner.columns.of(field), part))
  return writers !== undefined
}

function dissection(planner: Planner): Writer[] | undefined {
  const found = SECTIONS.find(([id]) => planner.has(id))
  if (!found) return undefined
  const [id, dissect] = found
  const place = planner.place(id) as Place
  const writers: Writer[] = []
  writersOf.set(planner, writers)
  const packet = new Packet()
  planner.steps.push(({ view, row, count }) => {
    for (let i = 0; i < count; i++) {
      const at = (place.at[i] as number) + place.offset
      packet.clear()
      dissect(view, at, at + lengthOf(place, i), packet)
      for (const write of writers) write(packet, row + i)
    }
  })
  return writers
}
