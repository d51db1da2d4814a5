// Opaque LSAs of OSPFv2 (RFC 5250): traffic engineering, router information, extended prefixes and links.
import { ipv4Address, ipv4Prefix } from '../bgp/nlri/prefix-text.ts'
import { attributesByRows, type TlvAt } from '../igp/attribute-rows.ts'
import type { Attribute } from '../igp/objects.ts'
import { EXTENDED_LINK_ROWS, EXTENDED_PREFIX_ROWS, TE_LINK_ROWS } from './attribute-rows.ts'
import { readInformation } from './information.ts'
import { LSA_HEADER_OCTETS } from './lsa.ts'
import { describe, linkEnds, linkOf, nodeOf, prefixOf, pseudonodeId, type ReadLsa, type Said } from './said.ts'
import { readTlvs } from './tlv.ts'

const BAD_TLVS = 'its TLVs do not fill it'
const POINT_TO_POINT = 1
const TRANSIT = 2

type ReadTlv = (said: Said, tlv: TlvAt) => string | undefined

const each =
  (readers: { readonly [type: number]: ReadTlv }): ReadLsa =>
  said => {
    const { octets, view } = said.lsa
    const tlvs = readTlvs(view, LSA_HEADER_OCTETS, octets.length)
    if (!tlvs) return BAD_TLVS
    for (const tlv of tlvs) {
      const wrong = readers[tlv.type]?.(said, tlv)
      if (wrong) return wrong
    }
    return undefined
  }

/** Describes the link of a router LSA of this type, to this router or network. */
function describeLink(
  said: Said,
  type: number,
  to: string,
  ends: { [name: string]: number | string },
  attributes: readonly Attribute[],
): void {
  const { advertisingRouter } = said.lsa
  if (type === POINT_TO_POINT) describe(said, linkOf(said, advertisingRouter, to, ends), attributes)
  if (type !== TRANSIT) return
  const designated = said.designatedOf(to)
  if (designated === undefined) return
  describe(said, linkOf(said, advertisingRouter, pseudonodeId(designated, to), ends), attributes)
}

const ROUTER_ADDRESS = 1028
const TE_LINK_TYPE = 1
const TE_LINK_ID = 2
const TE_LOCAL_ADDRESS = 3
const TE_IDENTIFIERS = 11

const engineering = each({
  1: (said, { start, end }) => {
    if (end - start !== 4) return 'its router address is cut'
    const { octets, advertisingRouter } = said.lsa
    const attribute = { type: ROUTER_ADDRESS, octets: octets.subarray(start, end) }
    describe(said, nodeOf(said, advertisingRouter), [attribute])
    return undefined
  },
  2: (said, { start, end }) => {
    const { octets, view } = said.lsa
    const subs = readTlvs(view, start, end)
    if (!subs) return BAD_TLVS
    const sub = (type: number, length: number) =>
      subs.find(one => one.type === type && one.end - one.start >= length)?.start
    const [type, to, address, ids] = [
      sub(TE_LINK_TYPE, 1),
      sub(TE_LINK_ID, 4),
      sub(TE_LOCAL_ADDRESS, 4),
      sub(TE_IDENTIFIERS, 8),
    ]
    if (type === undefined || to === undefined) return 'a link of it says no type or no neighbour'
    const ends =
      address !== undefined && octets[address] !== 0
        ? linkEnds(octets, view, address)
        : { link_local_id: ids === undefined ? 0 : view.getUint32(ids), link_remote_id: 0 }
    const attributes = attributesByRows(octets, subs, TE_LINK_ROWS)
    describeLink(said, octets[type] as number, ipv4Address(octets, to), ends, attributes)
    return undefined
  },
})

const EXTENDED_PREFIX_OCTETS = 8
const PREFIX_FLAGS = 1170
/** Route types of BGP-LS, by that of the TLV (RFC 7684 section 2.1). */
const ROUTE_TYPES: { readonly [type: number]: readonly number[] } = {
  0: [1, 2, 3, 4, 5, 6],
  1: [1],
  3: [2],
  5: [3, 4],
  7: [5, 6],
}

const extendedPrefixes = each({
  1: (said, { start, end }) => {
    const { octets, view, advertisingRouter } = said.lsa
    const length = octets[start + 1] as number
    const subs = end - start < EXTENDED_PREFIX_OCTETS ? undefined : readTlvs(view, start + EXTENDED_PREFIX_OCTETS, end)
    if (!subs || length > 32) return BAD_TLVS
    const prefix = ipv4Prefix(octets, start + 4, length)
    const flags = { type: PREFIX_FLAGS, octets: octets.subarray(start + 3, start + 4) }
    const attributes = [flags, ...attributesByRows(octets, subs, EXTENDED_PREFIX_ROWS)]
    for (const routeType of ROUTE_TYPES[octets[start] as number] ?? []) {
      describe(said, prefixOf(said, advertisingRouter, routeType, prefix), attributes)
    }
    return undefined
  },
})

const EXTENDED_LINK_OCTETS = 12

const extendedLinks = each({
  1: (said, { start, end }) => {
    const { octets, view } = said.lsa
    const subs = end - start < EXTENDED_LINK_OCTETS ? undefined : readTlvs(view, start + EXTENDED_LINK_OCTETS, end)
    if (!subs) return BAD_TLVS
    const attributes = attributesByRows(octets, subs, EXTENDED_LINK_ROWS)
    const to = ipv4Address(octets, start + 4)
    describeLink(said, octets[start] as number, to, linkEnds(octets, view, start + 8), attributes)
    return undefined
  },
})

/** By opaque type, the first octet of the link state id. */
const READERS: { readonly [opaqueType: number]: ReadLsa } = {
  1: engineering,
  4: readInformation,
  7: extendedPrefixes,
  8: extendedLinks,
}

export const readOpaque: ReadLsa = said => READERS[said.lsa.octets[4] as number]?.(said)
