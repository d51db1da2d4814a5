// Texts of extended communities (RFC 4360, 5668, 7153). Route targets and sites of origin as pmacct prints them; pmacct
// prints "?" for all others, netally a name, or the octets in hex.
import { hexText, macText } from '../../../octets/address.ts'
import { ipv4Address } from '../nlri/prefix-text.ts'

type Body = (octets: Uint8Array, view: DataView, at: number) => string

const as2: Body = (_octets, view, at) => `${view.getUint16(at + 2)}:${view.getUint32(at + 4)}`
const ipv4: Body = (octets, view, at) => `${ipv4Address(octets, at + 2)}:${view.getUint16(at + 6)}`
const as4: Body = (_octets, view, at) => `${view.getUint32(at + 2)}:${view.getUint16(at + 6)}`
const rate: Body = (_octets, view, at) => `${view.getUint16(at + 2)}:${view.getFloat32(at + 4)}`
const lastPair: Body = (_octets, view, at) => String(view.getUint16(at + 6))
const lastOctet: Body = (octets, _view, at) => String(octets[at + 7])
const mac: Body = (_octets, view, at) => macText(view.getUint16(at + 2) * 0x1_0000_0000 + view.getUint32(at + 4))
const none: Body = () => ''
const color: Body = (_octets, view, at) => {
  const flags = view.getUint16(at + 2)
  return `${flags === 0 ? '' : `0x${flags.toString(16)}:`}${view.getUint32(at + 4)}`
}
const ospfRoute: Body = (octets, _view, at) => `${ipv4Address(octets, at + 2)}:${octets[at + 6]}:${octets[at + 7]}`
const mobility: Body = (octets, view, at) =>
  `${(octets[at + 2] as number) & 1 ? 'sticky:' : ''}${view.getUint32(at + 4)}`
const segmentLabel: Body = (octets, view, at) => `${octets[at + 2]}:${(view.getUint32(at + 4) & 0xffffff) >>> 4}`
const trafficAction: Body = (octets, _view, at) => {
  const last = octets[at + 7] as number
  const words = [last & 2 ? 'sample' : '', last & 1 ? 'terminal' : ''].filter(Boolean)
  return words.length > 0 ? words.join('+') : 'none'
}

interface CommunityRow {
  readonly name: string
  readonly body: Body
}

/** By type and subtype; names as other tools have them. */
const COMMUNITIES: ReadonlyMap<number, CommunityRow> = new Map([
  [0x0002, { name: 'RT', body: as2 }],
  [0x0003, { name: 'SoO', body: as2 }],
  [0x0005, { name: 'OSPF-Domain-Id', body: as2 }],
  [0x0009, { name: 'Source-AS', body: as2 }],
  [0x000a, { name: 'L2VPN-Id', body: as2 }],
  [0x0102, { name: 'RT', body: ipv4 }],
  [0x0103, { name: 'SoO', body: ipv4 }],
  [0x0105, { name: 'OSPF-Domain-Id', body: ipv4 }],
  [0x0107, { name: 'OSPF-Router-Id', body: ipv4 }],
  [0x010a, { name: 'L2VPN-Id', body: ipv4 }],
  [0x010b, { name: 'VRF-Import', body: ipv4 }],
  [0x0202, { name: 'RT', body: as4 }],
  [0x0203, { name: 'SoO', body: as4 }],
  [0x0205, { name: 'OSPF-Domain-Id', body: as4 }],
  [0x0209, { name: 'Source-AS', body: as4 }],
  [0x4004, { name: 'LB', body: rate }],
  [0x0004, { name: 'LB', body: rate }],
  [0x0306, { name: 'OSPF-Route-Type', body: ospfRoute }],
  [0x030b, { name: 'Color', body: color }],
  [0x030c, { name: 'Encap', body: lastPair }],
  [0x030d, { name: 'Default-Gateway', body: none }],
  [0x4300, { name: 'OVS', body: lastOctet }],
  [0x0600, { name: 'MAC-Mobility', body: mobility }],
  [0x0601, { name: 'ESI-Label', body: segmentLabel }],
  [0x0602, { name: 'ES-Import', body: mac }],
  [0x0603, { name: 'RMAC', body: mac }],
  [0x8006, { name: 'Rate', body: rate }],
  [0x800c, { name: 'Packet-Rate', body: rate }],
  [0x8007, { name: 'Action', body: trafficAction }],
  [0x8008, { name: 'Redirect', body: as2 }],
  [0x8108, { name: 'Redirect', body: ipv4 }],
  [0x8208, { name: 'Redirect', body: as4 }],
  [0x8009, { name: 'Mark', body: lastOctet }],
])

export const EXTENDED_COMMUNITY_OCTETS = 8

/** Of the eight octets at `at`. */
export function extendedCommunityText(octets: Uint8Array, view: DataView, at: number): string {
  const row = COMMUNITIES.get(view.getUint16(at))
  if (!row) return `0x${hexText(octets, at, at + EXTENDED_COMMUNITY_OCTETS)}`
  const body = row.body(octets, view, at)
  return body === '' ? row.name : `${row.name}:${body}`
}

const ENCAPSULATION = 0x030c
/** VXLAN, NVGRE, VXLAN-GPE, GENEVE: what stands where a label would be is a VNI. */
const VNI_TUNNELS = new Set([8, 9, 12, 19])

export function saysVni(view: DataView, at: number): boolean {
  return view.getUint16(at) === ENCAPSULATION && VNI_TUNNELS.has(view.getUint16(at + 6))
}
