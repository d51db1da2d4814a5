// OSPF packets: headers (RFC 2328 section A.3.1, RFC 5340 section A.3.1) and what must hold of them.
import { internetChecksum, wordSum } from '../../octets/checksum.ts'
import { ipv4Address } from '../bgp/nlri/prefix-text.ts'
import type { Version } from './lsa.ts'

/** Where a packet came: the IP header's part of what is checked. */
export interface Carrier {
  readonly family: 4 | 6
  /** Source and destination address, one behind the other, in octets that outlive the call. */
  readonly addresses: Uint8Array
}

export type Authentication = 'none' | 'simple' | 'cryptographic' | 'unknown'

export interface Packet {
  readonly version: Version
  /** 1 to 5. */
  readonly type: number
  readonly routerId: string
  readonly areaId: string
  /** RFC 6549, RFC 5340 section 2.4. */
  readonly instance: number
  readonly authentication: Authentication
  readonly checksum: number
  /** The packet without what follows it (digest, link-local signalling); its own copy. */
  readonly octets: Uint8Array
  readonly view: DataView
  readonly headerOctets: number
  /** Octets behind the packet. */
  readonly trailerOctets: number
}

/** Why a packet is not taken. */
export interface Fault {
  readonly kind: 'malformed' | 'version' | 'checksum'
  readonly message: string
  readonly reference: string
}

export const PACKET = { hello: 1, description: 2, request: 3, update: 4, acknowledgement: 5 } as const
export const PACKET_NAMES: { readonly [type: number]: string } = {
  [PACKET.hello]: 'hello',
  [PACKET.description]: 'database-description',
  [PACKET.request]: 'link-state-request',
  [PACKET.update]: 'link-state-update',
  [PACKET.acknowledgement]: 'link-state-acknowledgement',
}

/** Of IP. */
export const PROTOCOL = 89
const VERSIONS: { readonly [family in 4 | 6]: Version } = { 4: 2, 6: 3 }
const HEADER_OCTETS: { readonly [version in Version]: number } = { 2: 24, 3: 16 }
const REFERENCES: { readonly [version in Version]: string } = {
  2: 'RFC 2328 section A.3.1',
  3: 'RFC 5340 section A.3.1',
}
/** RFC 2328 section D; 3 is RFC 7474. */
const AUTHENTICATIONS: readonly Authentication[] = ['none', 'simple', 'cryptographic', 'cryptographic']
/** The authentication field of OSPFv2, which the checksum leaves out. */
const FIELD_AT = 16
const FIELD_END = 24
const CHECKSUM_AT = 12

export const isFault = (read: Packet | Fault): read is Fault => 'kind' in read

/** The packet that begins at `start`. */
export function parsePacket(from: Uint8Array, start: number, end: number, carrier: Carrier): Packet | Fault {
  const version = VERSIONS[carrier.family]
  const reference = REFERENCES[version]
  const fault = (kind: Fault['kind'], message: string): Fault => ({ kind, message, reference })
  const headerOctets = HEADER_OCTETS[version]
  if (end - start < headerOctets) return fault('malformed', `the header is cut at ${end - start} octets`)
  if (from[start] !== version) return fault('version', `version ${from[start]} in IPv${carrier.family}`)
  const type = from[start + 1] as number
  if (!PACKET_NAMES[type]) return fault('malformed', `type ${type} is no packet of OSPF`)
  const octetCount = ((from[start + 2] as number) << 8) | (from[start + 3] as number)
  if (octetCount < headerOctets || start + octetCount > end) {
    return fault('malformed', `its length is ${octetCount}, and ${end - start} octets came`)
  }
  const octets = new Uint8Array(from.subarray(start, start + octetCount))
  const packet = headerOf(version, octets, end - start - octetCount)
  return isChecksumRight(packet, carrier) ? packet : fault('checksum', 'its checksum is wrong')
}

function headerOf(version: Version, octets: Uint8Array, trailerOctets: number): Packet {
  const view = new DataView(octets.buffer)
  const authentication: Authentication =
    version === 2
      ? (AUTHENTICATIONS[octets[15] as number] ?? 'unknown')
      : // The checksum is left to the authentication trailer (RFC 7166 section 4.1).
        view.getUint16(CHECKSUM_AT) === 0 && trailerOctets > 0
        ? 'cryptographic'
        : 'none'
  return {
    version,
    type: octets[1] as number,
    routerId: ipv4Address(octets, 4),
    areaId: ipv4Address(octets, 8),
    instance: octets[14] as number,
    authentication,
    checksum: view.getUint16(CHECKSUM_AT),
    octets,
    view,
    headerOctets: HEADER_OCTETS[version],
    trailerOctets,
  }
}

/** A digest stands for the checksum (RFC 2328 section D.4.3). OSPFv3 has the addresses in it (RFC 8200 section 8.1). */
function isChecksumRight({ version, octets, authentication }: Packet, { addresses }: Carrier): boolean {
  if (authentication === 'cryptographic' || authentication === 'unknown') return true
  if (version === 2) return internetChecksum(octets.subarray(FIELD_END), wordSum(octets.subarray(0, FIELD_AT))) === 0
  return internetChecksum(octets, wordSum(addresses, octets.length + PROTOCOL)) === 0
}
