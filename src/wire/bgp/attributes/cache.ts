// Attributes by their octets: routers send the same ones again and again, and routes that share an object share memory.
import { type DecodedAttributes, decodeAttributes } from './decode.ts'

/** Entries; about 16 MB of attributes at most in common tables. A newer set of octets takes the place of an older one. */
const ENTRIES = 16384
/** Longer ones are decoded each time: they are rare and would make the memory's bound meaningless. */
const OCTETS = 512

interface Entry {
  readonly octets: Uint8Array
  readonly as4: boolean
  readonly decoded: DecodedAttributes
}

const entries = new Array<Entry | undefined>(ENTRIES).fill(undefined)

function hash(octets: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5
  for (let at = start; at < end; at++) value = Math.imul(value ^ (octets[at] as number), 0x01000193)
  return (value ^ (value >>> 15)) & (ENTRIES - 1)
}

function same(known: Uint8Array, octets: Uint8Array, start: number): boolean {
  for (let at = 0; at < known.length; at++) if (known[at] !== octets[start + at]) return false
  return true
}

/** As decodeAttributes; the result may be that of an earlier call with equal octets. */
export function cachedAttributes(octets: Uint8Array, start: number, end: number, as4: boolean): DecodedAttributes {
  if (end - start > OCTETS) return decodeAttributes(octets, start, end, as4)
  const slot = hash(octets, start, end)
  const known = entries[slot]
  if (known && known.as4 === as4 && known.octets.length === end - start && same(known.octets, octets, start)) {
    return known.decoded
  }
  const decoded = decodeAttributes(octets, start, end, as4)
  entries[slot] = { octets: octets.slice(start, end), as4, decoded }
  return decoded
}
