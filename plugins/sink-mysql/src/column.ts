// A field as a column of MySQL: its type when we make it, and the literals of its values for the type that it has.
import {
  addressCell,
  type Cell,
  type CellForm,
  jsonCell,
  mergeExpression as merged,
  numberCell,
  type Role,
  type StoredColumn,
  type TableColumn,
  type TypeName,
  textCell,
  timeCell,
  wholeCell,
} from 'netally'
import type { AddressForm } from './options.ts'

export interface MyColumn extends StoredColumn {
  /** NOT NULL DEFAULT ..., or nothing. */
  readonly constraint: string
  /** Addresses as octets. */
  readonly isPacked: boolean
}

const TYPES: { readonly [name in TypeName]: string } = {
  unsigned: 'bigint unsigned',
  counter: 'decimal(20,0) unsigned',
  real: 'double',
  time: 'datetime(6)',
  address: 'varchar(45) character set ascii',
  mac: 'char(17) character set ascii',
  protocol: 'varchar(32) character set ascii',
  etype: 'varchar(32) character set ascii',
  direction: 'varchar(8) character set ascii',
  text: 'text',
  list: 'json',
  any: 'json',
}
const ADDRESSES: { readonly [form in AddressForm]: string } = {
  text: TYPES.address,
  binary: 'varbinary(16)',
  inet6: 'inet6',
}
const NUMERIC_ROLES: ReadonlySet<Role> = new Set<Role>(['sum', 'min', 'max'])

/** The type of a column that we make. */
export function typeOf(
  { field, type, role }: TableColumn,
  chosen: ReadonlyMap<string, string>,
  addresses: AddressForm,
): string {
  const asked = chosen.get(field.name)
  if (asked !== undefined) return asked
  if (type === 'address') return ADDRESSES[addresses]
  // bytes_max and the like, which have no row of their own.
  return type === 'any' && NUMERIC_ROLES.has(role) ? 'decimal(38,6)' : TYPES[type]
}

const signed = (bits: bigint) => wholeCell(-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n)
const unsigned = (bits: bigint) => wholeCell(0n, 2n ** bits - 1n)
const BITS: { readonly [type: string]: bigint } = { tinyint: 8n, smallint: 16n, mediumint: 24n, int: 32n, bigint: 64n }

/** Whole numbers; numbers of protocols and EtherTypes, seconds of times. */
function wholeForm({ type, field }: TableColumn, form: CellForm): CellForm {
  if (type === 'time') return value => (typeof value === 'number' ? form(Math.floor(value)) : undefined)
  if (type !== 'protocol' && type !== 'etype') return form
  return value => {
    const number = field.type.parse?.(value) ?? Number.NaN
    return Number.isNaN(number) ? form(value) : form(number)
  }
}

/** INET6 has IPv4 addresses only in the form that is mapped into IPv6. */
const mappedCell: CellForm = value => {
  const address = addressCell(value)
  return typeof address === 'string' && !address.includes(':') ? `::ffff:${address}` : address
}

/** `stored`: as information_schema has it, or as we make it. */
export function formFor(column: TableColumn, stored: string): CellForm {
  const [, name = '', first] = /^([a-z0-9]+)(?:\((\d+)[^)]*\))?/.exec(stored.toLowerCase()) ?? []
  const isUnsigned = /\bunsigned\b/i.test(stored)
  const bits = BITS[name === 'integer' ? 'int' : name]
  if (bits !== undefined) return wholeForm(column, isUnsigned ? unsigned(bits) : signed(bits))
  if (name === 'decimal' && /\(\d+(,0)?\)/.test(stored)) {
    const most = 10n ** BigInt(first ?? 10) - 1n
    return wholeForm(column, wholeCell(isUnsigned ? 0n : -most, most))
  }
  if (/^(decimal|double|float|real)$/.test(name)) return numberCell
  if (/^(datetime|timestamp)$/.test(name)) return timeCell()
  if (name === 'json') return jsonCell
  if (name === 'inet6') return mappedCell
  return column.type === 'address' ? addressCell : textCell
}

export function myColumn(column: TableColumn, stored: string): MyColumn {
  const isPacked = column.type === 'address' && /^(var)?binary\(16\)/i.test(stored)
  return { ...column, stored, form: formFor(column, stored), absent: null, constraint: '', isPacked }
}

const ESCAPES: { readonly [letter: string]: string } = {
  '\0': '\\0',
  '\n': '\\n',
  '\r': '\\r',
  '\x1a': '\\Z',
  '\\': '\\\\',
  "'": "\\'",
}

/** Text in quotes; the session must not have NO_BACKSLASH_ESCAPES. */
export const quotedText = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  `'${/[\0\n\r\x1a\\']/.test(text) ? text.replaceAll(/[\0\n\r\x1a\\']/g, letter => ESCAPES[letter] as string) : text}'`

export function literal({ isPacked }: Pick<MyColumn, 'isPacked'>, cell: Cell | null): string {
  if (cell === null) return 'NULL'
  if (typeof cell !== 'string') return String(cell)
  return isPacked ? `INET6_ATON(${quotedText(cell)})` : quotedText(cell)
}

export const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``

const MERGING = { least: 'LEAST', greatest: 'GREATEST', coalesce: 'COALESCE' }

/** How a column that is no key takes a second row of the same key; absent values leave the other. */
export function mergeExpression({ name, role }: TableColumn): string {
  const old = quoted(name)
  return merged(role, old, `VALUES(${old})`, MERGING)
}
