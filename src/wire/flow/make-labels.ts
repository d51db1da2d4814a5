// Lists and identifiers with a structure of their own: MPLS labels, SRv6 segments, layer 2 segments, ICMP type and code.
import type { Value } from '../../contract/record.ts'
import { ABSENT, type NumberColumn } from '../../fields/column.ts'
import { ipv6Text } from '../../octets/address.ts'
import type { Place } from './layout.ts'
import type { Maker, Planner } from './planner.ts'
import { readWhole } from './read-number.ts'
import { lengthOf } from './read-text.ts'

const FIRST_LABEL = 70
const LAST_LABEL = 79
const LABEL_OCTETS = 3

/** The label of a label stack entry without its TTL: 20 bits, then class and the bottom of stack bit (RFC 3032). */
const labelOf = (entry: number): number => entry >>> 4
const isBottom = (entry: number): boolean => (entry & 1) === 1

function labelPlaces(planner: Planner): Place[] {
  const places: Place[] = []
  for (let id = FIRST_LABEL; id <= LAST_LABEL; id++) {
    const place = planner.place(id)
    if (place?.length === LABEL_OCTETS) places.push(place)
  }
  return places
}

const entryAt = (octets: Uint8Array, { at, offset }: Place, i: number): number => {
  const from = (at[i] as number) + offset
  return ((octets[from] as number) << 16) | ((octets[from + 1] as number) << 8) | (octets[from + 2] as number)
}

/** Exporters fill what the packet did not have with zeros: those are no labels. */
const labelStack: Maker = planner => {
  const places = labelPlaces(planner)
  if (places.length === 0) return false
  const { values } = planner.columns.values('mpls_label_stack')
  planner.steps.push(({ octets, row, count }) => {
    for (let i = 0; i < count; i++) {
      const labels: number[] = []
      for (const place of places) {
        const entry = entryAt(octets, place, i)
        if (labelOf(entry) !== 0) labels.push(labelOf(entry))
        if (isBottom(entry)) break
      }
      values[row + i] = labels.length > 0 ? labels : undefined
    }
  })
  return true
}

const labelTop: Maker = planner => {
  const place = planner.place(FIRST_LABEL)
  if (place?.length !== LABEL_OCTETS) return false
  const { numbers } = planner.columns.numbers('mpls_label_top')
  planner.steps.push(({ octets, row, count }) => {
    for (let i = 0; i < count; i++) {
      const entry = entryAt(octets, place, i)
      numbers[row + i] = entry === 0 ? ABSENT : labelOf(entry)
    }
  })
  return true
}

const labelBottom: Maker = planner => {
  const places = labelPlaces(planner)
  if (places.length === 0) return false
  const { numbers } = planner.columns.numbers('mpls_label_bottom')
  planner.steps.push(({ octets, row, count }) => {
    for (let i = 0; i < count; i++) {
      const bottom = places.map(place => entryAt(octets, place, i)).find(isBottom)
      numbers[row + i] = bottom === undefined ? ABSENT : labelOf(bottom)
    }
  })
  return true
}

const SEGMENT_OCTETS = 16
/** Of a segment routing header before its segments (RFC 8754 section 2). */
const SRH_FIXED_OCTETS = 8
/** Of a basicList of IANA elements before its content (RFC 6313 section 4.5.1): semantic, element, length. */
const LIST_HEADER_OCTETS = 5

/** Where the segments are in a field of `length` octets: how many octets precede them. RFC 9487 section 5. */
const SEGMENT_ELEMENTS: readonly (readonly [id: number, headerOctets: number])[] = [
  [497, 0],
  [496, LIST_HEADER_OCTETS],
  [499, SRH_FIXED_OCTETS],
]

const segmentText = (view: DataView, at: number): string =>
  ipv6Text(view.getUint32(at), view.getUint32(at + 4), view.getUint32(at + 8), view.getUint32(at + 12))

/** Segments of a whole SRH end where its last entry says; TLVs may follow. */
function segmentCount(id: number, octets: Uint8Array, at: number, length: number): number {
  const fit = Math.floor(length / SEGMENT_OCTETS)
  return id === 499 && fit > 0 ? Math.min(fit, (octets[at - SRH_FIXED_OCTETS + 4] as number) + 1) : fit
}

const segmentList: Maker = planner => {
  const found = SEGMENT_ELEMENTS.find(([id]) => planner.has(id))
  if (!found) return false
  const [id, header] = found
  const place = planner.place(id) as Place
  const { values } = planner.columns.values('srv6_seg_ipv6_list')
  planner.steps.push(({ octets, view, row, count }) => {
    for (let i = 0; i < count; i++) {
      const at = (place.at[i] as number) + place.offset + header
      const segments: Value[] = []
      const fit = segmentCount(id, octets, at, lengthOf(place, i) - header)
      for (let index = 0; index < fit; index++) segments.push(segmentText(view, at + SEGMENT_OCTETS * index))
      values[row + i] = segments.length > 0 ? segments : undefined
    }
  })
  return true
}

const VXLAN = 1
const NVGRE = 2

/** layer2SegmentId: a type octet, then the identifier, whose last 24 bits count (RFC 7348, RFC 7637). */
const segmentId =
  (type: number): Maker =>
  (planner, field) => {
    const place = planner.place(351)
    if (place?.length !== 8) return false
    const { numbers } = planner.columns.numbers(field.name)
    planner.steps.push(({ octets, view, row, count }) => {
      for (let i = 0; i < count; i++) {
        const at = (place.at[i] as number) + place.offset
        numbers[row + i] = octets[at] === type ? view.getUint32(at + 4) & 0xff_ffff : ABSENT
      }
    })
    return true
  }

const ICMP = 1
const ICMP6 = 58

/** Type and code: 32 and 139 hold both, 176 to 179 one each. Of records that are not ICMP the element says nothing. */
const icmp =
  (part: 'type' | 'code', single: readonly number[]): Maker =>
  (planner, field) => {
    const column = planner.columns.numbers(field.name)
    const readers = [
      ...single.map(id => ({ id, both: false })),
      { id: 32, both: true },
      { id: 139, both: true },
    ].flatMap(({ id, both }) => {
      const place = planner.place(id)
      const into = planner.columns.numbers(field.name, String(id))
      const read = place && readWhole(into, place)
      if (read) planner.steps.push(read)
      return read ? [{ numbers: into.numbers, both }] : []
    })
    if (readers.length === 0) return false
    const protocols: NumberColumn | undefined = planner.numbers('ip_proto')
    planner.steps.push(({ row, count }) => {
      for (let at = row; at < row + count; at++) {
        const protocol = protocols ? protocols.numbers[at] : ICMP
        let found = ABSENT
        for (const { numbers, both } of readers) {
          const number = numbers[at] as number
          const value = both ? (part === 'type' ? number >>> 8 : number & 255) : number
          if (!(found > 0)) found = value
        }
        column.numbers[at] = protocol === ICMP || protocol === ICMP6 ? found : ABSENT
      }
    })
    return true
  }

export const LABEL_MAKERS: { readonly [name: string]: Maker } = {
  mpls_label_stack: labelStack,
  mpls_label_top: labelTop,
  mpls_label_bottom: labelBottom,
  srv6_seg_ipv6_list: segmentList,
  vxlan: segmentId(VXLAN),
  nvgre: segmentId(NVGRE),
  icmp_type: icmp('type', [176, 178]),
  icmp_code: icmp('code', [177, 179]),
}
