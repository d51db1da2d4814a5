// Prefixes: TLVs 128, 130 (RFC 1195), 135 (RFC 5305), 236 (RFC 5308), 235, 237 (RFC 5120), and locators of SRv6 with their
// SIDs: TLV 27 (RFC 9352).
import type { NetRecord } from '../../contract/record.ts'
import { ipv4Prefix, ipv6Address, ipv6Prefix } from '../bgp/nlri/prefix-text.ts'
import { type Attribute, wholeOctets } from '../igp/objects.ts'
import { attributesOf, PREFIX_ROWS } from './attribute-rows.ts'
import { MT_MASK, type ReadTlv, type Said, topologyOf } from './said.ts'
import { readTlvs } from './tlv.ts'

const IGP_FLAGS = 1152
const METRIC = 1155
const LOCATOR = 1162
const BEHAVIOR = 1250
const STRUCTURE = 1252
/** IGP flags of BGP-LS: D, the prefix was given down to a lower level. */
const DOWN: Attribute = { type: IGP_FLAGS, octets: Uint8Array.of(0x80) }
const NARROW_OCTETS = 12
/** Flags of TLV 135. */
const V4_DOWN = 0x80
const V4_SUB_TLVS = 0x40
/** Flags of TLV 236. */
const V6_DOWN = 0x80
const V6_SUB_TLVS = 0x20
const END_SID = 5
const SID_STRUCTURE = 1
const END_SID_OCTETS = 20

const object = (said: Said, family: 4 | 6, prefix: string, topology: number): NetRecord => ({
  nlri_type: family === 4 ? 'IPv4 Topology Prefix' : 'IPv6 Topology Prefix',
  ...said.local,
  ...topologyOf(topology),
  ip_reach: prefix,
})

function add(
  said: Said,
  descriptors: NetRecord,
  metric: number,
  isDown: boolean,
  attributes: readonly Attribute[],
): void {
  const own: Attribute[] = [{ type: METRIC, octets: wholeOctets(metric, 4) }]
  said.objects.add(descriptors, [...(isDown ? [DOWN] : []), ...own, ...attributes], metric)
}

/** TLVs 128 and 130: four metrics of an octet, address, mask. */
export const narrowPrefixes: ReadTlv = said => {
  const { octets, view, start, end } = said
  let at = start
  for (; at + NARROW_OCTETS <= end; at += NARROW_OCTETS) {
    const mask = view.getUint32(at + 8)
    const length = Math.clz32(~mask)
    // A mask with holes is no prefix.
    if (mask !== (length === 0 ? 0 : (-1 << (32 - length)) >>> 0)) continue
    const metric = octets[at] as number
    add(said, object(said, 4, ipv4Prefix(octets, at + 4, length), 0), metric & 0x3f, metric >= 0x80, [])
  }
  return at === end
}

function prefixes4(said: Said, from: number, topology: number): boolean {
  const { octets, view, end } = said
  let at = from
  while (at + 5 <= end) {
    const metric = view.getUint32(at)
    const control = octets[at + 4] as number
    const length = control & 0x3f
    const first = at + 5
    const behind = first + ((length + 7) >> 3)
    const next = control & V4_SUB_TLVS ? behind + 1 + (octets[behind] ?? 256) : behind
    if (length > 32 || next > end) return false
    const attributes = next > behind ? attributesOf(octets, behind + 1, next, PREFIX_ROWS) : []
    if (!attributes) return false
    add(said, object(said, 4, ipv4Prefix(octets, first, length), topology), metric, control >= V4_DOWN, attributes)
    at = next
  }
  return at === end
}

function prefixes6(said: Said, from: number, topology: number): boolean {
  const { octets, view, end } = said
  let at = from
  while (at + 6 <= end) {
    const metric = view.getUint32(at)
    const flags = octets[at + 4] as number
    const length = octets[at + 5] as number
    const first = at + 6
    const behind = first + ((length + 7) >> 3)
    const next = flags & V6_SUB_TLVS ? behind + 1 + (octets[behind] ?? 256) : behind
    if (length > 128 || next > end) return false
    const attributes = next > behind ? attributesOf(octets, behind + 1, next, PREFIX_ROWS) : []
    if (!attributes) return false
    add(said, object(said, 6, ipv6Prefix(octets, first, length), topology), metric, flags >= V6_DOWN, attributes)
    at = next
  }
  return at === end
}

export const ipv4Prefixes: ReadTlv = said => prefixes4(said, said.start, 0)
export const ipv6Prefixes: ReadTlv = said => prefixes6(said, said.start, 0)

const ofTopology =
  (read: (said: Said, from: number, topology: number) => boolean): ReadTlv =>
  said =>
    said.end - said.start >= 2 && read(said, said.start + 2, said.view.getUint16(said.start) & MT_MASK)

export const mtIpv4Prefixes: ReadTlv = ofTopology(prefixes4)
export const mtIpv6Prefixes: ReadTlv = ofTopology(prefixes6)

/** TLV 27: locators, each a prefix with End SIDs below. */
export const locators: ReadTlv = ofTopology((said, from, topology) => {
  const { octets, view, end } = said
  let at = from
  while (at + 7 <= end) {
    const [flags, algorithm, length] = octets.subarray(at + 4, at + 7) as unknown as [number, number, number]
    const behind = at + 7 + ((length + 7) >> 3)
    const next = behind + 1 + (octets[behind] ?? 256)
    if (length > 128 || next > end) return false
    const attributes = attributesOf(octets, behind + 1, next, PREFIX_ROWS)
    if (!attributes) return false
    const locator = Uint8Array.of(flags, algorithm, 0, 0, ...wholeOctets(view.getUint32(at), 4))
    const down = flags >= 0x80 ? [DOWN] : []
    const prefix = object(said, 6, ipv6Prefix(octets, at + 7, length), topology)
    said.objects.add(prefix, [...down, ...attributes, { type: LOCATOR, octets: locator }])
    endSids(said, behind + 1, next, algorithm, topology)
    at = next
  }
  return at === end
})

function endSids(said: Said, start: number, end: number, algorithm: number, topology: number): void {
  const { octets } = said
  for (const sub of readTlvs(octets, start, end) ?? []) {
    if (sub.type !== END_SID || sub.end - sub.start < END_SID_OCTETS) continue
    const [flags, high, low] = octets.subarray(sub.start, sub.start + 3) as unknown as [number, number, number]
    const structure = readTlvs(octets, sub.start + END_SID_OCTETS, sub.end)?.find(({ type }) => type === SID_STRUCTURE)
    const attributes: Attribute[] = [{ type: BEHAVIOR, octets: Uint8Array.of(high, low, flags, algorithm) }]
    if (structure) attributes.push({ type: STRUCTURE, octets: octets.subarray(structure.start, structure.end) })
    const sid = ipv6Address(octets, sub.start + 3)
    said.objects.add({ nlri_type: 'SRv6 SID', ...said.local, ...topologyOf(topology), srv6_sid: sid }, attributes)
  }
}
