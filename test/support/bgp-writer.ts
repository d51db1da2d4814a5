// Writes BGP messages for tests, right ones and, because every part can be given as octets, wrong ones.
import { UPDATE, writeMessage } from '../../src/wire/bgp/message.ts'
import { textOctets } from './octet-writer.ts'

export type Octets = readonly number[] | Uint8Array

export const u8 = (value: number): number[] => [value & 255]
export const u16 = (value: number): number[] => [(value >> 8) & 255, value & 255]
export const u24 = (value: number): number[] => [(value >> 16) & 255, ...u16(value & 0xffff)]
export const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value & 0xffff)]
export const hex = (text: string): number[] => [...Buffer.from(text.replaceAll(/[\s:]/g, ''), 'hex')]
export const address = (text: string): number[] => [...textOctets(text, text.includes(':') ? 16 : 4)]

/** Flags that each attribute is specified with. */
const FLAGS: { readonly [code: number]: number } = {
  1: 0x40,
  2: 0x40,
  3: 0x40,
  4: 0x80,
  5: 0x40,
  6: 0x40,
  7: 0xc0,
  8: 0xc0,
  9: 0x80,
  10: 0x80,
  14: 0x80,
  15: 0x80,
  16: 0xc0,
  17: 0xc0,
  18: 0xc0,
  22: 0xc0,
  23: 0xc0,
  25: 0xc0,
  26: 0x80,
  29: 0x80,
  32: 0xc0,
  35: 0xc0,
  40: 0xc0,
}

/** One path attribute; the length takes two octets where it must. */
export function attribute(code: number, value: Octets, flags = FLAGS[code] ?? 0xc0): number[] {
  return value.length > 255
    ? [flags | 0x10, code, ...u16(value.length), ...value]
    : [flags, code, value.length, ...value]
}

export const origin = (value = 0): number[] => attribute(1, [value])
export const sequence = (ases: readonly number[], width = 4): number[] => [
  2,
  ases.length,
  ...ases.flatMap(as => (width === 4 ? u32(as) : u16(as))),
]
export const asPath = (...ases: number[]): number[] => attribute(2, ases.length > 0 ? sequence(ases) : [])
export const nextHop = (text: string): number[] => attribute(3, address(text))

/** ORIGIN, AS_PATH and NEXT_HOP: what a route cannot do without. */
export const mandatory = (hop = '192.0.2.1'): number[] => [...origin(), ...asPath(64500, 64501), ...nextHop(hop)]

/** Length in bits and as many octets as it needs, behind a path identifier where there is one. */
export function prefix(text: string, pathId?: number): number[] {
  const [head = '', length = '0'] = text.split('/')
  const octets = address(head).slice(0, (Number(length) + 7) >> 3)
  return [...(pathId === undefined ? [] : u32(pathId)), Number(length), ...octets]
}

export const label = (value: number, bottom = true): number[] => u24((value << 4) | (bottom ? 1 : 0))

/** A labelled NLRI: labels and a route distinguisher (octets) before the prefix, all counted in the length. */
export function labelled(text: string, labels: Octets, rd: Octets = [], pathId?: number): number[] {
  const [bits = 0, ...octets] = prefix(text)
  const path = pathId === undefined ? [] : u32(pathId)
  return [...path, bits + 8 * (labels.length + rd.length), ...labels, ...rd, ...octets]
}

export function mpReach(afi: number, safi: number, hop: string | Octets, nlri: Octets): number[] {
  const octets = typeof hop === 'string' ? address(hop) : hop
  return attribute(14, [...u16(afi), safi, octets.length, ...octets, 0, ...nlri])
}

export const mpUnreach = (afi: number, safi: number, nlri: Octets = []): number[] =>
  attribute(15, [...u16(afi), safi, ...nlri])

/** Type, length and value with 16 bits each of type and length. */
export const tlv = (type: number, value: Octets): number[] => [...u16(type), ...u16(value.length), ...value]

export interface UpdateParts {
  readonly withdrawn?: Octets
  readonly attributes?: Octets
  readonly nlri?: Octets
}

/** The body of an UPDATE. */
export function updateBody({ withdrawn = [], attributes = [], nlri = [] }: UpdateParts): Uint8Array {
  return Uint8Array.from([...u16(withdrawn.length), ...withdrawn, ...u16(attributes.length), ...attributes, ...nlri])
}

/** A whole UPDATE. */
export function update(parts: UpdateParts): Uint8Array {
  return writeMessage(UPDATE, updateBody(parts))
}
