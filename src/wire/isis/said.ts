// What one TLV of an LSP says of its node: the context that the readers of TLVs share.
import type { NetRecord } from '../../contract/record.ts'
import { hexText } from '../../octets/address.ts'
import { systemId } from '../bgp/attributes/bgp-ls-tlv.ts'
import type { Attribute, Objects } from '../igp/objects.ts'

export interface Said {
  readonly octets: Uint8Array
  readonly view: DataView
  /** Value of the TLV. */
  readonly start: number
  readonly end: number
  readonly objects: Objects
  /** Protocol and local node, of every object. */
  readonly local: NetRecord
  /** Attributes of the node. */
  readonly node: Attribute[]
}

/** Reads a TLV; false where it is malformed, and what came of it before stays. */
export type ReadTlv = (said: Said) => boolean

export const MT_MASK = 0xfff

/** As BGP-LS has it: `0000.0000.0001`, of a pseudonode `0000.0000.0001-02`. Seven octets. */
export function igpRouterId(octets: Uint8Array, at: number): string {
  const circuit = octets[at + 6] as number
  return circuit === 0 ? systemId(octets, at) : `${systemId(octets, at)}-${hexText(octets, at + 6, at + 7)}`
}

/** The MT descriptor; the standard topology has none. */
export const topologyOf = (topology: number): NetRecord => (topology === 0 ? {} : { multi_topology_ids: [topology] })
