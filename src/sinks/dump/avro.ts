// Avro (specification 1.11): object container files with blocks by deflate, and its JSON encoding. The schema is made of the
// columns' rows, the same in all files of a run.
import { hash } from 'node:crypto'
import { closeSync, existsSync, openSync, readSync, writeFileSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'
import { ProblemError } from '../../contract/problem.ts'
import type { Batch, NetRecord } from '../../contract/record.ts'
import { RECORDS_PER_BATCH } from '../../contract/record.ts'
import type { Field } from '../../fields/field.ts'
import type { OctetBuffer } from '../../octets/buffer.ts'
import type { AvroCodec, AvroRow, MakeAvroCodec } from '../avro-codec.ts'
import { avroJsonText } from '../avro-json.ts'
import { type AvroForm, type AvroSchema, avroForm } from '../avro-schema.ts'
import type { Columns } from './columns.ts'
import type { Beginning, Format, MakeFormat } from './format.ts'
import type { DumpOptions } from './options.ts'
import { giveTo } from './owner.ts'

const MAGIC = Buffer.from('Obj\x01', 'latin1')

/** A long as Avro has it: zigzag, seven bits an octet, the lowest first. Of numbers that are not negative, below 2^31. */
export function avroLong(value: number): Buffer {
  const octets: number[] = []
  let rest = 2 * value
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) octets.push((rest % 0x80) | 0x80)
  octets.push(rest)
  return Buffer.from(octets)
}

const sized = (octets: Uint8Array): Buffer => Buffer.concat([avroLong(octets.length), octets])
const text = (value: string): Buffer => sized(Buffer.from(value))

/** The rows of one file, in a form that is known when the columns are fixed. */
abstract class AvroFile implements Format {
  readonly #columns: Columns
  readonly #onSchema: (schema: AvroSchema) => void
  #form: AvroForm | undefined
  #held: NetRecord[] = []

  constructor(columns: Columns, onSchema: (schema: AvroSchema) => void) {
    this.#columns = columns
    this.#onSchema = onSchema
  }

  protected abstract begin(schema: AvroSchema, out: OctetBuffer): void
  protected abstract rows(rows: readonly AvroRow[], out: OctetBuffer): void

  get held(): number {
    return this.#held.length
  }

  write(batch: Batch, out: OctetBuffer): number {
    if (this.#form) return this.#take(this.#form, batch.records, out)
    this.#held.push(...batch.records)
    return this.release(out, false)
  }

  release(out: OctetBuffer, all: boolean): number {
    if (all) this.#columns.fix()
    if (!this.#columns.fixed) return 0
    const form = this.#form ?? this.#begin(this.#columns.fixed, out)
    const held = this.#held
    this.#held = []
    for (let at = 0; at < held.length; at += RECORDS_PER_BATCH) {
      this.#take(form, held.slice(at, at + RECORDS_PER_BATCH), out)
    }
    return held.length
  }

  #begin(fields: readonly Field[], out: OctetBuffer): AvroForm {
    const form = avroForm(fields, 'record', 'netally')
    for (const { name } of form.refused) this.#columns.refuse(name)
    this.begin(form.schema, out)
    this.#onSchema(form.schema)
    this.#form = form
    return form
  }

  #take(form: AvroForm, records: readonly NetRecord[], out: OctetBuffer): number {
    const rows = records.map(record => {
      this.#columns.check(record)
      return form.row(record, name => this.#columns.misfit(name))
    })
    if (rows.length > 0) this.rows(rows, out)
    return rows.length
  }

  /** Rows have no place for it. */
  marker(): void {}
}

/** Blocks can only follow the header of their own schema and marker. */
function checkHeader(path: string, header: Buffer): void {
  const there = Buffer.alloc(header.length)
  const file = openSync(path, 'r')
  try {
    readSync(file, there, 0, header.length, 0)
  } finally {
    closeSync(file)
  }
  if (there.equals(header)) return
  throw new ProblemError({
    code: 'dump/other-columns',
    message: `"${path}" has another schema, or was written by another program`,
    hint: 'name the same columns with --fields, or write another file',
  })
}

class Container extends AvroFile {
  readonly #makeCodec: MakeAvroCodec
  readonly #beginning: Beginning
  #codec: AvroCodec | undefined
  #sync = Buffer.alloc(0)

  constructor(
    columns: Columns,
    onSchema: (schema: AvroSchema) => void,
    makeCodec: MakeAvroCodec,
    beginning: Beginning,
  ) {
    super(columns, onSchema)
    this.#makeCodec = makeCodec
    this.#beginning = beginning
  }

  /** The marker between blocks is made of the schema: the same records make the same file, and more can be added to it. */
  protected begin(schema: AvroSchema, out: OctetBuffer): void {
    const json = JSON.stringify(schema)
    this.#codec = this.#makeCodec(schema)
    this.#sync = hash('md5', json, 'buffer')
    const metadata = [text('avro.schema'), text(json), text('avro.codec'), text('deflate')]
    const header = Buffer.concat([MAGIC, avroLong(2), ...metadata, avroLong(0), this.#sync])
    const { fresh, fileName } = this.#beginning
    if (fresh) out.append(header)
    else checkHeader(fileName, header)
  }

  protected rows(rows: readonly AvroRow[], out: OctetBuffer): void {
    const codec = this.#codec as AvroCodec
    const block = deflateRawSync(Buffer.concat(rows.map(row => codec.encode(row))))
    out.append(Buffer.concat([avroLong(rows.length), sized(block), this.#sync]))
  }
}

/** A row a line. */
class JsonLines extends AvroFile {
  #textOf: (row: AvroRow) => string = () => ''

  protected begin(schema: AvroSchema): void {
    this.#textOf = avroJsonText(schema)
  }

  protected rows(rows: readonly AvroRow[], out: OctetBuffer): void {
    out.appendText(rows.map(row => `${this.#textOf(row)}\n`).join(''))
  }
}

/** Writes the schema, once a run, where that is asked for. */
function schemaWriter({ schemaFile, owner }: DumpOptions): (schema: AvroSchema) => void {
  let isWritten = false
  return schema => {
    if (isWritten || schemaFile === undefined) return
    const isNew = !existsSync(schemaFile)
    writeFileSync(schemaFile, `${JSON.stringify(schema, null, 2)}\n`)
    if (isNew) giveTo(schemaFile, owner)
    isWritten = true
  }
}

export function avroFormat(options: DumpOptions, columns: Columns, makeCodec: MakeAvroCodec | undefined): MakeFormat {
  const onSchema = schemaWriter(options)
  return beginning => new Container(columns, onSchema, makeCodec as MakeAvroCodec, beginning)
}

export function avroJsonFormat(options: DumpOptions, columns: Columns): MakeFormat {
  const onSchema = schemaWriter(options)
  return () => new JsonLines(columns, onSchema)
}
