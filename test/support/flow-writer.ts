import {
  IPFIX_HEADER,
  type IpfixHeader,
  layoutOctets,
  NETFLOW9_HEADER,
  type Netflow9Header,
  pack,
} from './flow-headers.ts'
import { type FieldValue, textOctets, writeValue } from './octet-writer.ts'

export {
  type IpfixHeader,
  type Netflow5Header,
  type Netflow5Record,
  type Netflow9Header,
  netflow5,
} from './flow-headers.ts'

/** An exporter in a few functions: NetFlow v5, v9 and IPFIX messages for tests, fuzzing, benches and the demo. */

export const VARIABLE_LENGTH = 65535

export type Field = readonly [element: number, octets: number, enterprise?: number]
export type Row = readonly FieldValue[]

export interface Template {
  readonly kind: 'template' | 'options' | 'withdrawal' | 'options-withdrawal'
  readonly id: number
  readonly scopes: readonly Field[]
  readonly fields: readonly Field[]
}
export interface Data {
  readonly kind: 'data'
  readonly template: Template
  readonly rows: readonly Row[]
  /** Octets of padding behind the last row; without it as many as the protocol asks for. */
  readonly padding?: number
}
/** A set with any content, for malformed input. `records` counts in the v9 header, `length` replaces the true one. */
export interface RawSet {
  readonly kind: 'raw'
  readonly id: number
  readonly body: Uint8Array
  readonly records?: number
  readonly length?: number
}
/** A bare template is a set of one; a list is one set with several. */
export type FlowSet = Template | readonly Template[] | Data | RawSet

export const template = (id: number, fields: readonly Field[]): Template => ({
  kind: 'template',
  id,
  scopes: [],
  fields,
})
/** Rows of an options template have the scope values first. In v9 a scope is [scope type, octets], RFC 3954 section 6.1. */
export const optionsTemplate = (id: number, scopes: readonly Field[], fields: readonly Field[]): Template => ({
  kind: 'options',
  id,
  scopes,
  fields,
})
/** IPFIX only, RFC 7011 section 8.1; id 2 or 3 withdraws all templates or all options templates. */
export const withdrawal = (id: number, of: 'template' | 'options' = 'template'): Template => ({
  kind: of === 'options' ? 'options-withdrawal' : 'withdrawal',
  id,
  scopes: [],
  fields: [],
})
export const data = (of: Template, rows: readonly Row[], padding?: number): Data =>
  padding === undefined ? { kind: 'data', template: of, rows } : { kind: 'data', template: of, rows, padding }
export const rawSet = (id: number, body: Uint8Array, more: Pick<RawSet, 'records' | 'length'> = {}): RawSet => ({
  kind: 'raw',
  id,
  body,
  ...more,
})

/** Set ids and the alignment of sets: RFC 3954 section 5, RFC 7011 section 3.3. */
interface Dialect {
  readonly templateSet: number
  readonly optionsSet: number
  readonly align: number
  /** v9 says the octets of its scope and option specifiers, IPFIX counts them. */
  readonly optionsCounts: (of: Template) => readonly [number, number]
}
const NETFLOW9: Dialect = {
  templateSet: 0,
  optionsSet: 1,
  align: 4,
  optionsCounts: of => [of.scopes.length * 4, of.fields.length * 4],
}
const IPFIX: Dialect = {
  templateSet: 2,
  optionsSet: 3,
  align: 1,
  optionsCounts: of => [of.scopes.length + of.fields.length, of.scopes.length],
}

const SET_HEADER_OCTETS = 4

export function netflow9(header: Netflow9Header, sets: readonly FlowSet[]): Buffer {
  const headerOctets = layoutOctets(NETFLOW9_HEADER)
  const message = writeSets(headerOctets, sets, NETFLOW9, header.padTo)
  pack(message, 0, NETFLOW9_HEADER, {
    version: 9,
    count: sets.reduce((sum, set) => sum + recordCount(set), 0),
    ...header,
  })
  return message
}

export function ipfix(header: IpfixHeader, sets: readonly FlowSet[]): Buffer {
  const message = writeSets(layoutOctets(IPFIX_HEADER), sets, IPFIX, header.padTo)
  pack(message, 0, IPFIX_HEADER, { version: 10, length: message.length, ...header })
  return message
}

/** Rows in groups whose data set fits `roomOctets` (set header included); a row that is larger goes alone. */
export function fitRows(of: Template, rows: readonly Row[], roomOctets: number): Row[][] {
  const groups: Row[][] = []
  let left = 0
  for (const row of rows) {
    const octets = rowOctets(of, row)
    if (groups.length === 0 || octets > left) {
      groups.push([])
      left = roomOctets - SET_HEADER_OCTETS
    }
    groups.at(-1)?.push(row)
    left -= octets
  }
  return groups
}

const isGroup = (set: FlowSet): set is readonly Template[] => Array.isArray(set)

function recordCount(set: FlowSet): number {
  if (isGroup(set)) return set.length
  if (set.kind === 'data') return set.rows.length
  return set.kind === 'raw' ? (set.records ?? 1) : 1
}

function writeSets(headerOctets: number, sets: readonly FlowSet[], dialect: Dialect, padTo = 0): Buffer {
  const lengths = sets.map(set => setOctets(set, dialect))
  const total = headerOctets + lengths.reduce((sum, octets) => sum + octets, 0)
  const message = Buffer.alloc(Math.max(total, padTo))
  let at = headerOctets
  sets.forEach((set, index) => {
    const octets = index === sets.length - 1 ? message.length - at : (lengths[index] ?? 0)
    writeSet(message, at, octets, set, dialect)
    at += octets
  })
  return message
}

function setOctets(set: FlowSet, dialect: Dialect): number {
  if (isGroup(set))
    return aligned(
      set.reduce((sum, of) => sum + templateOctets(of), SET_HEADER_OCTETS),
      dialect,
    )
  if (set.kind === 'raw') return SET_HEADER_OCTETS + set.body.length
  if (set.kind !== 'data') return aligned(SET_HEADER_OCTETS + templateOctets(set), dialect)
  const octets = set.rows.reduce((sum, row) => sum + rowOctets(set.template, row), SET_HEADER_OCTETS)
  return set.padding === undefined ? aligned(octets, dialect) : octets + set.padding
}

const aligned = (octets: number, dialect: Dialect): number => Math.ceil(octets / dialect.align) * dialect.align

function writeSet(message: Buffer, start: number, octets: number, set: FlowSet, dialect: Dialect): void {
  const header = (id: number, length = octets): void => {
    message.writeUInt16BE(id, start)
    message.writeUInt16BE(length, start + 2)
  }
  let at = start + SET_HEADER_OCTETS
  if (!isGroup(set) && set.kind === 'raw') {
    header(set.id, set.length)
    message.set(set.body, at)
  } else if (!isGroup(set) && set.kind === 'data') {
    header(set.template.id)
    for (const row of set.rows) at = writeRow(message, at, set.template, row)
  } else {
    const templates = isGroup(set) ? set : [set]
    header(templates[0]?.kind.startsWith('options') ? dialect.optionsSet : dialect.templateSet)
    for (const of of templates) at = writeTemplate(message, at, of, dialect)
  }
}

function templateOctets(of: Template): number {
  const head = of.kind === 'options' ? 6 : 4
  return [...of.scopes, ...of.fields].reduce((sum, field) => sum + (field[2] === undefined ? 4 : 8), head)
}

function writeTemplate(message: Buffer, start: number, of: Template, dialect: Dialect): number {
  let at = message.writeUInt16BE(of.id, start)
  const counts = of.kind === 'options' ? dialect.optionsCounts(of) : [of.fields.length]
  for (const count of counts) at = message.writeUInt16BE(count, at)
  for (const [element, octets, enterprise] of [...of.scopes, ...of.fields]) {
    at = message.writeUInt16BE(enterprise === undefined ? element : element | 0x8000, at)
    at = message.writeUInt16BE(octets, at)
    if (enterprise !== undefined) at = message.writeUInt32BE(enterprise, at)
  }
  return at
}

/** RFC 7011 section 7: one length octet below 255, else 255 and two. */
const lengthOctets = (octets: number): number => (octets < 255 ? 1 : 3)

function variableOctets(value: FieldValue | undefined): Uint8Array {
  if (typeof value === 'string') return textOctets(value, VARIABLE_LENGTH)
  if (value instanceof Uint8Array) return value
  throw new TypeError(`a variable-length field takes text or octets, not ${typeof value}`)
}

function rowOctets(of: Template, row: Row): number {
  let octets = 0
  const scopes = of.scopes.length
  for (let index = 0; index < row.length; index++) {
    const length = (index < scopes ? of.scopes[index] : of.fields[index - scopes])?.[1] ?? 0
    if (length !== VARIABLE_LENGTH) octets += length
    else {
      const value = variableOctets(row[index])
      octets += lengthOctets(value.length) + value.length
    }
  }
  return octets
}

function writeRow(message: Buffer, start: number, of: Template, row: Row): number {
  const scopes = of.scopes.length
  if (row.length !== scopes + of.fields.length) throw new RangeError(`template ${of.id}: ${row.length} values`)
  let at = start
  for (let index = 0; index < row.length; index++) {
    const length = (index < scopes ? of.scopes[index] : of.fields[index - scopes])?.[1] ?? 0
    at =
      length === VARIABLE_LENGTH
        ? writeVariable(message, at, row[index])
        : writeValue(message, at, length, row[index] ?? 0)
  }
  return at
}

function writeVariable(message: Buffer, at: number, given: FieldValue | undefined): number {
  const value = variableOctets(given)
  const long = lengthOctets(value.length) === 3
  const from = long
    ? message.writeUInt16BE(value.length, message.writeUInt8(255, at))
    : message.writeUInt8(value.length, at)
  message.set(value, from)
  return from + value.length
}
