// What the TLVs of a hello and of sequence number PDUs say to the one that they come to.
import { hexText } from '../../octets/address.ts'
import { systemId } from '../bgp/attributes/bgp-ls-tlv.ts'
import { type Hello, lspId, type Snp } from './pdu.ts'
import { LSP_ENTRY_OCTETS, TLV } from './tlv.ts'
import type { LspEntry } from './write.ts'

export const THREE_WAY = { up: 0, initializing: 1, down: 2 } as const

export interface ThreeWay {
  readonly state: number
  /** Circuit of who sends. */
  readonly circuit: number
  /** Who is named as its neighbour. */
  readonly neighbor: string | undefined
  readonly neighborCircuit: number | undefined
}

/** TLV 240; undefined: the neighbour is from before RFC 5303. */
export function threeWayOf({ tlvs, octets, view }: Hello): ThreeWay | undefined {
  const tlv = tlvs.find(({ type, start, end }) => type === TLV.threeWay && end > start)
  if (!tlv) return undefined
  const length = tlv.end - tlv.start
  return {
    state: octets[tlv.start] as number,
    circuit: length >= 5 ? view.getUint32(tlv.start + 1) : 0,
    neighbor: length >= 11 ? systemId(octets, tlv.start + 5) : undefined,
    neighborCircuit: length >= 15 ? view.getUint32(tlv.start + 11) : undefined,
  }
}

/** Area addresses in hex. */
export function areasOf({ tlvs, octets }: Hello): string[] {
  const areas: string[] = []
  for (const { type, start, end } of tlvs) {
    if (type !== TLV.areas) continue
    for (let at = start; at < end; ) {
      const next = at + 1 + (octets[at] as number)
      if (next > end) break
      areas.push(hexText(octets, at + 1, next))
      at = next
    }
  }
  return areas
}

/** TLV 229 as it is; undefined: the neighbour has one topology. */
export function topologiesOf({ tlvs, octets }: Hello): Uint8Array | undefined {
  const tlv = tlvs.find(({ type }) => type === TLV.topologies)
  return tlv && octets.subarray(tlv.start, tlv.end)
}

/** Whether a LAN hello names the MAC address (in hex) as one it hears. */
export function hears({ tlvs, octets }: Hello, mac: string): boolean {
  for (const { type, start, end } of tlvs) {
    if (type !== TLV.lanNeighbors) continue
    for (let at = start; at + 6 <= end; at += 6) if (hexText(octets, at, at + 6) === mac) return true
  }
  return false
}

export function entriesOf({ tlvs, octets, view }: Snp): LspEntry[] {
  const entries: LspEntry[] = []
  for (const { type, start, end } of tlvs) {
    if (type !== TLV.lspEntries) continue
    for (let at = start; at + LSP_ENTRY_OCTETS <= end; at += LSP_ENTRY_OCTETS) {
      entries.push({
        lifetimeSeconds: view.getUint16(at),
        id: lspId(octets, at + 2),
        sequence: view.getUint32(at + 10),
        checksum: view.getUint16(at + 14),
      })
    }
  }
  return entries
}
