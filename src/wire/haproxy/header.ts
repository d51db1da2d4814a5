// HAProxy's PROXY protocol, version 2 (proxy-protocol.txt section 2.2): who a proxied connection comes from.
import type { Problem } from '../../contract/problem.ts'
import { dotted, ipv6Text, parseDotted, parseIpv6 } from '../../octets/address.ts'

const SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a)
const VERSION = 2
const LOCAL = 0
const PROXY = 1
const TCP_OVER_IPV4 = 0x11
const TCP_OVER_IPV6 = 0x21
/** Signature, version and command, family, length of the rest. */
const FIXED_OCTETS = 16

export interface ProxiedEnd {
  /** IPv4 or IPv6 as text. */
  readonly address: string
  readonly port: number
}

export interface ProxyHeader {
  /** Octets of the header. */
  readonly length: number
  /** Undefined = the proxy speaks for itself, or of no TCP connection: the sender is the other end. */
  readonly source: ProxiedEnd | undefined
}

const wrong = (what: string): Problem => ({
  code: 'proxy-protocol/malformed',
  message: `the connection does not begin with a PROXY header of version 2: ${what}`,
  hint: 'with --proxy-protocol all connections must come from a proxy that sends it (haproxy: send-proxy-v2)',
})

/** The header at the start of octets[0..available); undefined when it is not there in full. */
export function readProxyHeader(octets: Uint8Array, available: number): ProxyHeader | Problem | undefined {
  for (let at = 0; at < Math.min(available, SIGNATURE.length); at++) {
    if (octets[at] !== SIGNATURE[at]) return wrong('its signature is not there')
  }
  if (available < FIXED_OCTETS) return undefined
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
  const version = view.getUint8(12) >> 4
  const command = view.getUint8(12) & 15
  const family = view.getUint8(13)
  const body = view.getUint16(14)
  if (version !== VERSION) return wrong(`it says version ${version}`)
  if (command > PROXY) return wrong(`its command is ${command}`)
  const length = FIXED_OCTETS + body
  if (available < length) return undefined
  const isIpv4 = family === TCP_OVER_IPV4
  if (command === LOCAL || (!isIpv4 && family !== TCP_OVER_IPV6)) return { length, source: undefined }
  const addressOctets = isIpv4 ? 4 : 16
  if (body < 2 * addressOctets + 4) return wrong(`its addresses have ${body} octets`)
  const word = (index: number) => view.getUint32(FIXED_OCTETS + 4 * index)
  const address = isIpv4 ? dotted(word(0)) : ipv6Text(word(0), word(1), word(2), word(3))
  return { length, source: { address, port: view.getUint16(FIXED_OCTETS + 2 * addressOctets) } }
}

/** The header for a connection from `source` to `destination`; both are written as IPv6 when one of them is. */
export function writeProxyHeader(source: ProxiedEnd, destination: ProxiedEnd): Uint8Array {
  const dotted = [parseDotted(source.address), parseDotted(destination.address)] as const
  const isIpv4 = dotted[0] >= 0 && dotted[1] >= 0
  const addressOctets = isIpv4 ? 4 : 16
  const header = new Uint8Array(FIXED_OCTETS + 2 * addressOctets + 4)
  const view = new DataView(header.buffer)
  header.set(SIGNATURE)
  header[12] = (VERSION << 4) | PROXY
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
