// The fields that records of a version can have: one table of those that their rows of the dictionary do not say.
import type { Value } from '../../../contract/record.ts'
import type { Column } from '../../../fields/column.ts'
import { allFields, fieldOf } from '../../../fields/dictionary.ts'
import { PMACCT_PEN } from '../../../fields/element.ts'
import type { Field } from '../../../fields/field.ts'
import {
  communityOctets,
  extendedCommunityOctets,
  largeCommunityOctets,
} from '../../bgp/attributes/community-octets.ts'
import { IPFIX } from '../message.ts'
import { ABSENT_KIND, type ExportField, plainField, UNSAYABLE } from './elements.ts'
import {
  applicationOctets,
  basicList,
  labelField,
  octetField,
  rdOctets,
  segmentOctets,
  textField,
} from './octet-fields.ts'
import { UnknownElements } from './unknown-elements.ts'

/** Elements of fields whose rows say only how they are read. */
const SPECIAL: { readonly [field: string]: readonly number[] } = {
  peer_ip_src: [130, 131],
  net_src: [44, 170],
  net_dst: [45, 169],
  sampling_rate: [34],
  icmp_type: [176, 178],
  icmp_code: [177, 179],
}
/** Two elements for the two families, though no address. */
const BY_FAMILY: ReadonlySet<string> = new Set(['mask_src', 'mask_dst', 'icmp_type', 'icmp_code'])

const TOP_LABEL = 70
const LABELS = 10
const LABEL_OCTETS = 3
const BOTTOM = 1
const isLabel = (value: Value): value is number => typeof value === 'number' && value >= 0 && value < 2 ** 20

/** A label each in elements 70 to 79 (RFC 3032, without TTL); the last one is the bottom of the stack. */
function labelStack(): ExportField {
  return {
    field: fieldOf('mpls_label_stack'),
    kind(column, row) {
      const labels = column.lane === 'value' ? column.values[row] : undefined
      if (labels === undefined) return ABSENT_KIND
      return Array.isArray(labels) && labels.length > 0 && labels.length <= LABELS && labels.every(isLabel)
        ? labels.length
        : UNSAYABLE
    },
    elements: kind =>
      Array.from({ length: kind }, (_, index) => ({ id: TOP_LABEL + index, pen: 0, octets: LABEL_OCTETS })),
    write(column, row, kind, view, at) {
      const labels = (column.lane === 'value' ? column.values[row] : []) as number[]
      for (const [index, label] of labels.entries()) {
        const entry = (label << 4) | (index === kind - 1 ? BOTTOM : 0)
        view.setUint16(at, entry >>> 8)
        view.setUint8(at + 2, entry & 0xff)
        at += LABEL_OCTETS
      }
      return at
    },
  }
}

/** The top label where the stack is not known. */
function topLabel(): ExportField {
  const field = fieldOf('mpls_label_top')
  const number = (column: Column, row: number): number =>
    column.lane === 'number' ? (column.numbers[row] as number) : Number.NaN
  return {
    field,
    impliedBy: 'mpls_label_stack',
    kind: (column, row) =>
      Number.isNaN(number(column, row)) ? ABSENT_KIND : isLabel(number(column, row)) ? 1 : UNSAYABLE,
    elements: () => [{ id: TOP_LABEL, pen: 0, octets: LABEL_OCTETS }],
    write(column, row, _, view, at) {
      const entry = number(column, row) << 4
      view.setUint16(at, entry >>> 8)
      view.setUint8(at + 2, entry & 0xff)
      return at + LABEL_OCTETS
    },
  }
}

const SEGMENT_ID_OCTETS = 8
/** layer2SegmentId: 1 VXLAN (RFC 7348), 2 NVGRE (RFC 7637), then the identifier. */
function segmentId(name: string, type: number): ExportField {
  const field = plainField(fieldOf(name), [{ id: 351, pen: 0 }], IPFIX, false) as ExportField
  return {
    ...field,
    elements: () => [{ id: 351, pen: 0, octets: SEGMENT_ID_OCTETS }],
    write(column, row, _, view, at) {
      view.setUint32(at, type << 24)
      view.setUint32(at + 4, column.lane === 'number' ? (column.numbers[row] as number) : 0)
      return at + SEGMENT_ID_OCTETS
    },
  }
}

/** RFC 8549. */
const COMMUNITIES: readonly (readonly [
  field: string,
  list: number,
  element: number,
  octets: number,
  encode: (value: Value) => Uint8Array | undefined,
])[] = [
  ['comms', 485, 483, 4, communityOctets],
  ['comms_src', 484, 483, 4, communityOctets],
  ['ecomms', 488, 486, 8, extendedCommunityOctets],
  ['ecomms_src', 487, 486, 8, extendedCommunityOctets],
  ['lcomms', 491, 489, 12, largeCommunityOctets],
  ['lcomms_src', 490, 489, 12, largeCommunityOctets],
]

const communityLists = (): ExportField[] =>
  COMMUNITIES.map(([name, list, element, octets, encode]) =>
    octetField(name, list, 0, IPFIX, value => {
      const items = Array.isArray(value) ? value.map(encode) : [undefined]
      return items.includes(undefined) ? undefined : basicList(element, octets, items as Uint8Array[])
    }),
  )

const nothingOf = (name: string, impliedBy: string): ExportField => ({
  field: fieldOf(name),
  impliedBy,
  kind: column => (column.lane === 'value' || column.lane === 'number' ? UNSAYABLE : ABSENT_KIND),
  elements: () => [],
  write: (_column, _row, _kind, _view, at) => at,
})

/** `vrfid:N` is the VRF id again, which has an element of its own. */
function routeDistinguisher(version: number): ExportField {
  const field = octetField('mpls_vpn_rd', 90, 0, version, rdOctets)
  const isVrfId = (column: Column, row: number): boolean => {
    const text = column.lane === 'value' ? column.values[row] : undefined
    return typeof text === 'string' && text.startsWith('vrfid:')
  }
  return { ...field, kind: (column, row) => (isVrfId(column, row) ? ABSENT_KIND : field.kind(column, row)) }
}

function specialFields(version: number): ExportField[] {
  const octets = (name: string, id: number, encode: (value: Value) => Uint8Array | undefined) =>
    octetField(name, id, 0, version, encode)
  const both = [
    textField('class', 96, 0, version),
    textField('vrf_name', 236, 0, version),
    textField('username', 371, 0, version),
    octets('application_id', 95, applicationOctets),
    routeDistinguisher(version),
    octets('srv6_seg_ipv6_list', 497, segmentOctets),
    labelStack(),
    topLabel(),
    segmentId('vxlan', 1),
    segmentId('nvgre', 2),
    new UnknownElements(version),
  ]
  return version === IPFIX ? [...both, labelField(3, PMACCT_PEN, version), ...communityLists()] : both
}

/** What the header in the tunnel has: the second occurrence of the element (RFC 7011 section 8). */
function tunnelField(field: Field, version: number): ExportField | undefined {
  const outer = allFields().find(({ inner }) => inner === field.name)
  if (!outer || version !== IPFIX) return undefined
  const made = plainField(outer, outer.elements?.filter(({ encoding }) => encoding === undefined) ?? [], version, false)
  return made && { ...made, field, outer: outer.name }
}

function exportField(field: Field, version: number): ExportField | undefined {
  const special = SPECIAL[field.name]?.map(id => ({ id, pen: 0 }))
  const plain = (field.elements ?? []).filter(({ encoding }) => encoding === undefined)
  return plainField(field, special ?? plain, version, BY_FAMILY.has(field.name)) ?? tunnelField(field, version)
}

/** In the order of the dictionary; times are put to them by the clock (times.ts). */
export function exportFields(version: number): ExportField[] {
  const special = new Map(specialFields(version).map(field => [field.field.name, field]))
  const implied = nothingOf('mpls_label_bottom', 'mpls_label_stack')
  return [...allFields().flatMap(field => special.get(field.name) ?? exportField(field, version) ?? []), implied]
}
