// Texts of extended communities (RFC 4360, 5668, 7153), and back. Route targets and sites of origin as pmacct prints them;
// pmacct prints "?" for all others, netally a name, or the octets in hex.
import { hexText } from '../../../octets/address.ts'
import * as body from './extended-community-body.ts'

interface CommunityRow {
  readonly name: string
  readonly body: body.Body
}

/** By type and subtype; names as other tools have them. */
const COMMUNITIES: ReadonlyMap<number, CommunityRow> = new Map([
  [0x0002, { name: 'RT', body: body.as2 }],
  [0x0003, { name: 'SoO', body: body.as2 }],
  [0x0005, { name: 'OSPF-Domain-Id', body: body.as2 }],
  [0x0009, { name: 'Source-AS', body: body.as2 }],
  [0x000a, { name: 'L2VPN-Id', body: body.as2 }],
  [0x0102, { name: 'RT', body: body.ipv4 }],
  [0x0103, { name: 'SoO', body: body.ipv4 }],
  [0x0105, { name: 'OSPF-Domain-Id', body: body.ipv4 }],
  [0x0107, { name: 'OSPF-Router-Id', body: body.ipv4 }],
  [0x010a, { name: 'L2VPN-Id', body: body.ipv4 }],
  [0x010b, { name: 'VRF-Import', body: body.ipv4 }],
  [0x0202, { name: 'RT', body: body.as4 }],
  [0x0203, { name: 'SoO', body: body.as4 }],
  [0x0205, { name: 'OSPF-Domain-Id', body: body.as4 }],
  [0x0209, { name: 'Source-AS', body: body.as4 }],
  [0x4004, { name: 'LB', body: body.rate }],
  [0x0004, { name: 'LB', body: body.rate }],
  [0x0306, { name: 'OSPF-Route-Type', body: body.ospfRoute }],
  [0x030b, { name: 'Color', body: body.color }],
  [0x030c, { name: 'Encap', body: body.lastPair }],
  [0x030d, { name: 'Default-Gateway', body: body.none }],
  [0x4300, { name: 'OVS', body: body.lastOctet }],
  [0x0600, { name: 'MAC-Mobility', body: body.mobility }],
  [0x0601, { name: 'ESI-Label', body: body.segmentLabel }],
  [0x0602, { name: 'ES-Import', body: body.mac }],
  [0x0603, { name: 'RMAC', body: body.mac }],
  [0x8006, { name: 'Rate', body: body.rate }],
  [0x800c, { name: 'Packet-Rate', body: body.rate }],
  [0x8007, { name: 'Action', body: body.trafficAction }],
  [0x8008, { name: 'Redirect', body: body.as2 }],
  [0x8108, { name: 'Redirect', body: body.ipv4 }],
  [0x8208, { name: 'Redirect', body: body.as4 }],
  [0x8009, { name: 'Mark', body: body.lastOctet }],
])

/** Of the eight octets at `at`. */
export function extendedCommunityText(octets: Uint8Array, view: DataView, at: number): string {
  const row = COMMUNITIES.get(view.getUint16(at))
  if (!row) return `0x${hexText(octets, at, at + body.EXTENDED_COMMUNITY_OCTETS)}`
  const text = row.body.read(octets, view, at)
  return text === '' ? row.name : `${row.name}:${text}`
}

/** Types by name, with what stands behind each. */
const BY_NAME = Map.groupBy(COMMUNITIES, ([, { name }]) => name)

/** The eight octets of a text; undefined when it is none of an extended community. */
export function parseExtendedCommunity(text: string): Uint8Array | undefined {
  if (/^0x[0-9a-f]{16}$/.test(text)) return Uint8Array.from(Buffer.from(text.slice(2), 'hex'))
  const [name = ''] = text.split(':', 1)
  for (const [type, row] of BY_NAME.get(name) ?? []) {
    const octets = row.body.write(text.slice(name.length + 1), type)
    if (octets) return octets
  }
  return undefined
}

const ENCAPSULATION = 0x030c
/** VXLAN, NVGRE, VXLAN-GPE, GENEVE: what stands where a label would be is a VNI. */
const VNI_TUNNELS = new Set([8, 9, 12, 19])

export function saysVni(view: DataView, at: number): boolean {
  return view.getUint16(at) === ENCAPSULATION && VNI_TUNNELS.has(view.getUint16(at + 6))
}
