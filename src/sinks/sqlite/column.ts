// A field as a column: its name, type, what is bound for a value, and how two rows of one key are merged.
import type { Value } from '../../contract/record.ts'
import type { Field, Role } from '../../fields/field.ts'
import type { TypeName } from '../../fields/types.ts'
import { jsonText } from '../../stream/json.ts'
import { mergeExpression as merged } from '../table/merge-expression.ts'
import { fitsInt64, tableColumn } from '../table-column.ts'

export type SqlValue = number | bigint | string | Uint8Array | null

export interface SqlColumn {
  readonly field: Field
  readonly name: string
  /** As in CREATE TABLE; the affinity follows from it. */
  readonly type: string
  readonly role: Role
  /** Absent values of a key, which must be equal to themselves to be found again. */
  readonly keyDefault: SqlValue
  bind(value: Value): SqlValue
  /** The same of a finite number in the lane of the field's column; absent where the record's value is needed. */
  bindLane?(lane: number): SqlValue
}

/** Called for a whole number that SQLite's integers cannot hold. */
export type OnTooLarge = () => void

/** Its digits as a blob: text would be rounded to a real number by the column's affinity. */
const tooLarge = (value: bigint, onTooLarge: OnTooLarge): Uint8Array => {
  onTooLarge()
  return new TextEncoder().encode(String(value))
}

function bindNumber(value: Value, onTooLarge: OnTooLarge): SqlValue {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') {
    return fitsInt64(value) ? value : tooLarge(value, onTooLarge)
  }
  return bindOther(value)
}

function bindOther(value: Value): SqlValue {
  if (typeof value === 'string' || value === null) return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  return typeof value === 'bigint' ? String(value) : jsonText(value)
}

/** Text of microseconds; that of the last second is kept, because neighbours often have the same. */
function timeBinder(): (microseconds: number) => SqlValue {
  let lastSeconds = Number.NaN
  let lastText = ''
  return microseconds => {
    const seconds = Math.floor(microseconds / 1e6)
    if (seconds !== lastSeconds) {
      lastSeconds = seconds
      lastText = secondsText(seconds)
    }
    const fraction = microseconds - seconds * 1e6
    return fraction === 0 ? lastText : `${lastText}.${String(fraction).padStart(6, '0')}`
  }
}

const LAST_SECOND = 253_402_300_799

/** `YYYY-MM-DD HH:MM:SS` in UTC; a second outside of the years 0 to 9999 as its number. */
function secondsText(seconds: number): string {
  if (!(seconds >= 0 && seconds <= LAST_SECOND)) return String(seconds)
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')
}

const NO_TIME = '0000-00-00 00:00:00'

type Kind = Pick<SqlColumn, 'type' | 'keyDefault'>
const TEXT: Kind = { type: 'TEXT', keyDefault: '' }
const INTEGER: Kind = { type: 'INTEGER', keyDefault: 0 }

const KINDS: { readonly [name in TypeName]: Kind } = {
  unsigned: INTEGER,
  counter: INTEGER,
  real: { type: 'REAL', keyDefault: 0 },
  time: { type: 'TEXT', keyDefault: NO_TIME },
  address: TEXT,
  mac: TEXT,
  protocol: TEXT,
  etype: TEXT,
  direction: TEXT,
  text: TEXT,
  list: TEXT,
  // No affinity: numbers stay numbers, text stays text.
  any: { type: '', keyDefault: '' },
}

/** Undefined when the field's name cannot be a column. */
export function sqlColumn(field: Field, times: 'text' | 'epoch', onTooLarge: OnTooLarge): SqlColumn | undefined {
  const column = tableColumn(field)
  if (!column) return undefined
  const { name, role } = column
  const isAny = field.type.name === 'any'
  const kind = KINDS[field.type.name]
  if (field.type.name === 'time') return { field, name, role, ...timeKind(times) }
  if (kind === TEXT || isAny) return { field, name, role, ...kind, bind: bindOther }
  return { field, name, role, ...kind, bind: value => bindNumber(value, onTooLarge), bindLane: lane => lane }
}

function timeKind(times: 'text' | 'epoch'): Omit<SqlColumn, 'field' | 'name' | 'role'> {
  if (times === 'epoch') {
    return { type: 'NUMERIC', keyDefault: 0, bind: bindOther, bindLane: microseconds => microseconds / 1e6 }
  }
  const bindLane = timeBinder()
  const bind = (value: Value) => (typeof value === 'number' ? bindLane(Math.round(value * 1e6)) : bindOther(value))
  return { ...KINDS.time, bind, bindLane }
}

export const quoted = (name: string): string => `"${name}"`

const MERGING = { least: 'min', greatest: 'max', coalesce: 'coalesce' }

/** How a column that is no key takes a second row of the same key; absent values leave the other. */
export function mergeExpression({ name, role }: SqlColumn): string {
  const old = quoted(name)
  return merged(role, old, `excluded.${old}`, MERGING)
}
