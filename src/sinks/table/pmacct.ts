// What pmacct's SQL plugins make of values: no absent ones, times in two columns, joined lists (its sql/README.* files).
import type { Value } from '../../contract/record.ts'
import type { TableColumn } from '../table-column.ts'
import type { Cell, CellForm } from './cells.ts'

/** A type of the database, and what pmacct writes for an absent value. */
export interface PmacctForm {
  readonly stored: string
  readonly absent: Cell
}

export interface PmacctColumn extends TableColumn {
  readonly stored: string
  readonly form: CellForm
  readonly absent: Cell | null
  /** NOT NULL DEFAULT ..., or nothing. */
  readonly constraint: string
}

const LAST_SECOND = 253_402_300_799
const civil = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')

/** Text of the whole second, in UTC or the zone of TZ. */
function wholeSecond(localTime: boolean): CellForm {
  return value => {
    if (typeof value !== 'number' || !(value >= 0 && value <= LAST_SECOND)) return undefined
    const seconds = Math.floor(Math.round(value * 1e6) / 1e6)
    return civil(localTime ? seconds - 60 * new Date(seconds * 1000).getTimezoneOffset() : seconds)
  }
}

/** Microseconds behind the second. */
const residual: CellForm = value => (typeof value === 'number' ? Math.round(value * 1e6) % 1e6 : undefined)

const joined =
  (form: CellForm): CellForm =>
  (value: Value) =>
    form(Array.isArray(value) ? value.map(String).join('_') : value)

const constraintOf = ({ absent }: PmacctForm): string =>
  `NOT NULL DEFAULT ${typeof absent === 'string' ? `'${absent}'` : absent}`

/** Times that pmacct writes whole, without a column for the rest. */
const BINS: ReadonlySet<string> = new Set(['stamp_inserted', 'stamp_updated'])

/** The columns of a field: one, or two for the whole seconds of a time and its `_residual`; `make` gives the form of a type. */
export function pmacctColumns(
  column: TableColumn,
  of: PmacctForm,
  integer: string,
  make: (stored: string) => CellForm,
  localTime: boolean,
): PmacctColumn[] {
  const { field, name, type } = column
  const form = type === 'time' ? wholeSecond(localTime) : type === 'list' ? joined(make(of.stored)) : make(of.stored)
  const first = { ...column, ...of, form, constraint: constraintOf(of) }
  if (name === 'stamp_updated') return [{ ...first, absent: null, constraint: '' }]
  if (type !== 'time' || BINS.has(field.name)) return [first]
  const rest = { stored: integer, absent: 0 }
  return [
    { ...first, role: 'key' },
    { ...column, ...rest, name: `${name}_residual`, role: 'key', form: residual, constraint: constraintOf(rest) },
  ]
}

/** The key of a new table, in the key's order: pmacct's times are parts of it, whole seconds and rest. */
export function keyColumns<Column extends TableColumn>(
  columns: readonly Column[],
  names: readonly string[],
  { isCompat, isChosen }: { readonly isCompat: boolean; readonly isChosen: boolean },
): Column[] {
  const rank = ({ name, field, type }: Column): number => {
    if (names.includes(name)) return names.indexOf(name)
    if (!isCompat || type !== 'time' || name === 'stamp_updated') return -1
    if (names.includes(field.name)) return names.indexOf(field.name) + 0.5
    return isChosen ? -1 : names.length
  }
  return columns.filter(column => rank(column) >= 0).sort((a, b) => rank(a) - rank(b))
}
