// FlowSpec NLRI: [path identifier], length, [route distinguisher], components in ascending order (RFC 8955 section 4, IPv6 RFC 8956).
// A filter is one text: "dst 10.0.0.0/24; proto =6; dst_port =80,>=8080&<=8088"; "," is or, "&" is and.
import type { ReadNlri } from '../route.ts'
import { ipv4Prefix, ipv6Prefix } from './prefix-text.ts'
import { distinguisherText, RD_OCTETS } from './route-distinguisher.ts'

interface Component {
  readonly name: string
  readonly kind: 'prefix' | 'number' | 'bits'
}

const COMPONENTS: { readonly [type: number]: Component } = {
  1: { name: 'dst', kind: 'prefix' },
  2: { name: 'src', kind: 'prefix' },
  3: { name: 'proto', kind: 'number' },
  4: { name: 'port', kind: 'number' },
  5: { name: 'dst_port', kind: 'number' },
  6: { name: 'src_port', kind: 'number' },
  7: { name: 'icmp_type', kind: 'number' },
  8: { name: 'icmp_code', kind: 'number' },
  9: { name: 'tcp_flags', kind: 'bits' },
  10: { name: 'length', kind: 'number' },
  11: { name: 'dscp', kind: 'number' },
  12: { name: 'fragment', kind: 'bits' },
  13: { name: 'flow_label', kind: 'number' },
}

const END_OF_LIST = 0x80
const AND = 0x40
/** less, greater, equal: three bits. */
const COMPARISONS = ['false ', '=', '>', '>=', '<', '<=', '!=', 'true ']
/** not, match: two bits. */
const BIT_TESTS = ['', '=', '!', '!=']
/** From this first octet on, the length of an NLRI takes two octets. */
const LONG = 0xf0

/** A reader of octets that says when they are over. */
interface Cursor {
  readonly octets: Uint8Array
  readonly view: DataView
  at: number
  readonly end: number
}

function readPrefix(cursor: Cursor, ipv6: boolean): string | undefined {
  const { octets, end } = cursor
  if (cursor.at + (ipv6 ? 2 : 1) > end) return undefined
  const length = octets[cursor.at++] as number
  const offset = ipv6 ? (octets[cursor.at++] as number) : 0
  if (length > (ipv6 ? 128 : 32) || offset > length || (offset > 0 && offset === length)) return undefined
  const from = cursor.at
  cursor.at += (length - offset + 7) >> 3
  if (cursor.at > end) return undefined
  if (!ipv6) return ipv4Prefix(octets, from, length)
  if (offset === 0) return ipv6Prefix(octets, from, length)
  // The pattern stands behind `offset` bits that do not matter: shown where it belongs in the address.
  const shifted = new Uint8Array(16)
  for (let bit = 0; bit < length - offset; bit++) {
    const to = bit + offset
    if ((octets[from + (bit >> 3)] as number) & (0x80 >> (bit & 7)))
      shifted[to >> 3] = (shifted[to >> 3] as number) | (0x80 >> (to & 7))
  }
  return `${ipv6Prefix(shifted, 0, length)} from bit ${offset}`
}

function readTests(cursor: Cursor, bits: boolean): string | undefined {
  const { octets, view, end } = cursor
  let text = ''
  for (;;) {
    if (cursor.at >= end) return undefined
    const operator = octets[cursor.at++] as number
    const width = 1 << ((operator >> 4) & 3)
    const from = cursor.at
    cursor.at += width
    if (cursor.at > end) return undefined
    let value = 0n
    for (let at = from; at < cursor.at; at++) value = (value << 8n) | BigInt(view.getUint8(at))
    if (text !== '') text += operator & AND ? '&' : ','
    text += bits ? `${BIT_TESTS[operator & 3]}0x${value.toString(16)}` : `${COMPARISONS[operator & 7]}${value}`
    if (operator & END_OF_LIST) return text
  }
}

/** The filter in cursor.at..end, undefined when it is malformed. */
function readFilter(cursor: Cursor, ipv6: boolean): string | undefined {
  const parts: string[] = []
  let before = 0
  while (cursor.at < cursor.end) {
    const type = cursor.octets[cursor.at++] as number
    const component = COMPONENTS[type]
    if (!component || type <= before) return undefined
    before = type
    const text = component.kind === 'prefix' ? readPrefix(cursor, ipv6) : readTests(cursor, component.kind === 'bits')
    if (text === undefined) return undefined
    parts.push(`${component.name} ${text}`)
  }
  return parts.length > 0 ? parts.join('; ') : undefined
}

function flowspec(ipv6: boolean, rdOctets: number): ReadNlri {
  return (octets, view, start, end, { addPath }, routes, skip) => {
    let at = start
    while (at < end) {
      let pathId: number | undefined
      if (addPath) {
        if (end - at < 5) return `a path identifier is cut at ${end - at} octets`
        pathId = view.getUint32(at)
        at += 4
      }
      const first = octets[at++] as number
      if (first >= LONG && at === end) return 'a length is cut'
      const length = first < LONG ? first : ((first & 0xf) << 8) | (octets[at++] as number)
      const from = at
      at += length
      if (at > end) return `a filter of ${length} octets in ${end - from}`
      const filter = length < rdOctets ? undefined : readFilter({ octets, view, at: from + rdOctets, end: at }, ipv6)
      if (filter === undefined) {
        skip(`a malformed FlowSpec filter of ${length} octets`)
        continue
      }
      const rd = rdOctets > 0 ? distinguisherText(octets, view, from) : undefined
      routes.push({ prefix: undefined, pathId, rd, label: undefined, fields: { flowspec: filter } })
    }
    return undefined
  }
}

export const ipv4Flowspec: ReadNlri = flowspec(false, 0)
export const ipv6Flowspec: ReadNlri = flowspec(true, 0)
export const ipv4FlowspecVpn: ReadNlri = flowspec(false, RD_OCTETS)
export const ipv6FlowspecVpn: ReadNlri = flowspec(true, RD_OCTETS)
