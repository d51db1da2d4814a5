// Attributes by their octets: routers send the same ones again and again, and routes that share an object share memory.
import { type DecodedAttributes, decodeAttributes } from './decode.ts'

/**
 * Entries; a newer set of octets takes the place of an older one. Routers send the routes of one set of attributes one
 * after the other, so few entries find as much as many do, and what is kept short is cheap to collect (measured: 16384
 * entries cost a sixth more time and 100 MB).
 */
const ENTRIES = 1024
/** Longer ones are decoded each time: they are rare and would make the memory's bound meaningless. */
const OCTETS = 256

interface Entry {
  readonly octets: number
  readonly as4: boolean
  readonly decoded: DecodedAttributes
}

const entries = new Array<Entry | undefined>(ENTRIES).fill(undefined)
/** The octets of each entry, OCTETS apart; pages that no entry needs are never touched. */
const kept = new Uint8Array(ENTRIES * OCTETS)

function hash(octets: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5
  for (let at = start; at < end; at++) value = Math.imul(value ^ (octets[at] as number), 0x01000193)
  return (value ^ (value >>> 15)) & (ENTRIES - 1)
}

function same(slot: number, octets: Uint8Array, start: number, end: number): boolean {
  const before = slot * OCTETS - start
  for (let at = start; at < end; at++) if (kept[before + at] !== octets[at]) return false
  return true
}

function keep(slot: number, octets: Uint8Array, start: number, end: number): void {
  const before = slot * OCTETS - start
  for (let at = start; at < end; at++) kept[before + at] = octets[at] as number
}

/** As decodeAttributes; the result may be that of an earlier call with equal octets. */
export function cachedAttributes(
  octets: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  as4: boolean,
): DecodedAttributes {
  const length = end - start
  if (length > OCTETS) return decodeAttributes(octets, view, start, end, as4)
  const slot = hash(octets, start, end)
  const known = entries[slot]
  if (known && known.octets === length && known.as4 === as4 && same(slot, octets, start, end)) return known.decoded
  const decoded = decodeAttributes(octets, view, start, end, as4)
  keep(slot, octets, start, end)
  entries[slot] = { octets: length, as4, decoded }
  return decoded
}
