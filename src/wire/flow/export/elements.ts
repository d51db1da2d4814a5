// Which elements say a field in an exported record, and how. NetFlow v9 has no enterprises and no variable lengths.
import { type Column, IPV4, IPV6, NO_ADDRESS, ODD } from '../../../fields/column.ts'
import { PMACCT_PEN } from '../../../fields/element.ts'
import type { Field } from '../../../fields/field.ts'
import { IPFIX } from '../message.ts'

/** The length of a template's field whose values say their own (RFC 7011 section 7). */
export const VARIABLE = 0xffff

export interface ExportElement {
  readonly id: number
  readonly pen: number
  readonly octets: number
}

/** kind(): the row has nothing of the field. */
export const ABSENT_KIND = 0
/** kind(): it has, and it cannot be said. */
export const UNSAYABLE = -1

export interface ExportField {
  readonly field: Field
  /** Which elements the row needs: 1..65535, or one of the two above. */
  readonly kind: (column: Column, row: number) => number
  /** For a kind, in a record of IPv4 or IPv6. */
  readonly elements: (kind: number, family: number) => readonly ExportElement[]
  /** Writes the value; returns where it ends. */
  readonly write: (column: Column, row: number, kind: number, view: DataView, at: number) => number
  /** Not written where the record has this field, which says it too. */
  readonly impliedBy?: string
  /** Of the header in the tunnel: a second occurrence of the element of this field, which the record must have. */
  readonly outer?: string
}

const TCP_FLAGS = 6
const UNSIGNED_OCTETS = 4
export const COUNTER_OCTETS = 8
const MAC_OCTETS = 6
/** tag, tag2. */
const TAG_OCTETS = 8
/** Ids above say enterprise elements in IPFIX. */
const LARGEST_ID = 0x7fff

const ONE = [4, 5, 6, 9, 13, 29, 30, 52, 53, 55, 61, 89, 136, 176, 177, 178, 179, 192, 230, 233, 239, 244]
const TWO = [7, 11, 58, 59, 180, 181, 182, 183, 227, 228, 243, 245, 254, 255, 256, 33002]
const EIGHT = [148]
const WIDTHS = new Map<number, number>([
  ...ONE.map(id => [id, 1] as const),
  ...TWO.map(id => [id, 2] as const),
  ...EIGHT.map(id => [id, 8] as const),
])
const DIRECTION_EGRESS = 'e'.charCodeAt(0)
const DIRECTION_INGRESS = 'i'.charCodeAt(0)

function widthOf(field: Field, { id, pen }: { readonly id: number; readonly pen: number }): number {
  if (pen === PMACCT_PEN) return TAG_OCTETS
  if (field.type.name === 'mac') return MAC_OCTETS
  if (field.type.name === 'counter') return COUNTER_OCTETS
  return WIDTHS.get(id) ?? UNSIGNED_OCTETS
}

export function putWhole(view: DataView, at: number, octets: number, value: number): number {
  let rest = Math.floor(value)
  for (let index = octets - 1; index >= 0; index--) {
    view.setUint8(at + index, rest % 256)
    rest = Math.floor(rest / 256)
  }
  return at + octets
}

export const bigOf = (column: Column, row: number): bigint | undefined => {
  const exact = column.lane === 'number' && column.numbers[row] === ODD ? column.other.get(row) : undefined
  return typeof exact === 'bigint' && exact >= 0n && exact < 2n ** 64n ? exact : undefined
}

/** Whole numbers of so many octets. */
export function numberField(octets: number): Pick<ExportField, 'kind' | 'write'> {
  const most = 2 ** (8 * octets)
  return {
    kind(column, row) {
      if (column.lane !== 'number') return ABSENT_KIND
      const value = column.numbers[row] as number
      if (Number.isNaN(value)) return ABSENT_KIND
      if (value >= 0 && value < most && value <= Number.MAX_SAFE_INTEGER) return 1
      return octets === COUNTER_OCTETS && bigOf(column, row) !== undefined ? 1 : UNSAYABLE
    },
    write(column, row, _kind, view, at) {
      if (column.lane !== 'number') return at + octets
      const exact = octets === COUNTER_OCTETS ? bigOf(column, row) : undefined
      if (exact === undefined) return putWhole(view, at, octets, column.numbers[row] as number)
      view.setBigUint64(at, exact)
      return at + octets
    },
  }
}

const direction: Pick<ExportField, 'kind' | 'write'> = {
  kind(column, row) {
    const code = column.lane === 'number' ? (column.numbers[row] as number) : Number.NaN
    if (Number.isNaN(code)) return ABSENT_KIND
    return code === DIRECTION_EGRESS || code === DIRECTION_INGRESS ? 1 : UNSAYABLE
  },
  write(column, row, _kind, view, at) {
    view.setUint8(at, column.lane === 'number' && column.numbers[row] === DIRECTION_EGRESS ? 1 : 0)
    return at + 1
  },
}

/** tcpControlBits: one octet where it is enough, because not every collector reads two (RFC 7125 section 3). */
function flagsField(element: { readonly id: number; readonly pen: number }): Omit<ExportField, 'field'> {
  const { kind } = numberField(2)
  return {
    kind: (column, row) =>
      kind(column, row) === 1 && column.lane === 'number' && (column.numbers[row] as number) > 255
        ? 2
        : kind(column, row),
    elements: octets => [{ ...element, octets }],
    write: (column, row, octets, view, at) =>
      putWhole(view, at, octets, column.lane === 'number' ? (column.numbers[row] as number) : 0),
  }
}

/** Two elements, one for each family: the kind is the family. */
function addressField(field: Field, four: ExportElement | undefined, six: ExportElement | undefined): ExportField {
  return {
    field,
    kind(column, row) {
      const family = column.lane === 'address' ? column.family[row] : NO_ADDRESS
      if (family === NO_ADDRESS) return ABSENT_KIND
      return (family === IPV4 && four) || (family === IPV6 && six) ? (family as number) : UNSAYABLE
    },
    elements: kind => [(kind === IPV4 ? four : six) as ExportElement],
    write(column, row, kind, view, at) {
      if (column.lane !== 'address') return at
      const words = kind === IPV4 ? 1 : 4
      for (let word = 0; word < words; word++) view.setUint32(at + 4 * word, column.words[4 * row + word] as number)
      return at + 4 * words
    },
  }
}

/** A field whose elements' types say all: `ids` of IPv4 (or of both families), and of IPv6. */
export function plainField(
  field: Field,
  elements: readonly { readonly id: number; readonly pen: number }[],
  version: number,
  byFamily: boolean,
): ExportField | undefined {
  const usable = elements.filter(
    ({ id, pen }) => (pen === 0 || version === IPFIX) && (version !== IPFIX || id <= LARGEST_ID),
  )
  const [first, second] = usable
  if (first === undefined) return undefined
  const { name, lane } = field.type
  if (lane === 'address') return addressField(field, { ...first, octets: 4 }, second && { ...second, octets: 16 })
  if (lane !== 'number' || name === 'real' || name === 'time') return undefined
  const octets = name === 'direction' ? 1 : widthOf(field, first)
  if (first.id === TCP_FLAGS && version === IPFIX) return { field, ...flagsField(first) }
  const of4 = [{ ...first, octets }]
  const of6 = second && byFamily ? [{ ...second, octets }] : of4
  const { kind, write } = name === 'direction' ? direction : numberField(octets)
  return { field, kind, write, elements: (_, family) => (family === 6 ? of6 : of4) }
}
