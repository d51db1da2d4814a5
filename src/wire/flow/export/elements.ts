// Which element says a field in an exported record, in how many octets. NetFlow v9 has no enterprises and no variable lengths.
import { type Column, IPV4, IPV6 } from '../../../fields/column.ts'
import { allFields } from '../../../fields/dictionary.ts'
import type { Field } from '../../../fields/field.ts'
import { IPFIX } from '../message.ts'

export interface ExportElement {
  readonly id: number
  readonly pen: number
  readonly octets: number
}

/** Writes the value of a row; false when it does not fit, then zeros stand there. */
export type WriteValue = (column: Column, row: number, view: DataView, at: number) => boolean

export interface ExportField {
  readonly field: Field
  /** Where the field is one element for IPv4 and another for IPv6 flows, both; else the same twice. */
  readonly of4: ExportElement
  readonly of6: ExportElement
  readonly write: WriteValue
}

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

const ONE = [4, 5, 9, 13, 29, 30, 52, 53, 55, 61, 89, 136, 176, 177, 178, 179, 192, 230, 233, 239, 244]
const TWO = [7, 11, 58, 59, 180, 181, 182, 183, 227, 228, 243, 245, 254, 255, 256]
const EIGHT = [148]
const WIDTHS = new Map<number, number>([
  ...ONE.map(id => [id, 1] as const),
  ...TWO.map(id => [id, 2] as const),
  ...EIGHT.map(id => [id, 8] as const),
])
const TCP_FLAGS = 6
const UNSIGNED_OCTETS = 4
const COUNTER_OCTETS = 8
const MAC_OCTETS = 6
/** Ids above say enterprise elements. */
const LARGEST_ID = 0x7fff
const DIRECTION_EGRESS = 'e'.charCodeAt(0)
const DIRECTION_INGRESS = 'i'.charCodeAt(0)

function widthOf(field: Field, id: number, version: number): number {
  if (id === TCP_FLAGS) return version === IPFIX ? 2 : 1
  if (field.type.name === 'mac') return MAC_OCTETS
  if (field.type.name === 'counter') return COUNTER_OCTETS
  return WIDTHS.get(id) ?? UNSIGNED_OCTETS
}

function writeNumber(octets: number): WriteValue {
  const most = 2 ** (8 * octets)
  return (column, row, view, at) => {
    if (column.lane !== 'number') return false
    const value = column.numbers[row] as number
    if (value >= 0 && value < most && value <= Number.MAX_SAFE_INTEGER) {
      let rest = Math.floor(value)
      for (let index = octets - 1; index >= 0; index--) {
        view.setUint8(at + index, rest % 256)
        rest = Math.floor(rest / 256)
      }
      return true
    }
    const exact = column.other.get(row)
    if (octets !== COUNTER_OCTETS || typeof exact !== 'bigint' || exact < 0n || exact >= 2n ** 64n) return false
    view.setBigUint64(at, exact)
    return true
  }
}

const writeDirection: WriteValue = (column, row, view, at) => {
  if (column.lane !== 'number') return false
  const code = column.numbers[row]
  view.setUint8(at, code === DIRECTION_EGRESS ? 1 : 0)
  return code === DIRECTION_EGRESS || code === DIRECTION_INGRESS
}

/** The template says which family: an IPv4 address takes 4 octets, any other 16. */
const writeAddress: WriteValue = (column, row, view, at) => {
  if (column.lane !== 'address') return false
  const words = column.family[row] === IPV4 ? 1 : 4
  for (let word = 0; word < words; word++) view.setUint32(at + 4 * word, column.words[4 * row + word] as number)
  return column.family[row] === IPV4 || column.family[row] === IPV6
}

function addressField(field: Field, ids: readonly number[]): ExportField | undefined {
  const [four, six] = ids
  if (four === undefined || six === undefined) return undefined
  return { field, of4: { id: four, pen: 0, octets: 4 }, of6: { id: six, pen: 0, octets: 16 }, write: writeAddress }
}

function exportField(field: Field, version: number): ExportField | undefined {
  const special = SPECIAL[field.name]
  const plain = (field.elements ?? []).filter(({ encoding }) => encoding === undefined)
  const usable = special?.map(id => ({ id, pen: 0 })) ?? plain.filter(({ pen }) => pen === 0 || version === IPFIX)
  const [first, second] = usable.filter(({ id }) => id <= LARGEST_ID)
  if (first === undefined) return undefined
  const { name, lane } = field.type
  if (lane === 'address') return addressField(field, second ? [first.id, second.id] : [])
  if (lane !== 'number' || name === 'real' || name === 'time') return undefined
  const octets = widthOf(field, first.id, version)
  const of4 = { ...first, octets }
  const of6 = second && BY_FAMILY.has(field.name) ? { ...second, octets } : of4
  return { field, of4, of6, write: name === 'direction' ? writeDirection : writeNumber(octets) }
}

/** The fields that records of a version can have, in the order of the dictionary. Times are put to them by the clock (times.ts). */
export function exportFields(version: number): ExportField[] {
  return allFields().flatMap(field => exportField(field, version) ?? [])
}
