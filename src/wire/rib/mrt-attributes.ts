// Attributes of a record back to path attributes as MRT tables have them: AS numbers of four octets, and of
// MP_REACH_NLRI only the next hop (RFC 6396 section 4.3.4).
import type { NetRecord, Value } from '../../contract/record.ts'
import { parseDotted, parseIpv6 } from '../../octets/address.ts'
import { EXTENDED_LENGTH, OPTIONAL, TRANSITIVE } from '../bgp/attributes/attribute.ts'
import { communityOctets, extendedCommunityOctets, largeCommunityOctets } from '../bgp/attributes/community-octets.ts'
import { MP_REACH_NLRI } from '../bgp/attributes/scan.ts'
import { RD_OCTETS } from '../bgp/nlri/route-distinguisher.ts'

const BOTH = OPTIONAL | TRANSITIVE
/** Octets of all attributes of an entry. */
const MOST_OCTETS = 0xffff
/** Longer values are left out; a character of JSON becomes four octets at most. */
const LONGEST_TEXT = MOST_OCTETS / 4

/** How a table has next hops: of IPv4 in NEXT_HOP, or all in MP_REACH_NLRI, in VPN families behind a distinguisher of 0. */
export type NextHopForm = 'unicast' | 'labelled' | 'vpn'

/** What the value is of. */
interface Whole {
  readonly record: NetRecord
  readonly form: NextHopForm
}

/** Writes a value at `at` and returns where it ends, -1 when it cannot be written. */
type Write = (value: Value, view: DataView, at: number, whole: Whole) => number

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

function putAddress(text: string, view: DataView, at: number): number {
  const number = parseDotted(text)
  if (number < 0) return -1
  view.setUint32(at, number)
  return at + 4
}

const address: Write = (value, view, at) => putAddress(String(value), view, at)

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
  return putAddress(item, new DataView(octets.buffer), 0) < 0 ? undefined : octets
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

const aggregator: Write = (as, view, at, { record }) => {
  view.setUint32(at, Number(as))
  return putAddress(String(record.aggregator_ip ?? '0.0.0.0'), view, at + 4)
}

/** One TLV of type 1 (RFC 7311 section 3). */
const aigp: Write = (value, view, at) => {
  view.setUint8(at, 1)
  view.setUint16(at + 1, 11)
  view.setBigUint64(at + 3, BigInt(value as number | bigint))
  return at + 11
}

const words = new Uint32Array(4)

const reach: Write = (value, view, at, { form }) => {
  const text = String(value)
  const isIpv6 = text.includes(':')
  const zeros = form === 'vpn' ? RD_OCTETS : 0
  view.setUint8(at++, zeros + (isIpv6 ? 16 : 4))
  for (const end = at + zeros; at < end; at++) view.setUint8(at, 0)
  if (!isIpv6) return putAddress(text, view, at)
  if (!parseIpv6(text, words, 0)) return -1
  for (let index = 0; index < 4; index++) view.setUint32(at + 4 * index, words[index] as number)
  return at + 16
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
  { key: 'bgp_nexthop', code: MP_REACH_NLRI, flags: OPTIONAL, write: reach },
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

export function writeAttributes(record: NetRecord, form: NextHopForm): WrittenAttributes {
  const whole = { record, form }
  let leftOut = Object.keys(record).filter(key => !KNOWN.has(key) && !SILENT.has(key)).length
  let at = 0
  for (const { key, code, flags, write } of ROWS) {
    const value = record[key]
    if (value === undefined || value === null) continue
    const inReach = form !== 'unicast' || String(value).includes(':')
    if (key === 'bgp_nexthop' && inReach !== (code === MP_REACH_NLRI)) continue
    const end = JSON.stringify(value, plainNumber).length > LONGEST_TEXT ? -1 : write(value, scratchView, at + 4, whole)
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
