// A PDU as a record of its own: header and TLVs, for who looks at the protocol itself (isis-recv --pdus).
import type { NetRecord, Value } from '../../contract/record.ts'
import { hexText } from '../../octets/address.ts'
import { systemId } from '../bgp/attributes/bgp-ls-tlv.ts'
import { addressText } from '../bgp/nlri/prefix-text.ts'
import { isChecksumRight } from './checksum.ts'
import { objectsOf } from './node.ts'
import { lspId, nodeId, PDU, type Pdu } from './pdu.ts'
import { MT_MASK } from './said.ts'
import { LSP_ENTRY_OCTETS, TLV, type Tlv } from './tlv.ts'

export const PDU_NAMES: { readonly [type: number]: string } = {
  [PDU.lanHello1]: 'l1-lan-hello',
  [PDU.lanHello2]: 'l2-lan-hello',
  [PDU.helloP2p]: 'p2p-hello',
  [PDU.lsp1]: 'l1-lsp',
  [PDU.lsp2]: 'l2-lsp',
  [PDU.csnp1]: 'l1-csnp',
  [PDU.csnp2]: 'l2-csnp',
  [PDU.psnp1]: 'l1-psnp',
  [PDU.psnp2]: 'l2-psnp',
}
const AUTHENTICATION: { readonly [type: number]: string } = { 1: 'text', 3: 'sha', 54: 'md5' }
const THREE_WAY = ['up', 'initializing', 'down']
const PROTOCOLS: { readonly [nlpid: number]: string } = { 129: 'clnp', 142: 'ipv6', 204: 'ipv4' }
const decoder = new TextDecoder()

type Read = (pdu: Pdu, tlv: Tlv) => NetRecord

const each = <Item>({ start, end }: Tlv, octets: number, item: (at: number) => Item): Item[] =>
  Array.from({ length: Math.floor((end - start) / octets) }, (_, index) => item(start + octets * index))

const addresses =
  (key: string, octetCount: 4 | 16): Read =>
  ({ octets }, tlv) => ({ [key]: each(tlv, octetCount, at => addressText(octets, at, octetCount)) })

function areasOf({ octets }: Pdu, { start, end }: Tlv): NetRecord {
  const areas: string[] = []
  for (let at = start; at < end; at += 1 + (octets[at] as number)) {
    areas.push(hexText(octets, at + 1, Math.min(end, at + 1 + (octets[at] as number))))
  }
  return { isis_areas: areas }
}

const mac = (octets: Uint8Array, at: number): string => hexText(octets, at, at + 6).replace(/..(?=.)/g, '$&:')

function threeWayOf({ octets, view }: Pdu, { start, end }: Tlv): NetRecord {
  const state = THREE_WAY[octets[start] as number] ?? String(octets[start])
  return {
    isis_three_way: state,
    ...(end - start >= 5 ? { isis_ext_circuit_id: view.getUint32(start + 1) } : {}),
    ...(end - start >= 15
      ? { isis_neighbor: systemId(octets, start + 5), isis_neighbor_ext_circuit_id: view.getUint32(start + 11) }
      : {}),
  }
}

/** TLVs of hellos and sequence number PDUs; what LSPs say of the topology is in `objects`. */
const READERS: { readonly [type: number]: Read } = {
  [TLV.areas]: areasOf,
  [TLV.lanNeighbors]: ({ octets }, tlv) => ({ isis_lan_neighbors: each(tlv, 6, at => mac(octets, at)) }),
  [TLV.authentication]: ({ octets }, { start }) => ({
    isis_authentication: AUTHENTICATION[octets[start] as number] ?? String(octets[start]),
  }),
  [TLV.purgeOriginator]: ({ octets }, tlv) => ({
    isis_purge_originator: each({ ...tlv, start: tlv.start + 1 }, 6, at => systemId(octets, at)),
  }),
  [TLV.protocols]: ({ octets }, tlv) => ({
    isis_protocols: each(tlv, 1, at => PROTOCOLS[octets[at] as number] ?? String(octets[at])),
  }),
  [TLV.ipv4Addresses]: addresses('isis_ipv4_addresses', 4),
  [TLV.ipv6Addresses]: addresses('isis_ipv6_addresses', 16),
  [TLV.ipv6GlobalAddresses]: addresses('isis_ipv6_global_addresses', 16),
  [TLV.hostname]: ({ octets }, { start, end }) => ({ isis_hostname: decoder.decode(octets.subarray(start, end)) }),
  [TLV.topologies]: ({ view }, tlv) => ({ isis_topologies: each(tlv, 2, at => view.getUint16(at) & MT_MASK) }),
  [TLV.threeWay]: threeWayOf,
  [TLV.lspEntries]: ({ octets, view }, tlv) => ({
    isis_entries: each(tlv, LSP_ENTRY_OCTETS, at => ({
      lsp_id: lspId(octets, at + 2),
      sequence: view.getUint32(at + 10),
      lifetime: view.getUint16(at),
      checksum: view.getUint16(at + 14),
    })),
  }),
}

/** Without its envelope (time, domain). */
export function pduRecord(pdu: Pdu): NetRecord {
  const record: NetRecord = { isis_pdu: PDU_NAMES[pdu.type] as string, ...headerOf(pdu) }
  record.isis_tlvs = [...new Set(pdu.tlvs.map(({ type }) => type))]
  for (const tlv of pdu.tlvs) {
    const read = READERS[tlv.type]
    if (!read || tlv.end === tlv.start) continue
    for (const [key, value] of Object.entries(read(pdu, tlv))) {
      const before = record[key]
      record[key] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : (value as Value)
    }
  }
  if (pdu.kind === 'lsp') {
    const objects = objectsOf([pdu], () => {})
    record.isis_objects = [...objects.values()].map(({ descriptors, attributes }) => ({
      ...attributes,
      ...descriptors,
    }))
  }
  return record
}

function headerOf(pdu: Pdu): NetRecord {
  if (pdu.kind === 'hello') {
    const { octets, holdSeconds, levels, level, priority, circuitId } = pdu
    const lan = { isis_priority: priority, isis_lan_id: level ? nodeId(octets, 20) : '' }
    return {
      isis_system_id: pdu.systemId,
      isis_levels: levels,
      isis_hold_time: holdSeconds,
      ...(level ? lan : { isis_circuit_id: circuitId }),
    }
  }
  if (pdu.kind === 'lsp') {
    return {
      isis_lsp_id: pdu.id,
      isis_sequence: pdu.sequence,
      isis_lifetime: pdu.lifetimeSeconds,
      isis_checksum: pdu.checksum,
      isis_checksum_ok: pdu.lifetimeSeconds === 0 || isChecksumRight(pdu.octets),
      isis_flags: pdu.flags,
    }
  }
  const range = pdu.kind === 'csnp' ? { isis_first: pdu.first, isis_last: pdu.last } : {}
  return { isis_source: pdu.source, ...range }
}
