// Columns as pmacct's own tables for PostgreSQL have them (its sql/README.pgsql and README.timestamp).
import type { Cell, CellForm, TableColumn, TypeName, Value } from 'netally'
import { formFor, type PgColumn } from './column.ts'

interface Form {
  readonly stored: string
  /** pmacct has no absent values. */
  readonly absent: Cell
}

const NUMBER: Form = { stored: 'bigint', absent: 0 }
const SMALL: Form = { stored: 'smallint', absent: 0 }
const TEXT: Form = { stored: 'character varying(255)', absent: '' }

const TYPES: { readonly [name in TypeName]: Form } = {
  unsigned: NUMBER,
  counter: NUMBER,
  real: { stored: 'real', absent: 0 },
  time: { stored: 'timestamp without time zone', absent: '0001-01-01 00:00:00' },
  address: { stored: 'inet', absent: '0.0.0.0' },
  mac: { stored: 'macaddr', absent: '00:00:00:00:00:00' },
  protocol: SMALL,
  etype: { stored: 'character(5)', absent: '' },
  direction: { stored: 'character(1)', absent: '' },
  text: TEXT,
  list: TEXT,
  any: TEXT,
}

const FIELDS: { readonly [name: string]: Form } = {
  port_src: { stored: 'integer', absent: 0 },
  port_dst: { stored: 'integer', absent: 0 },
  vlan: { stored: 'integer', absent: 0 },
  tos: { stored: 'integer', absent: 0 },
  tcp_flags: SMALL,
  mask_src: SMALL,
  mask_dst: SMALL,
  cos: SMALL,
  country_ip_src: { stored: 'character(2)', absent: '--' },
  country_ip_dst: { stored: 'character(2)', absent: '--' },
}

/** Times that pmacct writes whole, without a column for the rest. */
const BINS: ReadonlySet<string> = new Set(['stamp_inserted', 'stamp_updated'])

const civil = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')

/** Text of the whole second, in UTC or the zone of TZ. */
function timeForm(localTime: boolean): CellForm {
  return value => {
    if (typeof value !== 'number' || !(value >= 0 && value < 253_402_300_800)) return undefined
    const seconds = Math.floor(Math.round(value * 1e6) / 1e6)
    return civil(localTime ? seconds - 60 * new Date(seconds * 1000).getTimezoneOffset() : seconds)
  }
}

/** Microseconds behind the second. */
const residual: CellForm = value =>
  typeof value === 'number' ? ((Math.round(value * 1e6) % 1e6) + 1e6) % 1e6 : undefined

const joined = (form: CellForm): CellForm => {
  return (value: Value) => form(Array.isArray(value) ? value.map(String).join('_') : value)
}

const constraintOf = ({ absent }: Form): string =>
  `NOT NULL DEFAULT ${typeof absent === 'number' ? absent : `'${String(absent)}'`}`

/** One column, or two: the whole seconds of a time and its `_residual`. */
export function pmacctColumns(column: TableColumn, localTime: boolean): PgColumn[] {
  const { field, name, type } = column
  const made = FIELDS[name] ?? TYPES[type]
  const make = formFor(made.stored)(column)
  const form = type === 'time' ? timeForm(localTime) : type === 'list' ? joined(make) : make
  const first: PgColumn = { ...column, ...made, form, constraint: constraintOf(made) }
  if (name === 'stamp_updated') return [{ ...first, absent: null, constraint: '' }]
  if (type !== 'time' || BINS.has(field.name)) return [first]
  const rest: Form = { stored: 'integer', absent: 0 }
  return [
    { ...first, role: 'key' },
    { ...column, ...rest, name: `${name}_residual`, role: 'key', form: residual, constraint: constraintOf(rest) },
  ]
}
