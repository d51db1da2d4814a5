// Router information (RFC 7770): names, SR capabilities, depths of SIDs, as attributes of the node.
import { attributesByRows, join, type TlvAt } from '../igp/attribute-rows.ts'
import type { Attribute } from '../igp/objects.ts'
import { INFORMATION_ROWS, RANGE_ROWS } from './attribute-rows.ts'
import { LSA_HEADER_OCTETS } from './lsa.ts'
import { describe, nodeOf, type ReadLsa } from './said.ts'
import { readTlvs } from './tlv.ts'

export const readInformation: ReadLsa = said => {
  const { octets, view, advertisingRouter } = said.lsa
  const tlvs = readTlvs(view, LSA_HEADER_OCTETS, octets.length)
  if (!tlvs) return 'its TLVs do not fill it'
  const attributes = [...attributesByRows(octets, tlvs, INFORMATION_ROWS), ...ranges(octets, tlvs)]
  for (const area of said.area === '' ? said.areasOf(advertisingRouter) : [said.area]) {
    describe(said, nodeOf({ ...said, area }, advertisingRouter), attributes)
  }
  return undefined
}

/** Each range has a TLV of its own; BGP-LS has all in one, behind flags that OSPF has not. */
function ranges(octets: Uint8Array, tlvs: readonly TlvAt[]): Attribute[] {
  const found = attributesByRows(octets, tlvs, RANGE_ROWS)
  return [...new Set(found.map(({ type }) => type))].map(type => ({
    type,
    octets: join([0, 0], ...found.filter(one => one.type === type).map(one => one.octets)),
  }))
}
