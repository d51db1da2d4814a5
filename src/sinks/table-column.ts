// Fields as columns of any table: name, role, kind of value. A backend maps the dozen types to its own, never the fields.
import type { Value } from '../contract/record.ts'
import type { Field, Role } from '../fields/field.ts'
import type { TypeName } from '../fields/types.ts'

/** pmacct's SQL names, where they are not the JSON keys. */
const NAMES: { readonly [field: string]: string } = {
  class: 'class_id',
  ingress_vrf_name: 'vrf_name_ingress',
  egress_vrf_name: 'vrf_name_egress',
}

const FIELDS: ReadonlyMap<string, string> = new Map(Object.entries(NAMES).map(([field, column]) => [column, field]))

/** The name of the field whose column this is. */
export const fieldOfColumn = (column: string): string => FIELDS.get(column) ?? column

const SAFE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/

/** Roles of fields that aggregate makes: FIELD_min and the like have no row of their own. */
const SUFFIX_ROLES: readonly (readonly [RegExp, Role])[] = [
  [/^records$/, 'sum'],
  [/_min$/, 'min'],
  [/_(max|distinct)$/, 'max'],
]

export interface TableColumn {
  readonly field: Field
  /** A plain identifier: letters, digits and `_`, at most 63. Quote it all the same: it may be a word of the language. */
  readonly name: string
  readonly type: TypeName
  /** `key`, or how a second row of the same key is merged: `sum`, `min`, `max`, `or`. */
  readonly role: Role
}

/** Undefined when the field's name cannot be a column. */
export function tableColumn(field: Field): TableColumn | undefined {
  const name = NAMES[field.name] ?? field.name
  if (!SAFE_NAME.test(name)) return undefined
  const isAny = field.type.name === 'any'
  const role = isAny ? (SUFFIX_ROLES.find(([suffix]) => suffix.test(field.name))?.[1] ?? field.role) : field.role
  return { field, name, type: field.type.name, role }
}

/** Columns of fields, the first of two names that differ only in case; and the fields that cannot have one. */
export function tableColumns(fields: readonly Field[]): { columns: TableColumn[]; refused: Field[] } {
  const columns: TableColumn[] = []
  const refused: Field[] = []
  const taken = new Set<string>()
  for (const field of fields) {
    const column = tableColumn(field)
    if (!column || taken.has(column.name.toLowerCase())) {
      refused.push(field)
      continue
    }
    taken.add(column.name.toLowerCase())
    columns.push(column)
  }
  return { columns, refused }
}

const NUMERIC: ReadonlySet<TypeName> = new Set(['unsigned', 'counter', 'real'])

/**
 * The key of a table: all that is not summed. The bin first, so that rows of one time stand together and new bins are added at
 * the end; then numbers, which are faster to compare than texts.
 */
export function standardKey<Column extends TableColumn>(columns: readonly Column[]): Column[] {
  const rank = ({ field, type }: TableColumn) => (field.name === 'stamp_inserted' ? 0 : NUMERIC.has(type) ? 1 : 2)
  return columns.filter(({ role }) => role === 'key').sort((a, b) => rank(a) - rank(b))
}

const GREATEST_INT64 = 2n ** 63n - 1n
const LEAST_INT64 = -(2n ** 63n)

/** Whether a number is whole and fits a signed integer of 64 bits, which most backends have at most. */
export function fitsInt64(value: number | bigint): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 2 ** 63
  return value <= GREATEST_INT64 && value >= LEAST_INT64
}

const LAST_SECOND = 253_402_300_799

/** `YYYY-MM-DD HH:MM:SS[.ffffff]` in UTC of Unix seconds; undefined outside of the years 1970 to 9999, and for other values. */
export function timeText(value: Value | undefined): string | undefined {
  if (typeof value !== 'number') return undefined
  const microseconds = Math.round(value * 1e6)
  const seconds = Math.floor(microseconds / 1e6)
  if (!(seconds >= 0 && seconds <= LAST_SECOND)) return undefined
  const text = new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')
  const fraction = microseconds - seconds * 1e6
  return fraction === 0 ? text : `${text}.${String(fraction).padStart(6, '0')}`
}
