// HAProxy's PROXY protocol, version 2 (proxy-protocol.txt section 2.2): who a proxied connection comes from.
import type { Problem } from '../../contract/problem.ts'
import { ipv4Address, ipv6Address } from '../../wire/bgp/nlri/prefix-text.ts'

const SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a)
const FIXED_OCTETS = 16
const VERSION_2 = 2
const LOCAL = 0
const PROXY = 1
const TCP_OVER_IPV4 = 0x11
const TCP_OVER_IPV6 = 0x21

export interface ProxyHeader {
  /** Octets of the header. */
  readonly length: number
  /** Undefined = the proxy speaks for itself, or of no TCP connection: the sender is the other end. */
  readonly source: { readonly address: string; readonly port: number } | undefined
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
  const version = (octets[12] as number) >> 4
  const command = (octets[12] as number) & 15
  const family = octets[13] as number
  const body = ((octets[14] as number) << 8) | (octets[15] as number)
  if (version !== VERSION_2) return wrong(`it says version ${version}`)
  if (command > PROXY) return wrong(`its command is ${command}`)
  const length = FIXED_OCTETS + body
  if (available < length) return undefined
  if (command === LOCAL || (family !== TCP_OVER_IPV4 && family !== TCP_OVER_IPV6)) return { length, source: undefined }
  const addressOctets = family === TCP_OVER_IPV4 ? 4 : 16
  if (body < 2 * addressOctets + 4) return wrong(`its addresses have ${body} octets`)
  const text = family === TCP_OVER_IPV4 ? ipv4Address : ipv6Address
  const portAt = FIXED_OCTETS + 2 * addressOctets
  const port = ((octets[portAt] as number) << 8) | (octets[portAt + 1] as number)
  return { length, source: { address: text(octets, FIXED_OCTETS), port } }
}
