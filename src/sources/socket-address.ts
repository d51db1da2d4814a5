// struct sockaddr_in and sockaddr_in6 of Linux, little- or big-endian as the machine is (ip(7), ipv6(7)): for plugins that
// call the kernel themselves.
import { endianness, networkInterfaces } from 'node:os'
import { parseDotted, parseIpv6 } from '../octets/address.ts'

export const AF_INET = 2
export const AF_INET6 = 10
const IN_OCTETS = 16
const IN6_OCTETS = 28
const MAPPED = 0xffff
const isLittle = endianness() === 'LE'

export interface SocketEndpoint {
  /** IPv4, or IPv6 with or without a zone (`fe80::1%eth0`). */
  readonly address: string
  readonly port: number
}

/** The four octets of an IPv4 address. Throws a RangeError when the text is none. */
export function ipv4Octets(address: string): Uint8Array {
  const number = parseDotted(address)
  if (number < 0) throw new RangeError(`no IP address: ${address}`)
  const octets = new Uint8Array(4)
  new DataView(octets.buffer).setUint32(0, number)
  return octets
}

/** The sixteen octets of an IPv6 address; of an IPv4 address its mapped form. Throws a RangeError when the text is neither. */
export function ipv6Octets(address: string): Uint8Array {
  const words = new Uint32Array(4)
  const ipv4 = parseDotted(address)
  if (ipv4 >= 0) words.set([MAPPED, ipv4], 2)
  else if (!parseIpv6(address.split('%', 1)[0] as string, words, 0)) throw new RangeError(`no IP address: ${address}`)
  const view = new DataView(new ArrayBuffer(16))
  words.forEach((word, index) => {
    view.setUint32(4 * index, word)
  })
  return new Uint8Array(view.buffer)
}

/** The number of the interface that a zone names; 0 = none. */
function zoneOf(address: string): number {
  const zone = address.split('%', 2)[1]
  if (zone === undefined) return 0
  if (/^\d+$/.test(zone)) return Number(zone)
  return networkInterfaces()[zone]?.find(({ family }) => family === 'IPv6')?.scopeid ?? 0
}

/** What bind(2), sendmsg(2) and options of sockets take; `family` is that of the socket. */
export function socketAddress(family: 4 | 6, { address, port }: SocketEndpoint): Uint8Array {
  const octets = new Uint8Array(family === 4 ? IN_OCTETS : IN6_OCTETS)
  const view = new DataView(octets.buffer)
  view.setUint16(0, family === 4 ? AF_INET : AF_INET6, isLittle)
  view.setUint16(2, port)
  if (family === 4) octets.set(ipv4Octets(address), 4)
  else {
    octets.set(ipv6Octets(address), 8)
    view.setUint32(24, zoneOf(address), isLittle)
  }
  return octets
}
