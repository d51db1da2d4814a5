// A field as a column of Cassandra: its type when we make it, and what is bound for a value by the type that it has.
import { jsonText, type Role, type TableColumn, type TypeName, type Value } from 'netally'

/** What the client takes; undefined = leave the column as it is, which for a new row is empty. */
export type Bound = string | number | Uint8Array | readonly string[] | boolean | Date | undefined

/** Undefined when the value cannot be in the column. */
export type BindForm = (value: Value) => Bound

export interface CassandraColumn {
  readonly field: string
  readonly name: string
  /** As system_schema has it. */
  readonly type: string
  readonly bind: BindForm
}

const TYPES: { readonly [name in TypeName]: string } = {
  unsigned: 'bigint',
  counter: 'varint',
  real: 'double',
  // timestamp has milliseconds alone.
  time: 'double',
  address: 'inet',
  mac: 'text',
  protocol: 'text',
  etype: 'text',
  direction: 'text',
  text: 'text',
  list: 'frozen<list<text>>',
  any: 'text',
}

const NUMERIC_ROLES: ReadonlySet<Role> = new Set<Role>(['sum', 'min', 'max', 'or'])

/** The type of a column that we make. */
export function typeOf({ type, role }: TableColumn, isVarint: boolean): string {
  // bytes_max and the like, which have no row of their own.
  if (type === 'any' && NUMERIC_ROLES.has(role)) return 'varint'
  return isVarint && type === 'unsigned' ? 'varint' : TYPES[type]
}

const OCTET = 8n

/** Two's complement, the shortest that holds the number. */
function varintOctets(number: bigint): Uint8Array {
  const positive = number < 0n ? ~number : number
  const length = Math.floor(positive.toString(2).length / 8) + 1
  const octets = new Uint8Array(length)
  let rest = number
  for (let at = length - 1; at >= 0; at--) {
    octets[at] = Number(rest & 0xffn)
    rest >>= OCTET
  }
  return octets
}

function wholeOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined
}

/** Below 2^47 a number is written without BigInt. */
const SMALL = 2 ** 47

function smallVarint(value: number): Buffer {
  let length = 1
  for (let limit = 128; value >= limit; limit *= 256) length++
  const octets = Buffer.allocUnsafe(length)
  octets.writeUIntBE(value, 0, length)
  return octets
}

const bindVarint: BindForm = value => {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < SMALL) return smallVarint(value)
  const whole = wholeOf(value)
  return whole === undefined ? undefined : Buffer.from(varintOctets(whole))
}

const INT64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n }

const bindBigint: BindForm = value => {
  const octets = Buffer.allocUnsafe(8)
  if (typeof value === 'number' && Number.isSafeInteger(value)) {
    octets.writeInt32BE(Math.floor(value / 2 ** 32), 0)
    octets.writeUInt32BE(value >>> 0, 4)
    return octets
  }
  const whole = wholeOf(value)
  if (whole === undefined || whole < INT64.least || whole > INT64.most) return undefined
  octets.writeBigInt64BE(whole)
  return octets
}

const within =
  (bits: number): BindForm =>
  value =>
    typeof value === 'number' && Number.isInteger(value) && value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1)
      ? value
      : undefined

const bindReal: BindForm = value => (typeof value === 'number' ? value : undefined)
const bindText: BindForm = value => (typeof value === 'string' ? value : jsonText(value))
const bindAddress: BindForm = value => (typeof value === 'string' && ADDRESS.test(value) ? value : undefined)
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f:]*:[0-9a-f:.]*)$/i

const bindList: BindForm = value =>
  (Array.isArray(value) ? value : [value]).map(one => (typeof one === 'string' ? one : jsonText(one)))

const bindTime: BindForm = value => (typeof value === 'number' ? new Date(Math.floor(value * 1000)) : undefined)
const bindBoolean: BindForm = value => (typeof value === 'boolean' ? value : undefined)

const FORMS: { readonly [type: string]: BindForm } = {
  varint: bindVarint,
  bigint: bindBigint,
  int: within(32),
  smallint: within(16),
  tinyint: within(8),
  double: bindReal,
  float: bindReal,
  inet: bindAddress,
  timestamp: bindTime,
  boolean: bindBoolean,
  text: bindText,
  ascii: bindText,
  varchar: bindText,
  'frozen<list<text>>': bindList,
  'list<text>': bindList,
}

/** Undefined for a type that nothing can be written to. */
export const formOf = (type: string): BindForm | undefined => FORMS[type]

/** Octets of a value on the wire, about. */
export function octetsOf(bound: Bound): number {
  if (bound === undefined) return 4
  if (typeof bound === 'string') return 4 + bound.length
  if (bound instanceof Uint8Array) return 4 + bound.length
  if (Array.isArray(bound)) return bound.reduce((sum: number, one: string) => sum + 4 + one.length, 8)
  return 12
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
