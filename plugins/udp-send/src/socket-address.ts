// struct sockaddr_in and sockaddr_in6 of Linux, little- or big-endian as the machine is (ip(7), ipv6(7)).
import { isIPv4, isIPv6 } from 'node:net'
import { endianness, networkInterfaces } from 'node:os'

export const AF_INET = 2
export const AF_INET6 = 10
const IN_OCTETS = 16
const IN6_OCTETS = 28
const isLittle = endianness() === 'LE'

export interface Endpoint {
  /** IPv4, or IPv6 with or without a zone (`fe80::1%eth0`). */
  readonly address: string
  readonly port: number
}

/** The sixteen octets of an IPv6 address; of an IPv4 address its mapped form. */
export function ipv6Octets(address: string): Uint8Array {
  const octets = new Uint8Array(16)
  if (isIPv4(address)) {
    octets.set([255, 255], 10)
    octets.set(ipv4Octets(address), 12)
    return octets
  }
  const words = address.split('%', 1)[0] as string
  if (!isIPv6(words)) throw new RangeError(`no IP address: ${address}`)
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(words)
  const plain = dotted ? `${dotted[1]}${dottedWords(dotted[2] as string)}` : words
  const [head = '', tail] = plain.split('::', 2)
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const view = new DataView(octets.buffer)
  front.forEach((word, index) => {
    view.setUint16(2 * index, Number.parseInt(word, 16))
  })
  back.forEach((word, index) => {
    view.setUint16(16 - 2 * (back.length - index), Number.parseInt(word, 16))
  })
  return octets
}

const ipv4Octets = (address: string): number[] => address.split('.').map(Number)

function dottedWords(address: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4Octets(address)
  return `${(256 * a + b).toString(16)}:${(256 * c + d).toString(16)}`
}

/** The number of the interface that a zone names; 0 = none. */
function zoneOf(address: string): number {
  const zone = address.split('%', 2)[1]
  if (zone === undefined) return 0
  if (/^\d+$/.test(zone)) return Number(zone)
  return networkInterfaces()[zone]?.find(({ family }) => family === 'IPv6')?.scopeid ?? 0
}

/** What bind(2) and the options of TCP take; `family` is that of the socket. */
export function socketAddress(family: 4 | 6, { address, port }: Endpoint): Uint8Array {
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
