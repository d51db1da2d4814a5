// Route monitoring: one UPDATE of a peer (RFC 7854 section 4.6); in version 4 as a TLV among others.
import type { Problem } from '../../contract/problem.ts'
import type { NetRecord } from '../../contract/record.ts'
import { type Capabilities, noCapabilities, readCapabilities } from '../bgp/capabilities.ts'
import { bmpProblem } from './message.ts'
import { readPathMarking } from './path-marking.ts'
import { GROUP_BIT, type RouteTlvKind, registryOf } from './route-tlvs.ts'
import { hexPairs, readTlvs, type Tlv, tlvText } from './tlv.ts'

export interface MonitoredUpdate {
  /** The BGP message is octets[start..end). */
  readonly start: number
  readonly end: number
  /** What the stateless parsing TLVs say the NLRI are encoded by. */
  readonly capabilities: Capabilities | undefined
  /** Keys for all routes; undefined when there are none. */
  readonly fields: NetRecord | undefined
  /** Keys for single routes by their index, from 1 (draft-ietf-grow-bmp-tlv section 4.3). */
  readonly marks: ReadonlyMap<number, NetRecord> | undefined
  readonly problem: Problem | undefined
}

interface Draft {
  bgp: Tlv | undefined
  capabilities: Capabilities | undefined
  readonly fields: NetRecord
  readonly groups: Map<number, number[]>
  readonly marked: { readonly index: number; readonly fields: NetRecord }[]
}

type TakeTlv = (draft: Draft, tlv: Tlv, octets: Uint8Array, view: DataView) => void

function addMarks(draft: Draft, tlv: Tlv, fields: NetRecord | undefined): void {
  if (fields) draft.marked.push({ index: tlv.index ?? 0, fields })
}

const TAKE: { readonly [kind in RouteTlvKind]: TakeTlv } = {
  bgp_message: (draft, tlv) => {
    draft.bgp ??= tlv
  },
  group: (draft, tlv, _octets, view) => {
    const members: number[] = []
    for (let at = tlv.start; at + 2 <= tlv.end; at += 2) members.push(view.getUint16(at))
    draft.groups.set(tlv.index ?? 0, members)
  },
  vrf_table_name: (draft, tlv, octets) => {
    draft.fields.bmp_rm_info_vrf_table_name = tlvText(octets, tlv)
  },
  stateless_parsing: (draft, tlv, octets) => {
    draft.capabilities ??= noCapabilities()
    readCapabilities(octets, tlv.start, tlv.end, draft.capabilities)
  },
  path_marking: (draft, tlv, _octets, view) => addMarks(draft, tlv, readPathMarking(view, tlv)),
  sequence_number: (draft, tlv, _octets, view) => {
    if (tlv.end - tlv.start === 4) draft.fields.bmp_rm_info_sequence_number = view.getUint32(tlv.start)
  },
  extended_flags: (draft, tlv, octets) => {
    draft.fields.bmp_rm_info_extended_flags = hexPairs(octets, tlv.start, tlv.end)
  },
  timestamp: (draft, tlv, octets) => {
    draft.fields.bmp_rm_info_timestamp = hexPairs(octets, tlv.start, tlv.end)
  },
}

/** Version 4: the body behind the per-peer header. In version 3 the body is the BGP message. */
export function readMonitoredTlvs(
  octets: Uint8Array,
  view: DataView,
  start: number,
  end: number,
): MonitoredUpdate | Problem {
  const { tlvs, rest } = readTlvs(view, start, end, true)
  const registry = registryOf(view, tlvs)
  const draft: Draft = { bgp: undefined, capabilities: undefined, fields: {}, groups: new Map(), marked: [] }
  for (const tlv of tlvs) {
    const kind = tlv.pen === undefined ? registry[tlv.type] : undefined
    if (kind) TAKE[kind](draft, tlv, octets, view)
    else unknown(draft, tlv, octets)
  }
  if (!draft.bgp)
    return bmpProblem('bmp/route-monitoring', 'a route monitoring message of version 4 without a BGP message', '4.6')
  const marks = new Map<number, NetRecord>()
  for (const { index, fields } of draft.marked) {
    if (index === 0) Object.assign(draft.fields, fields)
    else for (const member of membersOf(draft, index)) marks.set(member, { ...marks.get(member), ...fields })
  }
  return {
    start: draft.bgp.start,
    end: draft.bgp.end,
    capabilities: draft.capabilities,
    fields: Object.keys(draft.fields).length > 0 ? draft.fields : undefined,
    marks: marks.size > 0 ? marks : undefined,
    problem:
      rest > 0
        ? bmpProblem('bmp/tlv', `${rest} octets at the end of a route monitoring message are no TLV`, '4.6')
        : undefined,
  }
}

const membersOf = (draft: Draft, index: number): readonly number[] =>
  index & GROUP_BIT ? (draft.groups.get(index) ?? []) : [index]

function unknown(draft: Draft, tlv: Tlv, octets: Uint8Array): void {
  const value = hexPairs(octets, tlv.start, tlv.end)
  const name = tlv.pen === undefined ? `bmp_rm_info_${tlv.type}` : `bmp_rm_info_${tlv.pen}_${tlv.type}`
  if (value === null) return
  if (tlv.index) draft.marked.push({ index: tlv.index, fields: { [name]: value } })
  else draft.fields[name] = value
}
