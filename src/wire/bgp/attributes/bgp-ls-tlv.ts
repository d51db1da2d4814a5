// Puts a TLV of the BGP-LS attribute into a record, by the kind that its row names.
import type { NetRecord, Value } from '../../../contract/record.ts'
import { hexText } from '../../../octets/address.ts'
import { addressText, ipv4Address, ipv6Address } from '../nlri/prefix-text.ts'
import { LINK_STATE_TLVS, type TlvKind } from './bgp-ls-table.ts'

export interface Tlv {
  readonly octets: Uint8Array
  readonly view: DataView
  readonly start: number
  readonly end: number
}

const decoder = new TextDecoder()

/** A value in octets from..to, big-endian, of 1 to 6 octets. */
function whole({ octets }: Tlv, from: number, to: number): number {
  let value = 0
  for (let at = from; at < to; at++) value = 256 * value + (octets[at] as number)
  return value
}

const each = <Item>({ start, end }: Tlv, width: number, item: (at: number) => Item): Item[] | undefined => {
  if ((end - start) % width !== 0) return undefined
  const items: Item[] = []
  for (let at = start; at < end; at += width) items.push(item(at))
  return items
}

/** A SID of 3 octets is a label, of 4 an index. */
function sid(tlv: Tlv, at: number): NetRecord | undefined {
  const octets = tlv.end - at
  if (octets === 3) return { label: whole(tlv, at, tlv.end) & 0xfffff }
  return octets === 4 ? { index: whole(tlv, at, tlv.end) } : undefined
}

/** Flags, weight, two reserved octets, a router of OSPF, an index. */
const LONGEST_OSPF_ADJACENCY = 12

const hex = (value: number): string => value.toString(16)

function adjacencySid(tlv: Tlv, neighborOctets: 0 | 4 | 6): NetRecord | undefined {
  const { octets, start, end } = tlv
  if (end - start < 4 + neighborOctets) return undefined
  const said = sid(tlv, start + 4 + neighborOctets)
  if (!said) return undefined
  const neighbor = neighborOf(octets, start + 4, neighborOctets)
  return { flags: hex(octets[start] as number), weight: octets[start + 1] as number, ...neighbor, ...said }
}

/** A system of IS-IS in six octets, or a router of OSPF in four. */
function neighborOf(octets: Uint8Array, at: number, count: 0 | 4 | 6): NetRecord {
  if (count === 0) return {}
  return { neighbor: count === 6 ? systemId(octets, at) : ipv4Address(octets, at) }
}

/** 0000.0000.0001 of six octets. */
export function systemId(octets: Uint8Array, at: number): string {
  return [0, 2, 4].map(pair => hexText(octets, at + pair, at + pair + 2)).join('.')
}

/** SR capabilities and local block: flags, a reserved octet, then ranges of three octets each with a SID TLV. */
function labelRanges(tlv: Tlv): NetRecord | undefined {
  const { octets, view, start, end } = tlv
  if (end - start < 2) return undefined
  const ranges: Value[] = []
  for (let at = start + 2; at < end; ) {
    if (end - at < 7 || at + 7 + view.getUint16(at + 5) > end) return undefined
    const next = at + 7 + view.getUint16(at + 5)
    const first = sid({ ...tlv, end: next }, at + 7)
    if (!first) return undefined
    ranges.push({ range: whole(tlv, at, at + 3), ...first })
    at = next
  }
  return { flags: hex(octets[start] as number), ranges }
}

function endXSid(tlv: Tlv, neighborOctets: 0 | 4 | 6): NetRecord | undefined {
  const { octets, view, start, end } = tlv
  const at = start + 6 + neighborOctets
  if (end < at + 16) return undefined
  const neighbor = neighborOf(octets, start + 6, neighborOctets)
  return {
    behavior: view.getUint16(start),
    flags: hex(octets[start + 2] as number),
    algorithm: octets[start + 3] as number,
    weight: octets[start + 4] as number,
    ...neighbor,
    sid: ipv6Address(octets, at),
  }
}

/** How each kind is read; undefined when the length is not the kind's. */
const KINDS: { readonly [kind in TlvKind]: (tlv: Tlv) => Value | undefined } = {
  text: ({ octets, start, end }) => decoder.decode(octets.subarray(start, end)),
  hex: ({ octets, start, end }) => hexText(octets, start, end),
  octetHex: ({ octets, start, end }) => (end > start ? hex(octets[end - 1] as number) : undefined),
  address: ({ octets, start, end }) =>
    end - start === 4 || end - start === 16 ? addressText(octets, start, end - start) : undefined,
  number: tlv => (tlv.end > tlv.start && tlv.end - tlv.start <= 6 ? whole(tlv, tlv.start, tlv.end) : undefined),
  wordHex: tlv => (tlv.end - tlv.start === 4 ? hex(whole(tlv, tlv.start, tlv.end)) : undefined),
  wordHexes: tlv => each(tlv, 4, at => hex(tlv.view.getUint32(at))),
  pairHexes: tlv => each(tlv, 2, at => hexText(tlv.octets, at, at + 2)),
  octets: tlv => each(tlv, 1, at => tlv.octets[at] as number),
  pairs: tlv => each(tlv, 2, at => tlv.view.getUint16(at) & 0xfff),
  words: tlv => each(tlv, 4, at => tlv.view.getUint32(at)),
  longHexes: tlv => each(tlv, 8, at => hexText(tlv.octets, at, at + 8)),
  // Octets a second on the wire; pmacct prints bits, as whole numbers.
  bits: tlv => (tlv.end - tlv.start === 4 ? Math.trunc(tlv.view.getFloat32(tlv.start)) * 8 : undefined),
  bitsList: tlv => each(tlv, 4, at => Math.trunc(tlv.view.getFloat32(at)) * 8),
  // One octet holds six bits of IS-IS metric (RFC 9552 section 5.3.2.4).
  metric: tlv => {
    const octets = tlv.end - tlv.start
    if (octets < 1 || octets > 3) return undefined
    return octets === 1 ? (tlv.octets[tlv.start] as number) & 0x3f : whole(tlv, tlv.start, tlv.end)
  },
  delay: tlv => (tlv.end - tlv.start === 4 ? whole(tlv, tlv.start + 1, tlv.end) : undefined),
  delays: ({ view, start, end }) =>
    end - start === 8
      ? { min: view.getUint32(start) & 0xffffff, max: view.getUint32(start + 4) & 0xffffff }
      : undefined,
  labelRanges,
  adjacencySid: tlv => adjacencySid(tlv, 0),
  // RFC 9085 section 2.2.2: the rest tells a label of three octets from an index of four.
  lanAdjacencySid: tlv => adjacencySid(tlv, tlv.end - tlv.start > LONGEST_OSPF_ADJACENCY ? 6 : 4),
  prefixSid: tlv => {
    const said = tlv.end - tlv.start < 4 ? undefined : sid(tlv, tlv.start + 4)
    return (
      said && { flags: hex(tlv.octets[tlv.start] as number), algorithm: tlv.octets[tlv.start + 1] as number, ...said }
    )
  },
  endXSid: tlv => endXSid(tlv, 0),
  lanEndXSid: tlv => endXSid(tlv, 6),
  ospfLanEndXSid: tlv => endXSid(tlv, 4),
  locator: ({ octets, view, start, end }) =>
    end - start < 8
      ? undefined
      : {
          flags: hex(octets[start] as number),
          algorithm: octets[start + 1] as number,
          metric: view.getUint32(start + 4),
        },
  endpointBehavior: ({ octets, view, start, end }) =>
    end - start !== 4
      ? undefined
      : {
          behavior: view.getUint16(start),
          flags: hex(octets[start + 2] as number),
          algorithm: octets[start + 3] as number,
        },
  sidStructure: ({ octets, start, end }) =>
    end - start !== 4
      ? undefined
      : {
          locator_block: octets[start] as number,
          locator_node: octets[start + 1] as number,
          function: octets[start + 2] as number,
          argument: octets[start + 3] as number,
        },
}

/** Adds the TLV under the key of its row, in hex as attr_<type> when there is no row or the length does not fit it. */
export function putLinkStateTlv(type: number, tlv: Tlv, into: NetRecord): void {
  const row = LINK_STATE_TLVS.get(type)
  const value = row && KINDS[row.kind](tlv)
  if (!row || value === undefined) {
    into[`attr_${type}`] = hexText(tlv.octets, tlv.start, tlv.end)
    return
  }
  const before = into[row.key]
  if (Array.isArray(value)) into[row.key] = Array.isArray(before) ? [...before, ...value] : value
  else if (row.several) into[row.key] = Array.isArray(before) ? [...before, value] : [value]
  else into[row.key] = value
}
