// Attributes of a record back to path attributes as MRT tables have them: AS numbers of four octets, and of
// MP_REACH_NLRI only the next hop (RFC 6396 section 4.3.4).
import type { NetRecord, Value } from '../../contract/record.ts'
import { parseDotted, parseIpv6 } from '../../octets/address.ts'
import { communityOctets, extendedCommunityOctets, largeCommunityOctets } from '../bgp/attributes/community-octets.ts'

const TRANSITIVE = 0x40
const OPTIONAL = 0x80
const BOTH = OPTIONAL | TRANSITIVE
const EXTENDED_LENGTH = 0x10
/** Octets of all attributes of an entry. */
const MOST_OCTETS = 0xffff
/** Longer values are left out; a character of JSON becomes four octets at most. */
const LONGEST_TEXT = MOST_OCTETS / 4

/** Writes a value at `at` and returns where it ends, -1 when it cannot be written. */
type Write = (value: Value, view: DataView, at: number, record: NetRecord) => number

interface Row {
  readonly key: string
  readonly code: number
  readonly flags: number
  readonly write: Write
}

const word: Write = (value, view, at) => {
  view.setUint32(at, Number(value))
  return at + 4
}

const address: Write = (value, view, at) => {
  const number = parseDotted(String(value))
  if (number < 0) return -1
  view.setUint32(at, number)
  return at + 4
}

/** Lists are arrays, or pmacct's texts. */
const items = (value: Value): string[] =>
  Array.isArray(value) ? value.map(String) : String(value).split(/[ _]/).filter(Boolean)

/** Writes each item of a list. */
const each =
  (octetsOf: (item: string) => Uint8Array | undefined): Write =>
  (value, view, at) => {
    for (const item of items(value)) {
      const octets = octetsOf(item)
      if (!octets) return -1
      new Uint8Array(view.buffer).set(octets, at)
      at += octets.length
    }
    return at
  }

function dottedOctets(item: string): Uint8Array | undefined {
  const octets = new Uint8Array(4)
  return address(item, new DataView(octets.buffer), 0, {}) < 0 ? undefined : octets
}

const SEQUENCE = 2
/** Kinds of segments by the bracket that pmacct writes around them. */
const SEGMENTS: { readonly [bracket: string]: number } = { '{': 1, '(': 3, '[': 4 }
const MOST_HOPS = 255

const asPath: Write = (value, view, at) => {
  // "(1 2)" is one item of a list, and two words of a text.
  const parts = Array.isArray(value) ? value.map(String) : (String(value).match(/[{([][^\])}]*[\])}]|\d+/g) ?? [])
  let countAt = -1
  for (const part of parts) {
    const type = SEGMENTS[part[0] ?? ''] ?? SEQUENCE
    const hops = part.match(/\d+/g) ?? []
    if (countAt < 0 || type !== SEQUENCE || view.getUint8(countAt) >= MOST_HOPS) {
      view.setUint8(at, type)
      view.setUint8(at + 1, 0)
      countAt = at + 1
      at += 2
    }
    for (const hop of hops.slice(0, MOST_HOPS)) {
      view.setUint32(at, Number(hop))
      at += 4
      view.setUint8(countAt, view.getUint8(countAt) + 1)
    }
    if (type !== SEQUENCE) countAt = -1
  }
  return at
}

const origin: Write = (value, view, at) => {
  const code = ['i', 'e', 'u'].indexOf(String(value))
  view.setUint8(at, code)
  return code < 0 ? -1 : at + 1
}

const aggregator: Write = (as, view, at, { aggregator_ip }) => {
  view.setUint32(at, Number(as))
  return address(aggregator_ip ?? '0.0.0.0', view, at + 4, {})
}

/** One TLV of type 1 (RFC 7311 section 3). */
const aigp: Write = (value, view, at) => {
  view.setUint8(at, 1)
  view.setUint16(at + 1, 11)
  view.setBigUint64(at + 3, BigInt(value as number | bigint))
  return at + 11
}

const words = new Uint32Array(4)

const ipv6NextHop: Write = (value, view, at) => {
  if (!parseIpv6(String(value), words, 0)) return -1
  view.setUint8(at, 16)
  for (let index = 0; index < 4; index++) view.setUint32(at + 1 + 4 * index, words[index] as number)
  return at + 17
}

/** In the order of codes. */
const ROWS: readonly Row[] = [
  { key: 'origin', code: 1, flags: TRANSITIVE, write: origin },
  { key: 'as_path', code: 2, flags: TRANSITIVE, write: asPath },
  { key: 'bgp_nexthop', code: 3, flags: TRANSITIVE, write: address },
  { key: 'med', code: 4, flags: OPTIONAL, write: word },
  { key: 'local_pref', code: 5, flags: TRANSITIVE, write: word },
  { key: 'atomic_aggregate', code: 6, flags: TRANSITIVE, write: (_value, _view, at) => at },
  { key: 'aggregator_as', code: 7, flags: BOTH, write: aggregator },
  { key: 'comms', code: 8, flags: BOTH, write: each(communityOctets) },
  { key: 'originator_id', code: 9, flags: OPTIONAL, write: address },
  {
    key: 'cluster_list',
    code: 10,
    flags: OPTIONAL,
    write: each(dottedOctets),
  },
  { key: 'bgp_nexthop', code: 14, flags: OPTIONAL, write: ipv6NextHop },
  { key: 'ecomms', code: 16, flags: BOTH, write: each(extendedCommunityOctets) },
  { key: 'aigp', code: 26, flags: OPTIONAL, write: aigp },
  { key: 'lcomms', code: 32, flags: BOTH, write: each(largeCommunityOctets) },
  { key: 'otc', code: 35, flags: BOTH, write: word },
]

/** Keys that say nothing that an attribute would. */
const SILENT: ReadonlySet<string> = new Set(['aggregator_ip', 'tag', 'tag2', 'label', 'roa'])
const KNOWN: ReadonlySet<string> = new Set(ROWS.map(({ key }) => key))

export interface WrittenAttributes {
  readonly octets: Uint8Array
  /** Keys that have no place in it, or a value that cannot be written. */
  readonly leftOut: number
}

const scratch = new Uint8Array(3 * MOST_OCTETS)
const scratchView = new DataView(scratch.buffer)

export function writeAttributes(record: NetRecord): WrittenAttributes {
  let leftOut = Object.keys(record).filter(key => !KNOWN.has(key) && !SILENT.has(key)).length
  let at = 0
  for (const { key, code, flags, write } of ROWS) {
    const value = record[key]
    if (value === undefined || value === null) continue
    if (key === 'bgp_nexthop' && String(value).includes(':') !== (code === 14)) continue
    const end =
      JSON.stringify(value, plainNumber).length > LONGEST_TEXT ? -1 : write(value, scratchView, at + 4, record)
    if (end < 0 || end > MOST_OCTETS) {
      leftOut++
      continue
    }
    scratch[at] = flags | EXTENDED_LENGTH
    scratch[at + 1] = code
    scratchView.setUint16(at + 2, end - at - 4)
    at = end
  }
  return { octets: scratch.slice(0, at), leftOut }
}

const plainNumber = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value)
