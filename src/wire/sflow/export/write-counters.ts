// Records of counters as the structures that they came from.
import type { NetRecord, Value } from '../../../contract/record.ts'
import { parseMac } from '../../../octets/address.ts'
import { type Kind, STRUCTURES, type Structure } from '../counters.ts'
import type { XdrWriter } from './xdr-writer.ts'

const PREFIX = 'sflow_cnt_'
/** What an agent sends of a counter that it does not have. */
const UNKNOWN = 0xffff_ffff
const UNKNOWN_HYPER = 0xffff_ffff_ffff_ffffn
const UUID_OCTETS = 16

const FORMATS: ReadonlyMap<string, number> = new Map(
  [...STRUCTURES].map(([format, { name }]) => [PREFIX + name, format]),
)

const numberOf = (value: Value | undefined): number | undefined =>
  typeof value === 'bigint' ? Number(value) : typeof value === 'number' ? value : undefined

function hyper(value: Value | undefined): bigint {
  if (typeof value === 'bigint') return BigInt.asUintN(64, value)
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt.asUintN(64, BigInt(value)) : UNKNOWN_HYPER
}

function uuid(value: Value | undefined): Uint8Array {
  const hex = typeof value === 'string' ? value.replaceAll('-', '') : ''
  const octets = new Uint8Array(UUID_OCTETS)
  if (/^[0-9a-f]{32}$/i.test(hex)) octets.set(Buffer.from(hex, 'hex'))
  return octets
}

const macOf = (value: Value | undefined): number => {
  const mac = typeof value === 'string' ? parseMac(value) : 0
  return Number.isNaN(mac) ? 0 : mac
}
const listOf = (value: Value | undefined): readonly Value[] => (Array.isArray(value) ? value : [])

const WRITERS: { readonly [kind in Kind]: (xdr: XdrWriter, value: Value | undefined) => void } = {
  u: (xdr, value) => xdr.unsigned(numberOf(value) ?? UNKNOWN),
  i: (xdr, value) => xdr.unsigned((numberOf(value) ?? 0) >>> 0),
  h: (xdr, value) => xdr.hyper(hyper(value)),
  f: (xdr, value) => xdr.float(numberOf(value) ?? Number.NaN),
  s: (xdr, value) => xdr.text(typeof value === 'string' ? value : ''),
  m: (xdr, value) => xdr.mac(macOf(value)),
  x: (xdr, value) => xdr.fixed(uuid(value)),
  '[u]': (xdr, value) => xdr.list(listOf(value).map(item => numberOf(item) ?? UNKNOWN)),
  '[m]': (xdr, value) => {
    const list = listOf(value)
    xdr.unsigned(list.length)
    for (const item of list) xdr.mac(macOf(item))
  },
}

type Members = Structure['members']

/** Up to the last that the record has: agents of an older edition of a structure sent no more. */
function written(members: Members, record: NetRecord): Members {
  return members.slice(0, members.findLastIndex(([name]) => name in record) + 1)
}

function write(xdr: XdrWriter, members: Members, record: NetRecord): void {
  for (const [name, kind] of members) if (name !== '') WRITERS[kind](xdr, record[name])
}

/** The format of a record of counters; undefined when no structure has its name. */
export function counterFormat(record: NetRecord): number | undefined {
  const { sf_cnt_type: name } = record
  return typeof name === 'string' ? FORMATS.get(name) : undefined
}

/** Whether several records are one structure: the lanes of an optical module. */
export const isList = (format: number): boolean => STRUCTURES.get(format)?.each !== undefined

/** The structure of a record, or of the records of its list. */
export function writeCounters(xdr: XdrWriter, format: number, records: readonly NetRecord[]): void {
  const { members, each } = STRUCTURES.get(format) as Structure
  const first = records[0] as NetRecord
  xdr.structure(format, () => {
    write(xdr, each ? members : written(members, first), first)
    if (!each) return
    xdr.unsigned(records.length)
    for (const record of records) write(xdr, each, record)
  })
}
