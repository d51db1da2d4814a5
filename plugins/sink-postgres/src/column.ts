// A field as a column of PostgreSQL: its type when we make it, and the text of its values for the type that it has.
import {
  addressCell,
  type Cell,
  type CellForm,
  DIGITS20,
  INT64,
  jsonCell,
  jsonText,
  macCell,
  mergeExpression as merged,
  numberCell,
  type Role,
  type StoredColumn,
  type TableColumn,
  type TypeName,
  textCell,
  timeCell,
  type Value,
  wholeCell,
} from 'netally'

export interface PgColumn extends StoredColumn {
  /** NOT NULL DEFAULT ..., or nothing. */
  readonly constraint: string
}

const TYPES: { readonly [name in TypeName]: string } = {
  unsigned: 'bigint',
  counter: 'numeric(20,0)',
  real: 'double precision',
  time: 'timestamp with time zone',
  address: 'inet',
  mac: 'macaddr',
  protocol: 'text',
  etype: 'text',
  direction: 'text',
  text: 'text',
  list: 'text[]',
  any: 'jsonb',
}

/** Texts that are prefixes, by field: the dictionary has no type for them. */
const PREFIXES: ReadonlySet<string> = new Set(['ip_prefix', 'ip_reach'])
const NUMERIC_ROLES: ReadonlySet<Role> = new Set<Role>(['sum', 'min', 'max'])

/** The type of a column that we make. */
export function typeOf({ field, type, role }: TableColumn, chosen: ReadonlyMap<string, string>): string {
  const asked = chosen.get(field.name)
  if (asked !== undefined) return asked
  if (PREFIXES.has(field.name)) return 'cidr'
  // bytes_max and the like, which have no row of their own.
  return type === 'any' && NUMERIC_ROLES.has(role) ? 'numeric' : TYPES[type]
}

const elementText = (value: Value): string => {
  if (value === null) return 'NULL'
  const text = typeof value === 'string' ? value : jsonText(value)
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}

/** An array of texts; what is no list is one of one element. */
const arrayCell: CellForm = value => {
  const text = `{${(Array.isArray(value) ? value : [value]).map(elementText).join(',')}}`
  return text.includes('\0') ? undefined : text
}

const INT32 = wholeCell(-(2n ** 31n), 2n ** 31n - 1n)
const INT16 = wholeCell(-(2n ** 15n), 2n ** 15n - 1n)

type MakeForm = (column: TableColumn) => CellForm

/** Numbers of protocols and EtherTypes, seconds of times. */
const whole =
  (form: CellForm): MakeForm =>
  ({ type, field }) => {
    const { parse } = field.type
    if (type === 'time') return value => (typeof value === 'number' ? form(Math.floor(value)) : undefined)
    if (type !== 'protocol' && type !== 'etype') return form
    return value => {
      const number = parse?.(value) ?? Number.NaN
      return Number.isNaN(number) ? form(value) : form(number)
    }
  }

/** By the type as format_type() writes it. */
const FORMS: readonly (readonly [RegExp, MakeForm])[] = [
  [/^bigint$/, whole(INT64)],
  [/^integer$/, whole(INT32)],
  [/^smallint$/, whole(INT16)],
  [/^numeric\(20,0\)$/, whole(DIGITS20)],
  [/^(numeric|real|double precision)/, () => numberCell],
  [/^timestamp/, () => timeCell()],
  [/^inet$/, () => addressCell],
  [/^macaddr$/, () => macCell],
  [/^jsonb?$/, () => jsonCell],
  [/\[\]$/, () => arrayCell],
]

export const formFor: (stored: string) => MakeForm = stored =>
  FORMS.find(([pattern]) => pattern.test(stored))?.[1] ?? (() => textCell)

/** `stored`: the type that the column has. */
export function pgColumn(column: TableColumn, stored: string): PgColumn {
  return { ...column, stored, form: formFor(stored)(column), absent: null, constraint: '' }
}

const ESCAPES: { readonly [letter: string]: string } = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A cell as text of COPY. */
export function copyText(cell: Cell | null): string {
  if (cell === null) return '\\N'
  if (typeof cell !== 'string') return String(cell)
  return /[\\\n\r\t]/.test(cell) ? cell.replaceAll(/[\\\n\r\t]/g, letter => ESCAPES[letter] as string) : cell
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

const MERGING = { least: 'least', greatest: 'greatest', coalesce: 'coalesce' }

/** How a column that is no key takes a second row of the same key; absent values leave the other. */
export function mergeExpression({ name, role }: TableColumn): string {
  return merged(role, `old.${quoted(name)}`, `excluded.${quoted(name)}`, MERGING)
}
