// The ids of pcap-filter primitives: hosts, networks, ports and protocols, in the directions asked for.
import { parseDotted, parseMac } from '../octets/address.ts'
import type { Cursor } from './cursor.ts'
import { and, type Expression, isNumber, type NumberMember, or, type Test, test } from './expression.ts'
import { networkText } from './literal.ts'
import { ETHERTYPES, protocolOfName, SERVICES } from './names.ts'
import { isEtherType, isIpv4, isIpv6, isProtocol, mayHavePorts } from './protocol-tests.ts'
import type { Token } from './scanner.ts'
import { prefixText } from './test-value.ts'
import { parsePrefix } from './values.ts'

export interface Qualifier {
  /** ether, ip, ip6, tcp, udp, sctp */
  readonly protocol?: string
  readonly direction: 'src' | 'dst' | 'either' | 'both'
  readonly kind: 'host' | 'net' | 'port' | 'portrange' | 'proto'
}

/** Takes the id from the cursor. */
type ParseId = (cursor: Cursor, qualifier: Qualifier) => Expression
export type Ids = { readonly [kind in Qualifier['kind']]: ParseId }

/** The test on the source field, the destination field, either or both. */
function inDirection({ direction }: Qualifier, source: string, destination: string, of: Test): Expression {
  if (direction === 'src') return test(source, of)
  if (direction === 'dst') return test(destination, of)
  const sides = [test(source, of), test(destination, of)]
  return direction === 'both' ? and(...sides) : or(...sides)
}

function refuse(cursor: Cursor, token: Token, { protocol, kind }: Qualifier): never {
  return cursor.fail(token, {
    message: `"${protocol}" does not go with "${kind}"`,
    hint: `write: ${protocol} and ${kind} ...`,
  })
}

function insidePrefix(cursor: Cursor, token: Token, qualifier: Qualifier, prefix: string): Expression {
  const family = prefix.includes(':') ? 'ip6' : 'ip'
  const { protocol } = qualifier
  if (protocol !== undefined && protocol !== 'ip' && protocol !== 'ip6') refuse(cursor, token, qualifier)
  if (protocol !== undefined && protocol !== family)
    cursor.fail(token, { message: `${prefix} is no ${protocol} address` })
  return inDirection(qualifier, 'ip_src', 'ip_dst', {
    is: 'addresses',
    prefixes: [prefix],
    exact: false,
    negated: false,
  })
}

export const hostOf: ParseId = (cursor, qualifier) => {
  if (cursor.peek().kind === 'prefix') return networkOf(cursor, qualifier)
  const token = cursor.peek()
  if (qualifier.protocol === 'ether') {
    if (token.kind !== 'mac') cursor.expected('a MAC address aa:bb:cc:dd:ee:ff')
    const members = [parseMac(cursor.take().text)]
    return inDirection(qualifier, 'mac_src', 'mac_dst', { is: 'numbers', members, negated: false })
  }
  if (token.kind === 'mac')
    cursor.fail(token, { message: 'this is a MAC address', hint: `write: ether host ${token.text}` })
  const address = token.kind === 'address' ? parsePrefix(token.text) : undefined
  const isName = token.kind === 'word' || token.kind === 'bare'
  if (!address)
    return cursor.expected('an address', isName ? 'names are not looked up: write the address itself' : undefined)
  cursor.take()
  return insidePrefix(cursor, token, qualifier, prefixText(address))
}

/** `A/len`, `A mask M`, `10`, `10.1`, `10.1.2`, `10.1/16`. */
export const networkOf: ParseId = (cursor, qualifier) => {
  const token = cursor.peek()
  const text = takeNetwork(cursor)
  const prefix = parsePrefix(text)
  if (!prefix) return cursor.fail(token, { message: `"${text}" is no network` })
  const network = networkText(prefix)
  if (network !== prefixText(prefix)) {
    cursor.fail(token, { message: `${text} has host bits`, hint: `the network is ${network}` })
  }
  return insidePrefix(cursor, token, qualifier, network)
}

function takeNetwork(cursor: Cursor): string {
  const { kind, text } = cursor.peek()
  if (kind === 'prefix') return cursor.take().text
  const isShort = (kind === 'number' && /^\d+(\.\d+)?$/.test(text)) || kind === 'dotted'
  if (!isShort && kind !== 'address') return cursor.expected('a network', 'write: net 10.0.0.0/8')
  cursor.take()
  const parts = isShort ? text.split('.') : []
  const base = isShort ? [...parts, '0', '0', '0'].slice(0, 4).join('.') : text
  if (cursor.skipSymbol('/')) return `${base}/${takeLength(cursor)}`
  if (cursor.skipWord('mask')) return `${base}/${maskLength(cursor)}`
  return isShort ? `${base}/${8 * parts.length}` : base
}

function takeLength(cursor: Cursor): string {
  return cursor.peek().kind === 'number' ? cursor.take().text : cursor.expected('a prefix length')
}

function maskLength(cursor: Cursor): number {
  const token = cursor.peek()
  const mask = token.kind === 'address' ? parseDotted(token.text) : -1
  if (mask < 0) return cursor.expected('a mask', 'write: net 10.0.0.0 mask 255.0.0.0')
  const length = Math.clz32(~mask)
  const isContiguous = mask === (length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0)
  if (!isContiguous)
    cursor.fail(token, { message: 'the ones of a mask come first', hint: 'use ip[12:4] & 0x... for other masks' })
  cursor.take()
  return length
}

function portNumber(cursor: Cursor): number {
  const token = cursor.peek()
  const isName = token.kind === 'word' || token.kind === 'quoted'
  const port = token.kind === 'number' ? Number(token.number) : isName ? SERVICES.get(token.text) : undefined
  if (port === undefined) return cursor.expected('a port: a number, or the name of a well-known service')
  if (!(Number.isInteger(port) && port <= 65535)) cursor.fail(token, { message: `${token.text} is no port` })
  cursor.take()
  return port
}

function hasPort(cursor: Cursor, token: Token, qualifier: Qualifier, member: NumberMember): Expression {
  const { protocol } = qualifier
  const isTransport = protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp'
  if (protocol !== undefined && !isTransport) refuse(cursor, token, qualifier)
  const guard = isTransport ? isProtocol(protocolOfName(protocol)) : mayHavePorts()
  const of: Test = { is: 'numbers', members: [member], negated: false }
  return and(guard, inDirection(qualifier, 'port_src', 'port_dst', of))
}

export const portOf: ParseId = (cursor, qualifier) => {
  const token = cursor.peek()
  const port = portNumber(cursor)
  if (cursor.isSymbol('-')) cursor.fail(token, { message: 'this is a range', hint: `write: portrange ${port}-...` })
  return hasPort(cursor, token, qualifier, port)
}

export const portRangeOf: ParseId = (cursor, qualifier) => {
  const token = cursor.peek()
  const from = portNumber(cursor)
  const to = cursor.skipSymbol('-') ? portNumber(cursor) : from
  return hasPort(cursor, token, qualifier, from <= to ? [from, to] : [to, from])
}

/** A number or a name, which pcap-filter wants escaped where it is a keyword: `\tcp`. */
export const protocolOf: ParseId = (cursor, qualifier) => {
  cursor.skipSymbol('\\')
  const token = cursor.peek()
  const isEther = qualifier.protocol === 'ether'
  const names = (text: string): number => (isEther ? (ETHERTYPES.get(text) ?? Number.NaN) : protocolOfName(text))
  const isName = token.kind === 'word' || token.kind === 'quoted'
  const number = token.kind === 'number' ? Number(token.number) : isName ? names(token.text) : Number.NaN
  if (Number.isNaN(number)) return cursor.expected(isEther ? 'an EtherType' : 'a protocol: its name or its number')
  if (number > (isEther ? 0xffff : 255)) cursor.fail(token, { message: `${token.text} is too large` })
  cursor.take()
  if (isEther) return isEtherType(number)
  if (qualifier.protocol === 'ip') return and(isIpv4(), isNumber('ip_proto', number))
  if (qualifier.protocol === 'ip6') return and(isIpv6(), isNumber('ip_proto', number))
  return qualifier.protocol === undefined ? isProtocol(number) : refuse(cursor, token, qualifier)
}
