// Writes MRT records for tests (RFC 6396), right ones and, because every part can be given as octets, wrong ones.
import { address, type Octets, u8, u16, u32 } from '../../support/bgp-writer.ts'

export const TIME = 1_700_000_000

export function mrt(type: number, subtype: number, body: Octets, seconds = TIME): Uint8Array {
  return Uint8Array.from([...u32(seconds), ...u16(type), ...u16(subtype), ...u32(body.length), ...body])
}

export interface PeerParts {
  readonly id?: string
  readonly ip: string
  readonly as: number
}

/** AS numbers have four octets where two do not do. */
export function peerIndex(peers: readonly PeerParts[], view = ''): Uint8Array {
  const entries = peers.flatMap(({ id = '192.0.2.254', ip, as }) => {
    const wide = as > 65_535
    return [(ip.includes(':') ? 1 : 0) | (wide ? 2 : 0), ...address(id), ...address(ip), ...(wide ? u32(as) : u16(as))]
  })
  return mrt(13, 1, [
    ...address('198.51.100.1'),
    ...u16(view.length),
    ...Buffer.from(view),
    ...u16(peers.length),
    ...entries,
  ])
}

export interface EntryParts {
  readonly peer?: number
  readonly originated?: number
  readonly pathId?: number
  readonly attributes: Octets
}

const entry = ({ peer = 0, originated = TIME - 60, pathId, attributes }: EntryParts): number[] => [
  ...u16(peer),
  ...u32(originated),
  ...(pathId === undefined ? [] : u32(pathId)),
  ...u16(attributes.length),
  ...attributes,
]

/** A record of TABLE_DUMP_V2; `family` is that of the generic subtypes. */
export function rib(subtype: number, nlri: Octets, entries: readonly EntryParts[], family: Octets = []): Uint8Array {
  return mrt(13, subtype, [...u32(1), ...family, ...nlri, ...u16(entries.length), ...entries.flatMap(entry)])
}

/** A record of TABLE_DUMP. */
export function oldTable(ip: string, bits: number, peer: string, as: number, attributes: Octets): Uint8Array {
  const afi = ip.includes(':') ? 2 : 1
  const head = [...u16(0), ...u16(1), ...address(ip), ...u8(bits), 1, ...u32(TIME - 60), ...address(peer), ...u16(as)]
  return mrt(12, afi, [...head, ...u16(attributes.length), ...attributes])
}

export interface SessionParts {
  readonly peer?: string
  readonly local?: string
  readonly peerAs?: number
  readonly localAs?: number
  readonly wide?: boolean
}

/** What stands before the message or the states of BGP4MP. */
export function session({
  peer = '192.0.2.9',
  local = '192.0.2.1',
  peerAs = 64500,
  localAs = 64496,
  wide = true,
}: SessionParts = {}): number[] {
  const as = wide ? u32 : u16
  return [
    ...as(peerAs),
    ...as(localAs),
    ...u16(0),
    ...u16(peer.includes(':') ? 2 : 1),
    ...address(peer),
    ...address(local),
  ]
}
