// pcap-filter(7) primitives: qualifiers and an id. What libpcap refuses is refused here too, where it is a likely slip.

import { PACKET_LENGTH } from './accessor.ts'
import type { Cursor } from './cursor.ts'
import { and, type Expression, isNumber, isPresent, not, or, test } from './expression.ts'
import { hostOf, type Ids, networkOf, portOf, portRangeOf, protocolOf, type Qualifier } from './primitive-id.ts'
import { isEtherType, isIpv4, isIpv6, isProtocol } from './protocol-tests.ts'

/** Protocol words that may stand alone. */
const PROTOCOLS: { readonly [word in string]?: () => Expression } = {
  ip: isIpv4,
  ip6: isIpv6,
  arp: () => isEtherType(0x0806),
  rarp: () => isEtherType(0x8035),
  tcp: () => isProtocol(6),
  udp: () => isProtocol(17),
  sctp: () => isProtocol(132),
  icmp: () => isProtocol(1),
  icmp6: () => isProtocol(58),
  igmp: () => isProtocol(2),
  igrp: () => isProtocol(9),
  ah: () => isProtocol(51),
  esp: () => isProtocol(50),
  pim: () => isProtocol(103),
  vrrp: () => isProtocol(112),
  carp: () => isProtocol(112),
}

/** Protocol words that qualify what follows. */
const QUALIFYING: ReadonlySet<string> = new Set(['ether', 'ip', 'ip6', 'tcp', 'udp', 'sctp'])

/** Kinds of id. */
const IDS: Ids = { host: hostOf, net: networkOf, port: portOf, portrange: portRangeOf, proto: protocolOf }

/** Words of pcap-filter that no record answers. */
const UNANSWERED: { readonly [word in string]?: string } = {
  gateway: 'write: ether host MAC and not host ADDRESS',
  protochain: 'write: proto NUMBER',
  inbound: 'write: sampling_direction == i',
  outbound: 'write: sampling_direction == e',
  broadcast: 'write: ether broadcast',
  multicast: 'write: ip multicast, ip6 multicast or ether multicast',
  pppoes: 'records do not tell the PPPoE session',
  ifname: 'write: iface_name_in == "..."',
}

type Alone = (cursor: Cursor) => Expression

const WITH_NUMBER: { readonly [word in string]?: Alone } = {
  vlan: cursor => {
    const id = takeNumber(cursor)
    const names = ['vlan', 'vlan_in']
    if (id !== undefined) return or(...names.map(name => isNumber(name, id)))
    return or(...names.map(name => and(isPresent(name), not(isNumber(name, 0)))))
  },
  mpls: cursor => {
    const label = takeNumber(cursor)
    if (label === undefined) return or(isPresent('mpls_label_top'), isPresent('mpls_label_stack'))
    const inStack = test('mpls_label_stack', { is: 'has', numbers: [label], texts: [], negated: false })
    return or(isNumber('mpls_label_top', label), inStack)
  },
  less: cursor => packetLength(cursor, '<='),
  greater: cursor => packetLength(cursor, '>='),
}

function takeNumber(cursor: Cursor): number | undefined {
  return cursor.peek().kind === 'number' ? Number(cursor.take().number) : undefined
}

function packetLength(cursor: Cursor, operator: '<=' | '>='): Expression {
  const length = takeNumber(cursor)
  if (length === undefined) return cursor.expected('a packet length in octets')
  return { is: 'compare', operator, left: PACKET_LENGTH, right: { is: 'number', number: length } }
}

/** Every word that starts a primitive. */
export const PRIMITIVE_WORDS: ReadonlySet<string> = new Set(
  [PROTOCOLS, WITH_NUMBER, UNANSWERED, IDS].flatMap(table => Object.keys(table)).concat('ether', 'src', 'dst'),
)

export interface Primitive {
  readonly expression: Expression
  /** What an id after the next `and` or `or` means, where one may follow. */
  readonly qualifier?: Qualifier
}

/** Parses the primitive that starts at the cursor, at one of PRIMITIVE_WORDS. */
export function parsePrimitive(cursor: Cursor): Primitive {
  const first = cursor.peek()
  const hint = UNANSWERED[first.text]
  if (hint !== undefined) {
    cursor.fail(first, { code: 'filter/not-in-records', message: `records do not tell "${first.text}"`, hint })
  }
  const alone = WITH_NUMBER[first.text]
  if (alone) {
    cursor.take()
    return { expression: alone(cursor) }
  }
  return parseQualified(cursor)
}

function parseQualified(cursor: Cursor): Primitive {
  const first = cursor.peek()
  const protocol = first.text in PROTOCOLS || QUALIFYING.has(first.text) ? cursor.take().text : undefined
  const special = protocol && SPECIAL[`${protocol} ${cursor.peek().text}`]
  if (special) {
    cursor.take()
    return { expression: special }
  }
  const direction = parseDirection(cursor)
  const kindWord = cursor.peek()
  const kind = kindWord.kind === 'word' && kindWord.text in IDS ? (cursor.take().text as keyof Ids) : undefined
  if (protocol && direction === 'either' && kind === undefined) {
    const bare = PROTOCOLS[protocol]
    return bare
      ? { expression: bare() }
      : cursor.expected('host, src, dst, proto, broadcast or multicast after "ether"')
  }
  if (protocol && !QUALIFYING.has(protocol)) {
    cursor.fail(first, { message: `"${protocol}" stands alone`, hint: `write: ${protocol} and ...` })
  }
  const qualifier: Qualifier = { direction, kind: kind ?? 'host', ...(protocol === undefined ? {} : { protocol }) }
  return { expression: parseIds(cursor, qualifier), qualifier }
}

const multicast = (field: string, prefix: string): Expression => {
  return test(field, { is: 'addresses', prefixes: [prefix], exact: false, negated: false })
}

/** The lowest bit of the first octet of a MAC address is set in group addresses. */
const GROUP_MAC: Expression = {
  is: 'compare',
  operator: '!=',
  left: {
    is: 'arithmetic',
    operator: '&',
    left: { is: 'octets', field: 'mac_dst', family: 48, offset: 0, size: 1 },
    right: { is: 'number', number: 1 },
  },
  right: { is: 'number', number: 0 },
}

const SPECIAL: { readonly [words in string]?: Expression } = {
  'ip multicast': multicast('ip_dst', '224.0.0.0/4'),
  'ip broadcast': multicast('ip_dst', '255.255.255.255/32'),
  'ip6 multicast': multicast('ip_dst', 'ff00::/8'),
  'ether multicast': GROUP_MAC,
  'ether broadcast': isNumber('mac_dst', 0xffff_ffff_ffff),
}

/** `src`, `dst`, `src or dst`, `src and dst`, or nothing, which is either. */
function parseDirection(cursor: Cursor): Qualifier['direction'] {
  const [first, second] = cursor.isWord('src') ? ['src', 'dst'] : ['dst', 'src']
  if (!cursor.skipWord(first as 'src' | 'dst')) return 'either'
  const isPair = cursor.peek(1).text === second
  if (isPair && (cursor.isWord('or') || cursor.isSymbol('||'))) return takePair(cursor, 'either')
  if (isPair && (cursor.isWord('and') || cursor.isSymbol('&&'))) return takePair(cursor, 'both')
  return first as 'src' | 'dst'
}

function takePair(cursor: Cursor, direction: Qualifier['direction']): Qualifier['direction'] {
  cursor.take()
  cursor.take()
  return direction
}

/** One id, or several in parentheses: `port (80 or 443)`. */
function parseIds(cursor: Cursor, qualifier: Qualifier): Expression {
  if (!cursor.skipSymbol('(')) return parseId(cursor, qualifier)
  let ids = parseId(cursor, qualifier)
  while (!cursor.skipSymbol(')')) {
    const isOr = cursor.skipWord('or') || cursor.skipSymbol('||')
    if (!isOr && !cursor.skipWord('and') && !cursor.skipSymbol('&&')) cursor.expected('"or", "and" or ")"')
    const next = parseId(cursor, qualifier)
    ids = isOr ? or(ids, next) : and(ids, next)
  }
  return ids
}

/** The id at the cursor under a qualifier, its own or the one before it. */
export function parseId(cursor: Cursor, qualifier: Qualifier): Expression {
  let negated = false
  while (cursor.skipWord('not') || cursor.skipSymbol('!')) negated = !negated
  const id = IDS[qualifier.kind](cursor, qualifier)
  return negated ? not(id) : id
}
