// PDUs that a listener sends: hellos and sequence number PDUs, with their TLVs and the digest of a key.
import { emptyAuthentication, type IsisKey, signPdu } from './authentication.ts'
import { LSP_ID_OCTETS, PDU, SYSTEM_OCTETS } from './pdu.ts'
import { LSP_ENTRY_OCTETS, TLV } from './tlv.ts'

export interface WriteTlv {
  readonly type: number
  readonly octets: Uint8Array
}

export interface LspEntry {
  readonly id: string
  readonly sequence: number
  readonly checksum: number
  readonly lifetimeSeconds: number
}

const DISCRIMINATOR = 0x83
const COMMON_OCTETS = 8
const LARGEST_TLV = 255
export const ENTRIES_PER_TLV = Math.floor(LARGEST_TLV / LSP_ENTRY_OCTETS)
/** Where the length of the PDU stands behind the common header: in hellos behind circuit, system and hold time. */
const HELLO_LENGTH_AT = 9
const SNP_LENGTH_AT = 0
const HELLOS: ReadonlySet<number> = new Set([PDU.lanHello1, PDU.lanHello2, PDU.helloP2p])

/** Octets of `0000.0000.0001`, `0000.0000.0001.02`, `0000.0000.0001.02-03`. */
export const idOctets = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replace(/[.-]/g, ''), 'hex'))

const pair = (value: number): number[] => [(value >> 8) & 0xff, value & 0xff]

/** `header`: what stands behind the common header, with a length of 0. */
function pdu(type: number, header: readonly number[], tlvs: readonly WriteTlv[], key: IsisKey | undefined): Uint8Array {
  const headerOctets = COMMON_OCTETS + header.length
  const all = key ? [{ type: TLV.authentication, octets: emptyAuthentication(key) }, ...tlvs] : tlvs
  const octets = Uint8Array.from([
    ...[DISCRIMINATOR, headerOctets, 1, 0, type, 1, 0, 0],
    ...header,
    ...all.flatMap(tlv => [tlv.type, tlv.octets.length, ...tlv.octets]),
  ])
  const lengthAt = COMMON_OCTETS + (HELLOS.has(type) ? HELLO_LENGTH_AT : SNP_LENGTH_AT)
  octets.set(pair(octets.length), lengthAt)
  if (key) signPdu(octets, headerOctets + 2, key)
  return octets
}

export interface HelloHeader {
  readonly type: number
  /** Bit 0: level 1, bit 1: level 2. */
  readonly levels: number
  readonly systemId: string
  readonly holdSeconds: number
  /** Of a LAN: seven octets; our priority there is always 0. */
  readonly lanId?: string
  readonly circuitId?: number
}

export function writeHello(header: HelloHeader, tlvs: readonly WriteTlv[], key: IsisKey | undefined): Uint8Array {
  const { type, levels, systemId, holdSeconds, lanId, circuitId = 0 } = header
  const tail = lanId === undefined ? [circuitId] : [0, ...idOctets(lanId)]
  return pdu(type, [levels, ...idOctets(systemId), ...pair(holdSeconds), 0, 0, ...tail], tlvs, key)
}

const entryOctets = ({ id, sequence, checksum, lifetimeSeconds }: LspEntry): number[] => [
  ...pair(lifetimeSeconds),
  ...idOctets(id),
  ...pair(sequence >>> 16),
  ...pair(sequence),
  ...pair(checksum),
]

function entryTlvs(entries: readonly LspEntry[]): WriteTlv[] {
  const tlvs: WriteTlv[] = []
  for (let at = 0; at < entries.length; at += ENTRIES_PER_TLV) {
    const part = entries.slice(at, at + ENTRIES_PER_TLV)
    tlvs.push({ type: TLV.lspEntries, octets: Uint8Array.from(part.flatMap(entryOctets)) })
  }
  return tlvs
}

const source = (systemId: string): number[] => [...idOctets(systemId), 0]

export function writePsnp(
  level: 1 | 2,
  systemId: string,
  entries: readonly LspEntry[],
  key: IsisKey | undefined,
): Uint8Array {
  return pdu(level === 1 ? PDU.psnp1 : PDU.psnp2, [0, 0, ...source(systemId)], entryTlvs(entries), key)
}

/** Complete sequence number PDUs of up to `most` entries each, which cover all ids. `entries` are in order. */
export function writeCsnps(
  level: 1 | 2,
  systemId: string,
  entries: readonly LspEntry[],
  most: number,
  key: IsisKey | undefined,
): Uint8Array[] {
  const made: Uint8Array[] = []
  let first: Uint8Array = new Uint8Array(LSP_ID_OCTETS)
  for (let at = 0; at === 0 || at < entries.length; at += most) {
    const part = entries.slice(at, at + most)
    const isLast = at + most >= entries.length
    const last = isLast ? new Uint8Array(LSP_ID_OCTETS).fill(0xff) : idOctets((part.at(-1) as LspEntry).id)
    const header = [0, 0, ...source(systemId), ...first, ...last]
    made.push(pdu(level === 1 ? PDU.csnp1 : PDU.csnp2, header, entryTlvs(part), key))
    first = following(last)
  }
  return made
}

function following(id: Uint8Array): Uint8Array {
  const next = new Uint8Array(id)
  for (let at = next.length - 1; at >= 0; at--) {
    next[at] = ((next[at] as number) + 1) & 0xff
    if (next[at] !== 0) break
  }
  return next
}

/** TLV 1 of areas in hex. */
export const areasTlv = (areas: readonly string[]): WriteTlv => ({
  type: TLV.areas,
  octets: Uint8Array.from(areas.flatMap(area => [area.length / 2, ...Buffer.from(area, 'hex')])),
})

/** TLV 240 (RFC 5303): our state, our circuit, and the neighbour with its circuit where one is known. */
export function threeWayTlv(
  state: number,
  circuit: number,
  neighbor: { readonly systemId: string; readonly circuit: number } | undefined,
): WriteTlv {
  const octets = new Uint8Array(neighbor ? 5 + SYSTEM_OCTETS + 4 : 5)
  const view = new DataView(octets.buffer)
  octets[0] = state
  view.setUint32(1, circuit)
  if (neighbor) {
    octets.set(idOctets(neighbor.systemId), 5)
    view.setUint32(5 + SYSTEM_OCTETS, neighbor.circuit)
  }
  return { type: TLV.threeWay, octets }
}
