// The per-peer header (RFC 7854 section 4.2, RFC 8671 section 4, RFC 9069 section 4.2).
//
//  0               1               2               3
// | Peer Type     | Peer Flags    |
// | Peer Distinguisher (8)                                      |
// | Peer Address (16)                                           |
// | Peer AS (4)                   | Peer BGP ID (4)             |
// | Timestamp, seconds (4)        | microseconds (4)            |
import { dotted } from '../../octets/address.ts'
import { ipv4Address, ipv6Address } from '../bgp/nlri/prefix-text.ts'
import { rdText } from './distinguisher.ts'
import { type Rib, ribOf } from './rib.ts'

export const PEER_HEADER_OCTETS = 42
/** Type to BGP ID: what tells one view of a peer from another. */
export const PEER_KEY_OCTETS = 34
const LOC_RIB_PEER = 3
const IPV6 = 0x80
const LEGACY_AS_PATH = 0x20

export const PEER_TYPES: readonly string[] = [
  'Global Instance Peer',
  'RD Instance Peer',
  'Local Instance Peer',
  'Loc-RIB Instance Peer',
]

/** What the header says beside the time: one object for all messages that say the same. */
export interface PeerHeader {
  readonly type: number
  /** Route distinguisher text; undefined when it is zero. */
  readonly distinguisher: string | undefined
  readonly address: string
  readonly ipv6: boolean
  readonly as: number
  /** BGP identifier, dotted. */
  readonly bgpId: string
  readonly rib: Rib
  /** AS numbers of AS_PATH have two octets (the A flag). */
  readonly legacyAsPath: boolean
  /** What the peer is whatever view of it a message is about: type, distinguisher, address. */
  readonly identity: string
}

export function readPeerHeader(octets: Uint8Array, view: DataView, at: number): PeerHeader {
  const type = view.getUint8(at)
  const flags = view.getUint8(at + 1)
  // Loc-RIB has flags of its own; its peer address is zero.
  const locRib = type === LOC_RIB_PEER
  const ipv6 = !locRib && (flags & IPV6) !== 0
  const distinguisher = rdText(view, at + 2)
  const address = ipv6 ? ipv6Address(octets, at + 10) : ipv4Address(octets, at + 22)
  return {
    type,
    distinguisher,
    address,
    ipv6,
    as: view.getUint32(at + 26),
    bgpId: dotted(view.getUint32(at + 30)),
    rib: ribOf(locRib, flags),
    legacyAsPath: !locRib && (flags & LEGACY_AS_PATH) !== 0,
    identity: `${type} ${distinguisher ?? ''} ${address}`,
  }
}

/** Unix microseconds; 0 = the router does not say. */
export function peerTimeUs(view: DataView, at: number): number {
  return view.getUint32(at + 34) * 1e6 + view.getUint32(at + 38)
}
