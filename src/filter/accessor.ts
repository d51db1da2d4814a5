// Byte accesses: which octets of which header a record answers. proto[offset:size] as in pcap-filter(7).
import { type ArithmeticOperator, and, type Expression, isNumber, type Term } from './expression.ts'
import type { Complaint } from './failure.ts'
import { isIpv4, isIpv6 } from './protocol-tests.ts'

/** Octets from..to-1 of a header, and where they come from. */
interface Region {
  readonly from: number
  readonly to: number
  readonly source: Term
  /** Set where the source is an address, whose octets are taken in place. */
  readonly family?: 4 | 6 | 48
}

interface Header {
  /** What a packet must be for the access to have a value: none for Ethernet. */
  readonly guard: Expression
  readonly regions: readonly Region[]
}

const field = (name: string): Term => ({ is: 'field', field: name })
const number = (value: number): Term => ({ is: 'number', number: value })
const calculate = (left: Term, operator: ArithmeticOperator, right: Term): Term => {
  return { is: 'arithmetic', operator, left, right }
}

/** A packet's length: the mean of the record's packets. */
export const PACKET_LENGTH: Term = calculate(field('bytes'), '/', field('packets'))

const region = (from: number, to: number, source: Term): Region => ({ from, to, source })
const address = (from: number, to: number, name: string, family: 4 | 6 | 48): Region => {
  return { from, to, source: field(name), family }
}
const PORTS = [region(0, 2, field('port_src')), region(2, 4, field('port_dst'))]
const ICMP = [region(0, 1, field('icmp_type')), region(1, 2, field('icmp_code'))]

const HEADERS: { readonly [protocol in string]?: Header } = {
  ether: {
    guard: and(),
    regions: [address(0, 6, 'mac_dst', 48), address(6, 12, 'mac_src', 48), region(12, 14, field('etype'))],
  },
  ip: {
    guard: isIpv4(),
    regions: [
      region(1, 2, field('tos')),
      region(2, 4, PACKET_LENGTH),
      region(8, 9, field('ttl')),
      region(9, 10, field('ip_proto')),
      address(12, 16, 'ip_src', 4),
      address(16, 20, 'ip_dst', 4),
    ],
  },
  ip6: {
    guard: isIpv6(),
    regions: [
      region(4, 6, calculate(PACKET_LENGTH, '-', number(40))),
      region(6, 7, field('ip_proto')),
      region(7, 8, field('ttl')),
      address(8, 24, 'ip_src', 6),
      address(24, 40, 'ip_dst', 6),
    ],
  },
  // Exporters give more than the flags octet of a TCP header: the reserved bits come above it.
  tcp: {
    guard: isNumber('ip_proto', 6),
    regions: [...PORTS, region(13, 14, calculate(field('tcp_flags'), '&', number(255)))],
  },
  udp: { guard: isNumber('ip_proto', 17), regions: PORTS },
  sctp: { guard: isNumber('ip_proto', 132), regions: PORTS },
  icmp: { guard: isNumber('ip_proto', 1), regions: ICMP },
  icmp6: { guard: isNumber('ip_proto', 58), regions: ICMP },
}

const OFFSETS: { readonly [name in string]?: number } = {
  tcpflags: 13,
  icmptype: 0,
  icmpcode: 1,
  icmp6type: 0,
  icmp6code: 1,
}

export interface Access {
  readonly term: Term
  readonly guard: Expression
}

export function isHeader(name: string): boolean {
  return HEADERS[name] !== undefined
}

/** The access `protocol[index]`, or what is wrong with it. */
export function accessOf(protocol: string, index: string): Access | Complaint {
  const header = HEADERS[protocol] as Header
  const parts = /^\s*(\w+)\s*(?::\s*(\d+)\s*)?$/.exec(index)
  const offset =
    OFFSETS[parts?.[1] ?? ''] ?? (/^(0x[0-9a-f]+|\d+)$/i.test(parts?.[1] ?? '') ? Number(parts?.[1]) : Number.NaN)
  const size = Number(parts?.[2] ?? 1)
  if (Number.isNaN(offset)) {
    return { message: 'an offset into a header is a number', hint: `${protocol}[0] or ${protocol}[0:2]` }
  }
  if (size !== 1 && size !== 2 && size !== 4) return { message: 'the size of a byte access is 1, 2 or 4' }
  const term = readOctets(header.regions, offset, offset + size)
  return term ? { term, guard: header.guard } : notAnswered(protocol, header)
}

function notAnswered(protocol: string, { regions }: Header): Complaint {
  const known = regions.map(({ from, to }) => (to - from === 1 ? `[${from}]` : `[${from}..${to - 1}]`)).join(' ')
  const message = `records do not tell these octets of the ${protocol} header`
  return { code: 'filter/not-in-records', message, hint: `they tell ${known}` }
}

/** Octets from..to-1, first octet highest; undefined when a region is missing. */
function readOctets(regions: readonly Region[], from: number, to: number): Term | undefined {
  const found = regions.find(region => from >= region.from && from < region.to)
  if (!found) return undefined
  const end = Math.min(to, found.to, found.family === 4 || found.family === 6 ? wordEnd(from, found) : to)
  const head = readRegion(found, from, end)
  if (end === to) return head
  const tail = readOctets(regions, end, to)
  return tail && calculate(calculate(head, '*', number(2 ** (8 * (to - end)))), '+', tail)
}

/** Where the address's 32-bit word that holds an octet ends. */
function wordEnd(at: number, { from }: Region): number {
  return from + 4 * (Math.floor((at - from) / 4) + 1)
}

function readRegion({ from, to, source, family }: Region, start: number, end: number): Term {
  if (family && source.is === 'field') {
    return { is: 'octets', field: source.field, family, offset: start - from, size: end - start }
  }
  if (start === from && end === to) return source
  const shifted = end === to ? source : calculate(source, '>>', number(8 * (to - end)))
  return start === from ? shifted : calculate(shifted, '&', number(256 ** (end - start) - 1))
}
