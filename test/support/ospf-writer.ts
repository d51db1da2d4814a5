// OSPF packets and LSAs for tests, octet by octet as the RFCs have them.

import { internetChecksum, wordSum } from '../../src/octets/checksum.ts'
import { putFletcher } from '../../src/wire/igp/checksum.ts'
import { LSA_CHECKSUM, type Lsa, readLsa, readLsaHeader, type Version } from '../../src/wire/ospf/lsa.ts'
import { type Carrier, PROTOCOL } from '../../src/wire/ospf/packet.ts'

export const quad = (text: string): number[] => text.split('.').map(Number)
export const u16 = (value: number): number[] => [(value >> 8) & 0xff, value & 0xff]
export const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value)]

export interface LsaShape {
  readonly version?: Version
  readonly type: number
  /** `192.0.2.1`. */
  readonly id?: string
  readonly router?: string
  readonly sequence?: number
  readonly age?: number
  readonly options?: number
  readonly body: readonly number[]
}

export function lsaOctets(shape: LsaShape): Uint8Array {
  const {
    version = 2,
    type,
    router = '192.0.2.1',
    id = router,
    sequence = 0x80000001,
    age = 1,
    options = 2,
    body,
  } = shape
  const octets = Uint8Array.from([
    ...u16(age),
    ...(version === 2 ? [options, type] : u16(type)),
    ...quad(id),
    ...quad(router),
    ...u32(sequence),
    ...[0, 0],
    ...u16(20 + body.length),
    ...body,
  ])
  putFletcher(octets, LSA_CHECKSUM)
  return octets
}

export function lsa(shape: LsaShape): Lsa {
  const octets = lsaOctets(shape)
  const view = new DataView(octets.buffer)
  return readLsa(readLsaHeader(shape.version ?? 2, octets, view, 0), octets, 0)
}

/** A link of a router LSA of OSPFv2. */
export const link2 = (type: number, id: string, data: string, metric: number): number[] => [
  ...quad(id),
  ...quad(data),
  ...[type, 0],
  ...u16(metric),
]
/** Body of a router LSA of OSPFv2. */
export const router2 = (links: readonly number[][], flags = 0): number[] => [
  flags,
  0,
  ...u16(links.length),
  ...links.flat(),
]

/** A TLV of two octets each, padded. */
export const tlv = (type: number, ...value: readonly number[]): number[] => [
  ...u16(type),
  ...u16(value.length),
  ...value,
  ...new Array<number>((4 - (value.length & 3)) & 3).fill(0),
]

export const CARRIER4: Carrier = { family: 4, addresses: Uint8Array.from([10, 0, 0, 1, 224, 0, 0, 5]) }
export const CARRIER6: Carrier = {
  family: 6,
  addresses: Uint8Array.from([
    0xfe,
    0x80,
    ...new Array<number>(13).fill(0),
    1,
    0xff,
    2,
    ...new Array<number>(13).fill(0),
    5,
  ]),
}

/** Puts the checksum into a packet of OSPFv2 without authentication, or of OSPFv3. */
export function putPacketChecksum(octets: Uint8Array, { addresses }: Carrier): void {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
  view.setUint16(12, 0)
  view.setUint16(12, internetChecksum(octets, octets[0] === 3 ? wordSum(addresses, octets.length + PROTOCOL) : 0))
}

export function packetOctets(
  type: number,
  body: readonly number[],
  version: Version = 2,
  area = '0.0.0.0',
): Uint8Array {
  const headerOctets = version === 2 ? 24 : 16
  const octets = Uint8Array.from([
    ...[version, type],
    ...u16(headerOctets + body.length),
    ...quad('192.0.2.1'),
    ...quad(area),
    ...new Array<number>(headerOctets - 12).fill(0),
    ...body,
  ])
  putPacketChecksum(octets, version === 2 ? CARRIER4 : CARRIER6)
  return octets
}

export const updateOctets = (shapes: readonly LsaShape[], version: Version = 2): Uint8Array =>
  packetOctets(4, [...u32(shapes.length), ...shapes.flatMap(shape => [...lsaOctets({ version, ...shape })])], version)
