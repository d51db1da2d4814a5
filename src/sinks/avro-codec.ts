// Rows as Avro octets and back. avsc is loaded when somebody wants Avro.
import type { Schema, Type } from 'avsc'
import type { NetRecord, Value } from '../contract/record.ts'
import { fieldOf } from '../fields/dictionary.ts'
import type { AvroValue } from './avro-schema.ts'
import { fieldOfColumn } from './table-column.ts'

export interface AvroRow {
  readonly [name: string]: AvroValue
}

export interface AvroCodec {
  encode(row: AvroRow): Buffer
  /** Rows that stand one after another, whole numbers exact; throws for octets that are none. */
  decode(octets: Uint8Array): unknown[]
}

type Avsc = typeof import('avsc')

const safe = (value: bigint): number | bigint =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value

/** avsc's own longs are numbers; these are BigInts above 2^53, and slower. */
function exactLong({ types }: Avsc): Type {
  return types.LongType.__with({
    fromBuffer: (octets: Buffer) => safe(octets.readBigInt64LE()),
    toBuffer: (value: number | bigint) => {
      const octets = Buffer.alloc(8)
      octets.writeBigInt64LE(BigInt(value))
      return octets
    },
    fromJSON: (value: number) => value,
    toJSON: (value: number | bigint) => Number(value),
    isValid: (value: unknown) => typeof value === 'bigint' || Number.isInteger(value),
    compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
  })
}

/** The type of a schema that reads and writes whole numbers of 64 bits exactly. */
export function exactType(avsc: Avsc, schema: unknown): Type {
  const long = exactLong(avsc)
  return avsc.Type.forSchema(
    schema as Schema,
    {
      typeHook: (part: unknown) => {
        const name = typeof part === 'string' ? part : (part as { type?: unknown })?.type
        return name === 'long' ? long : undefined
      },
    } as never,
  )
}

/** Whether a row has a number that avsc's own longs do not take. */
function hasBig(row: AvroRow): boolean {
  for (const name in row) {
    const value = row[name]
    if (typeof value === 'bigint' || (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER))
      return true
  }
  return false
}

function rowsOf(type: Type, octets: Buffer): unknown[] {
  const rows: unknown[] = []
  for (let at = 0; at < octets.length; ) {
    const { value, offset } = type.decode(octets, at) as { value: unknown; offset: number }
    if (offset <= at) throw new Error('it ends in the middle of a row')
    rows.push(value)
    at = offset
  }
  return rows
}

/** Makes what writes and reads rows of a schema. Throws when it is no Avro schema. */
export type MakeAvroCodec = (schema: unknown) => AvroCodec

/** Loads avsc. */
export async function avroCodecs(): Promise<MakeAvroCodec> {
  const { default: avsc } = await import('avsc')
  return schema => {
    const fast = avsc.Type.forSchema(schema as Schema)
    let exact: Type | undefined
    const exactOne = (): Type => {
      exact ??= exactType(avsc, schema)
      return exact
    }
    return {
      encode: row => (hasBig(row) ? exactOne() : fast).toBuffer(row),
      decode: octets => rowsOf(exactOne(), Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)),
    }
  }
}

/** Writes and reads rows of a schema. Throws when it is no Avro schema. */
export const avroCodec = async (schema: unknown): Promise<AvroCodec> => (await avroCodecs())(schema)

const NUMERIC = /^(?:0|[1-9]\d{0,14})$/
const MICROSECONDS = 1e6

/** What a value of a row is in a record: seconds of microseconds, numbers of lists of numbers. */
function recordValue(type: string, value: Value): Value {
  if (type === 'time' && typeof value === 'number') return value / MICROSECONDS
  if (type === 'list' && Array.isArray(value)) {
    return value.map(item => (typeof item === 'string' && NUMERIC.test(item) ? Number(item) : item))
  }
  return value
}

/** A record of a row that avroForm's schema has: absent values are absent keys again. Other rows are records as they are. */
export function recordOfAvro(row: unknown): NetRecord | undefined {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return undefined
  const record: NetRecord = {}
  for (const [column, value] of Object.entries(row as { [name: string]: Value })) {
    if (value === null || value === undefined) continue
    const name = fieldOfColumn(column)
    record[name] = recordValue(fieldOf(name).type.name, value)
  }
  return record
}
