// The sampled packet of a record: its headers, made again from the fields (sampled_header), or where the record is of a flow
// whose headers nobody saw, what it says of them (sampled_ipv4, sampled_ipv6). sampled_ethernet is not used: collectors disagree
// whether its addresses have six octets or eight.
import { internetChecksum } from '../../../octets/checksum.ts'
import type { SampleRow } from './sample-row.ts'
import type { XdrWriter } from './xdr-writer.ts'

const SAMPLED_HEADER = 1
const SAMPLED_IPV4 = 3
const SAMPLED_IPV6 = 4
/** header_protocol of sampled_header. */
const ETHERNET = 1
const IPV4_HEADER = 11
const IPV6_HEADER = 12
const IPV6_HEADER_OCTETS = 40

const ICMP = 1
const TCP = 6
const UDP = 17
const ICMP6 = 58
const SCTP = 132
const VLAN_ETYPE = 0x8100
const ETYPES: { readonly [family: number]: number } = { 4: 0x800, 6: 0x86dd }

export const PACKET_FIELDS = [
  ...['mac_src', 'mac_dst', 'etype', 'cvlan_in', 'ip_src', 'ip_dst', 'ip_proto', 'port_src', 'port_dst'],
  ...['tcp_flags', 'tos', 'ttl', 'flow_label', 'icmp_type', 'icmp_code'],
] as const
/** Fields that say that somebody saw the headers. */
const SEEN = ['ttl', 'flow_label', 'icmp_type', 'cvlan_in', 'mac_src', 'mac_dst'] as const

const or = (number: number, other: number): number => (Number.isNaN(number) ? other : number)

/** Octets of a header, as they are put together. */
class Header {
  readonly octets: number[] = []

  put8(number: number): this {
    this.octets.push(number & 0xff)
    return this
  }
  put16(number: number): this {
    return this.put8(number >>> 8).put8(number)
  }
  put32(number: number): this {
    return this.put16(number >>> 16).put16(number & 0xffff)
  }
  mac(number: number): this {
    return this.put16(Math.floor(number / 2 ** 32)).put32(number % 2 ** 32)
  }
  address(row: SampleRow, name: string, words: number): this {
    const { words: from, at } = row.address(name)
    for (let word = 0; word < words; word++) this.put32(from[at + word] as number)
    return this
  }
}

function transport(row: SampleRow, header: Header, octets: number): void {
  const protocol = row.number('ip_proto')
  const [source, destination] = [row.number('port_src'), row.number('port_dst')]
  if (protocol === ICMP || protocol === ICMP6) {
    // Exporters of NetFlow put type * 256 + code where the port is.
    const both = or(destination, Number.NaN)
    const type = or(row.number('icmp_type'), both >>> 8)
    if (row.has('icmp_type') || both > 0)
      header
        .put8(type)
        .put8(or(row.number('icmp_code'), both & 255))
        .put16(0)
        .put32(0)
    return
  }
  if (Number.isNaN(source) && Number.isNaN(destination)) return
  if (protocol !== TCP && protocol !== UDP && protocol !== SCTP) return
  header.put16(or(source, 0)).put16(or(destination, 0))
  if (protocol === UDP) header.put16(octets).put16(0)
  else if (protocol === SCTP) header.put32(0).put32(0)
  else
    header
      .put32(0)
      .put32(0)
      .put16(0x5000 | (or(row.number('tcp_flags'), 0) & 0xfff))
      .put16(0)
      .put32(0)
}

function ipv4(row: SampleRow, header: Header, octets: number): void {
  const at = header.octets.length
  header
    .put8(0x45)
    .put8(or(row.number('tos'), 0))
    .put16(octets)
    .put32(0)
  header
    .put8(or(row.number('ttl'), 0))
    .put8(or(row.number('ip_proto'), 0))
    .put16(0)
  header.address(row, 'ip_src', 1).address(row, 'ip_dst', 1)
  const sum = internetChecksum(Uint8Array.from(header.octets.slice(at)))
  header.octets[at + 10] = sum >>> 8
  header.octets[at + 11] = sum & 0xff
}

function ipv6(row: SampleRow, header: Header, octets: number): void {
  const label = or(row.number('flow_label'), 0) & 0xf_ffff
  header.put32((0x6000_0000 | (or(row.number('tos'), 0) << 20) | label) >>> 0)
  header
    .put16(Math.max(0, octets - IPV6_HEADER_OCTETS))
    .put8(or(row.number('ip_proto'), 59))
    .put8(or(row.number('ttl'), 0))
  header.address(row, 'ip_src', 4).address(row, 'ip_dst', 4)
}

function ip(row: SampleRow, header: Header, family: number, octets: number): void {
  const length = Math.min(octets, 0xffff)
  if (family === 4) ipv4(row, header, length)
  else ipv6(row, header, length)
  transport(row, header, Math.max(0, length - (family === 4 ? 20 : IPV6_HEADER_OCTETS)))
}

/** Of whom the addresses are: 4 or 6, 0 when there are none, or two that do not belong together. */
function familyOf(row: SampleRow): number {
  const [source, destination] = [row.address('ip_src').family, row.address('ip_dst').family]
  if (source === destination) return source
  return source === 0 || destination === 0 ? source || destination : 0
}

export interface PacketOctets {
  /** Of the frame, as the collector shall count. */
  readonly frame: number
  /** From the IP header on. */
  readonly ip: number
}

const hasMacs = (row: SampleRow): boolean => row.has('mac_src') || row.has('mac_dst')

function sampledHeader(row: SampleRow, xdr: XdrWriter, family: number, octets: PacketOctets, frames: boolean): void {
  const header = new Header()
  const isFrame = frames || hasMacs(row) || family === 0
  if (isFrame) {
    header.mac(or(row.number('mac_dst', true), 0)).mac(or(row.number('mac_src', true), 0))
    if (row.has('cvlan_in')) {
      const outer = or(row.number('vlan_in'), 0)
      header.put16(VLAN_ETYPE).put16((or(row.number('cos'), 0) << 13) | (outer & 0xfff))
      header.put16(VLAN_ETYPE).put16(row.number('cvlan_in') & 0xfff)
    }
    header.put16(ETYPES[family] ?? or(row.number('etype'), 0))
  }
  if (family > 0) ip(row, header, family, octets.ip)
  xdr.structure(SAMPLED_HEADER, () => {
    xdr.unsigned(isFrame ? ETHERNET : family === 4 ? IPV4_HEADER : IPV6_HEADER, octets.frame, 0)
    xdr.opaque(Uint8Array.from(header.octets))
  })
}

function sampledIp(row: SampleRow, xdr: XdrWriter, family: number, octets: PacketOctets): void {
  xdr.structure(family === 4 ? SAMPLED_IPV4 : SAMPLED_IPV6, () => {
    xdr.unsigned(octets.ip, or(row.number('ip_proto'), 0))
    for (const name of ['ip_src', 'ip_dst']) {
      const { words, at } = row.address(name)
      for (let word = 0; word < (family === 4 ? 1 : 4); word++) xdr.unsigned(words[at + word] as number)
    }
    for (const name of ['port_src', 'port_dst', 'tcp_flags', 'tos']) xdr.unsigned(or(row.number(name), 0))
  })
}

/**
 * Writes the structure of the packet; how many, 0 when the record says nothing of one. `frames`: always as an Ethernet frame.
 */
export function writePacket(row: SampleRow, xdr: XdrWriter, octets: PacketOctets, frames: boolean): number {
  const family = familyOf(row)
  if (family === 0 && !hasMacs(row)) return 0
  if (frames || family === 0 || SEEN.some(name => row.has(name))) {
    sampledHeader(row, xdr, family, octets, frames)
    return 1
  }
  sampledIp(row, xdr, family, octets)
  return 1
}
