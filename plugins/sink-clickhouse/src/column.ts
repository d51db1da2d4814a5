// A field as a column of ClickHouse: its type when we make it, and the text of its values for the type that it has.
import {
  addressCell,
  type Cell,
  type CellForm,
  INT64,
  jsonCell,
  jsonText,
  numberCell,
  type Role,
  type StoredColumn,
  type TableColumn,
  type TypeName,
  textCell,
  timeCell,
  UINT64,
  wholeCell,
} from 'netally'
import type { Abilities } from './server.ts'

/** Bins, which have whole seconds. */
const BINS: ReadonlySet<string> = new Set(['stamp_inserted', 'stamp_updated'])
const NUMERIC_ROLES: ReadonlySet<Role> = new Set<Role>(['sum', 'min', 'max'])

const TYPES: { readonly [name in TypeName]: string } = {
  unsigned: 'UInt64',
  counter: 'UInt64',
  real: 'Float64',
  time: "DateTime64(6, 'UTC')",
  address: 'IPv6',
  mac: 'String',
  protocol: 'LowCardinality(String)',
  etype: 'LowCardinality(String)',
  direction: 'LowCardinality(String)',
  text: 'String',
  list: 'Array(String)',
  any: 'String',
}

/** How roles are merged, where the server has a type for that. */
const FUNCTIONS: { readonly [role in Role]?: string } = { sum: 'sum', min: 'min', max: 'max', or: 'groupBitOr' }

export interface Wishes {
  readonly chosen: ReadonlyMap<string, string>
  readonly hasInet: boolean
  readonly isNullable: boolean
  /** Names of the key's columns, which are never absent; empty: rows are only added. */
  readonly key: readonly string[]
  readonly isAggregating: boolean
}

function plainType({ field, type, role }: TableColumn, can: Abilities, hasInet: boolean): string {
  if (type === 'time' && BINS.has(field.name)) return "DateTime('UTC')"
  if (type === 'time' && !can.hasDateTime64) return 'Float64'
  if (type === 'address' && !(can.hasInet && hasInet)) return 'String'
  // bytes_max and the like, which have no row of their own.
  if (type === 'any' && NUMERIC_ROLES.has(role)) return 'Float64'
  return can.hasLowCardinality ? TYPES[type] : TYPES[type].replace(/^LowCardinality\((.*)\)$/, '$1')
}

/** The type of a column that we make. */
export function typeOf(column: TableColumn, can: Abilities, wishes: Wishes): string {
  const { name, field, role } = column
  const plain = wishes.chosen.get(field.name) ?? plainType(column, can, wishes.hasInet)
  const isKey = wishes.key.includes(name)
  const isWrapped = /^(Array|LowCardinality)/.test(plain)
  const type = wishes.isNullable && !isKey && !isWrapped ? `Nullable(${plain})` : plain
  const merged = wishes.isAggregating && !isKey ? (FUNCTIONS[role] ?? 'anyLast') : undefined
  return merged ? `SimpleAggregateFunction(${merged}, ${type})` : type
}

/** IPv4 addresses as ClickHouse keeps them in IPv6: mapped. */
const mappedCell: CellForm = value => {
  const address = addressCell(value)
  return typeof address === 'string' && !address.includes(':') ? `::ffff:${address}` : address
}

const secondsCell: CellForm = value => {
  const seconds = typeof value === 'number' ? Math.floor(value) : Number.NaN
  return seconds >= 0 && seconds < 2 ** 32 ? seconds : undefined
}

const elementText = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`
const arrayCell: CellForm = value => {
  const texts = (Array.isArray(value) ? value : [value]).map(one => (typeof one === 'string' ? one : jsonText(one)))
  return `[${texts.map(elementText).join(',')}]`
}

/** ClickHouse's texts may have any octet. */
const stringCell: CellForm = value => (typeof value === 'string' ? value : textCell(value))

interface Form {
  readonly form: CellForm
  /** What an absent value is in a column that cannot be absent. */
  readonly absent: Cell
}

const number =
  (form: CellForm): (() => Form) =>
  () => ({ form, absent: 0 })
const signed = (bits: bigint) => number(wholeCell(-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n))
const unsigned = (bits: bigint) => number(wholeCell(0n, 2n ** bits - 1n))

const FORMS: { readonly [type: string]: () => Form } = {
  UInt8: unsigned(8n),
  UInt16: unsigned(16n),
  UInt32: unsigned(32n),
  UInt64: number(UINT64),
  UInt128: unsigned(128n),
  UInt256: unsigned(256n),
  Int8: signed(8n),
  Int16: signed(16n),
  Int32: signed(32n),
  Int64: number(INT64),
  Float32: number(numberCell),
  Float64: number(numberCell),
  Decimal: number(numberCell),
  DateTime: number(secondsCell),
  DateTime64: () => ({ form: timeCell(), absent: '1970-01-01 00:00:00' }),
  IPv6: () => ({ form: mappedCell, absent: '::' }),
  IPv4: () => ({ form: addressCell, absent: '0.0.0.0' }),
  Array: () => ({ form: arrayCell, absent: '[]' }),
  UUID: () => ({ form: stringCell, absent: '00000000-0000-0000-0000-000000000000' }),
}

/** The type inside SimpleAggregateFunction, LowCardinality and Nullable. */
function innerType(stored: string): { name: string; isNullable: boolean } {
  let text = stored.replace(/^SimpleAggregateFunction\(\w+, (.*)\)$/, '$1')
  const isNullable = /\bNullable\(/.test(text)
  text = text.replace(/^LowCardinality\((.*)\)$/, '$1').replace(/^Nullable\((.*)\)$/, '$1')
  return { name: /^\w+/.exec(text)?.[0] ?? text, isNullable }
}

function textForm({ type }: TableColumn): Form {
  const form = type === 'address' ? addressCell : type === 'any' || type === 'list' ? jsonCell : stringCell
  return { form, absent: '' }
}

/** `stored`: the type that the column has. */
export function chColumn(column: TableColumn, stored: string): StoredColumn {
  const { name, isNullable } = innerType(stored)
  const { form, absent } = FORMS[name]?.() ?? textForm(column)
  const { parse } = column.field.type
  const isNumbered = (column.type === 'protocol' || column.type === 'etype') && /^U?Int/.test(name)
  const numbered: CellForm = value => form(parse?.(value) ?? Number.NaN)
  return { ...column, stored, form: isNumbered ? numbered : form, absent: isNullable ? null : absent }
}

const ESCAPES: { readonly [letter: string]: string } = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\0': '\\0',
}

/** A cell as TabSeparated text; arrays have quoted elements, whose escapes are kept. */
export function tabText(cell: Cell | null, isArray: boolean): string {
  if (cell === null) return '\\N'
  if (typeof cell !== 'string') return String(cell)
  const special = isArray ? /[\n\r\t\0]/g : /[\\\n\r\t\0]/g
  return cell.replaceAll(special, letter => ESCAPES[letter] as string)
}

export const quoted = (name: string): string => `\`${name}\``
