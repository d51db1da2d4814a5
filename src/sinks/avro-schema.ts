// Avro schemas and values of fields (Avro 1.11 specification). Each field is a union with null, so that an absent value is null
// and fields can be added: schemas made of more or fewer fields read each other's data.
import type { NetRecord, Value } from '../contract/record.ts'
import type { Field } from '../fields/field.ts'
import type { TypeName } from '../fields/types.ts'
import { jsonText } from '../stream/json.ts'
import { fitsInt64, type TableColumn, tableColumns } from './table-column.ts'

export type AvroType = string | { readonly [key: string]: unknown }

export interface AvroSchema {
  readonly type: 'record'
  readonly name: string
  readonly namespace?: string
  readonly fields: readonly {
    readonly name: string
    readonly type: readonly ['null', AvroType]
    readonly default: null
    readonly doc: string
  }[]
}

/** As avsc and other libraries take it: microseconds of times; a BigInt where a number is not exact. */
export type AvroValue = null | number | bigint | string | boolean | readonly string[]

interface Mapping {
  readonly type: AvroType
  /** Undefined when the value is not of this type. */
  value(value: Value): AvroValue | undefined
}

const text = (value: Value): string => (typeof value === 'string' ? value : jsonText(value))
const TEXT: Mapping = { type: 'string', value: text }

/** Whole numbers above 2^63 - 1 do not fit. */
const LONG: Mapping = {
  type: 'long',
  value: value => ((typeof value === 'number' || typeof value === 'bigint') && fitsInt64(value) ? value : undefined),
}

const MAPPINGS: { readonly [name in TypeName]: Mapping } = {
  unsigned: LONG,
  counter: LONG,
  real: { type: 'double', value: value => (typeof value === 'number' ? value : undefined) },
  time: {
    type: { type: 'long', logicalType: 'timestamp-micros' },
    value: value => (typeof value === 'number' ? Math.round(value * 1e6) : undefined),
  },
  address: TEXT,
  mac: TEXT,
  protocol: TEXT,
  etype: TEXT,
  direction: TEXT,
  text: TEXT,
  list: {
    type: { type: 'array', items: 'string' },
    value: value => (Array.isArray(value) ? value.map(text) : undefined),
  },
  any: TEXT,
}

export interface AvroForm {
  readonly schema: AvroSchema
  /** Fields whose names Avro cannot have. */
  readonly refused: readonly Field[]
  /** What the schema has of a record. `onMisfit` is called for a value that is not of its field's type, and is null then. */
  row(record: NetRecord, onMisfit?: (name: string) => void): { [name: string]: AvroValue }
}

function fieldSchema({ name, field }: TableColumn): AvroSchema['fields'][number] {
  return { name, type: ['null', MAPPINGS[field.type.name].type], default: null, doc: field.summary }
}

/** The schema of these fields, and how records become its rows. */
export function avroForm(fields: readonly Field[], name: string, namespace?: string): AvroForm {
  const { columns, refused } = tableColumns(fields)
  return {
    schema: {
      type: 'record',
      name,
      ...(namespace === undefined ? {} : { namespace }),
      fields: columns.map(fieldSchema),
    },
    refused,
    row(record, onMisfit) {
      const row: { [name: string]: AvroValue } = {}
      for (const { name: column, field, type } of columns) {
        const value = record[field.name]
        const mapped = value === undefined || value === null ? null : MAPPINGS[type].value(value)
        if (mapped === undefined) onMisfit?.(field.name)
        row[column] = mapped ?? null
      }
      return row
    },
  }
}
