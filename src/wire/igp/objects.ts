// Nodes, links, prefixes and SIDs that the routers of an IGP say, in the form of BGP-LS (RFC 9552): descriptors tell objects
// apart, attributes describe them. What is merged here is written as a record by object-log.ts.
import type { NetRecord } from '../../contract/record.ts'
import { putLinkStateTlv } from '../bgp/attributes/bgp-ls-tlv.ts'

/** A TLV of the BGP-LS attribute. */
export interface Attribute {
  readonly type: number
  readonly octets: Uint8Array
}

interface Gathered {
  readonly descriptors: NetRecord
  attributes: Attribute[]
  metric: number
}

/** An object as it is in a record. */
export interface LinkStateObject {
  readonly descriptors: NetRecord
  readonly attributes: NetRecord
}

/** Objects of one node; the same said twice is one object. */
export class Objects {
  readonly #objects = new Map<string, Gathered>()

  /**
   * Adds what is said of an object. Of two metrics the lower one stays, with what came beside it; Infinity: this says no
   * metric (a locator, more about a neighbour), its attributes come to those that are there.
   */
  add(descriptors: NetRecord, attributes: readonly Attribute[], metric = Number.POSITIVE_INFINITY): void {
    const key = keyOf(descriptors)
    const known = this.#objects.get(key)
    if (!known) this.#objects.set(key, { descriptors, attributes: [...attributes], metric })
    else if (!Number.isFinite(metric) || !Number.isFinite(known.metric)) {
      known.attributes.push(...attributes)
      known.metric = Math.min(known.metric, metric)
    } else if (metric < known.metric) {
      known.attributes = [...attributes]
      known.metric = metric
    }
  }

  /** Adds attributes where the object is there. */
  describe(descriptors: NetRecord, attributes: readonly Attribute[]): void {
    this.#objects.get(keyOf(descriptors))?.attributes.push(...attributes)
  }

  /** Objects by the text of their descriptors. */
  finished(): Map<string, LinkStateObject> {
    const made = new Map<string, LinkStateObject>()
    for (const [key, { descriptors, attributes }] of this.#objects) {
      made.set(key, { descriptors, attributes: attributeValues(attributes) })
    }
    return made
  }
}

export const keyOf = (descriptors: NetRecord): string => JSON.stringify(descriptors)

/** Attributes under their keys in records. */
export function attributeValues(attributes: readonly Attribute[]): NetRecord {
  const values: NetRecord = {}
  // Stable: routers differ in the order of sub-TLVs.
  for (const { type, octets } of attributes.toSorted((one, other) => one.type - other.type)) {
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
    putLinkStateTlv(type, { octets, view, start: 0, end: octets.length }, values)
  }
  return values
}

/** A number in so many octets, big-endian. */
export function wholeOctets(value: number, octets: number): Uint8Array {
  const made = new Uint8Array(octets)
  for (let at = octets - 1, rest = value; at >= 0; at--, rest = Math.floor(rest / 256)) made[at] = rest % 256
  return made
}
