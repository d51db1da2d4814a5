// LSPs and captures of IS-IS, as a router would send them.
import { putChecksum } from '../../src/wire/isis/checksum.ts'
import { type Lsp, parsePdu } from '../../src/wire/isis/pdu.ts'
import { idOctets } from '../../src/wire/isis/write.ts'

export interface LspShape {
  readonly level?: 1 | 2
  /** `0000.0000.0001.00-00` */
  readonly id: string
  readonly sequence?: number
  readonly lifetime?: number
  readonly flags?: number
  /** Type, then octets. */
  readonly tlvs?: readonly (readonly [type: number, octets: readonly number[]])[]
}

const LSP_HEADER_OCTETS = 27

/** Octets of an LSP with a right checksum. */
export function lspOctets({
  level = 2,
  id,
  sequence = 1,
  lifetime = 1200,
  flags = 3,
  tlvs = [],
}: LspShape): Uint8Array {
  const body = tlvs.flatMap(([type, octets]) => [type, octets.length, ...octets])
  const octets = new Uint8Array(LSP_HEADER_OCTETS + body.length)
  octets.set([0x83, LSP_HEADER_OCTETS, 1, 0, level === 1 ? 18 : 20, 1, 0, 0])
  const view = new DataView(octets.buffer)
  view.setUint16(8, octets.length)
  view.setUint16(10, lifetime)
  octets.set(idOctets(id), 12)
  view.setUint32(20, sequence)
  octets[26] = flags
  octets.set(body, LSP_HEADER_OCTETS)
  putChecksum(octets)
  return octets
}

export function lsp(shape: LspShape): Lsp {
  const octets = lspOctets(shape)
  const pdu = parsePdu(octets, 0, octets.length)
  if (typeof pdu === 'string' || pdu.kind !== 'lsp') throw new Error(String(pdu))
  return pdu
}

/** An entry of TLV 22: neighbour with circuit, metric, sub-TLVs. */
export const neighbor = (node: string, metric: number, sub: readonly number[] = []): number[] => [
  ...idOctets(node),
  metric >> 16,
  (metric >> 8) & 0xff,
  metric & 0xff,
  sub.length,
  ...sub,
]

/** An entry of TLV 135. */
export const prefix4 = (metric: number, length: number, octets: readonly number[], control = 0): number[] => [
  0,
  0,
  metric >> 8,
  metric & 0xff,
  control | length,
  ...octets,
]

export const name = (text: string): readonly [number, number[]] => [137, [...Buffer.from(text)]]

/** The Ethernet frame of a PDU. */
export function frameOf(pdu: Uint8Array, mac = '020000000001'): Uint8Array {
  const length = pdu.length + 3
  return Uint8Array.from([
    ...Buffer.from('0180c2000015', 'hex'),
    ...Buffer.from(mac, 'hex'),
    length >> 8,
    length & 0xff,
    0xfe,
    0xfe,
    3,
    ...pdu,
  ])
}
