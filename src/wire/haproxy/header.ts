// HAProxy's PROXY protocol, version 2 (proxy-protocol.txt section 2.2): who a proxied connection comes from.
import { parseDotted, parseIpv6 } from '../../octets/address.ts'

const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]
/** Version 2, command PROXY. */
const VERSION_COMMAND = 0x21
const TCP_OVER_IPV4 = 0x11
const TCP_OVER_IPV6 = 0x21
const FIXED_OCTETS = 16

export interface ProxiedEnd {
  /** IPv4 or IPv6 as text. */
  readonly address: string
  readonly port: number
}

/** The header for a connection from `source` to `destination`; both are written as IPv6 when one of them is. */
export function writeProxyHeader(source: ProxiedEnd, destination: ProxiedEnd): Uint8Array {
  const dotted = [parseDotted(source.address), parseDotted(destination.address)] as const
  const isIpv4 = dotted[0] >= 0 && dotted[1] >= 0
  const addressOctets = isIpv4 ? 4 : 16
  const header = new Uint8Array(FIXED_OCTETS + 2 * addressOctets + 4)
  const view = new DataView(header.buffer)
  header.set(SIGNATURE)
  header[12] = VERSION_COMMAND
  header[13] = isIpv4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6
  view.setUint16(14, header.length - FIXED_OCTETS)
  const put = isIpv4 ? putIpv4 : putIpv6
  put(view, FIXED_OCTETS, source.address)
  put(view, FIXED_OCTETS + addressOctets, destination.address)
  view.setUint16(header.length - 4, source.port)
  view.setUint16(header.length - 2, destination.port)
  return header
}

function putIpv4(view: DataView, at: number, address: string): void {
  view.setUint32(at, parseDotted(address))
}

const words = new Uint32Array(4)

function putIpv6(view: DataView, at: number, address: string): void {
  const ipv4 = parseDotted(address)
  if (ipv4 >= 0) words.set([0, 0, 0xffff, ipv4])
  else if (!parseIpv6(address, words, 0)) throw new RangeError(`no IP address: ${address}`)
  for (const [index, word] of words.entries()) view.setUint32(at + 4 * index, word)
}
