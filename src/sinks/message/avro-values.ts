// Records as Avro, in octets or in its JSON encoding: with the number of a registry's schema before each, or plain with the schema in a file.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { type DeliveryBatch, PermanentError } from '../../contract/backend.ts'
import type { Host } from '../../contract/host.ts'
import type { NetRecord } from '../../contract/record.ts'
import { allFields, fieldOf, fieldsOf } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'
import { type AvroRow, avroCodec } from '../avro-codec.ts'
import { avroJsonText } from '../avro-json.ts'
import { type AvroForm, type AvroSchema, avroForm } from '../avro-schema.ts'
import { SeenFields } from '../seen-fields.ts'
import type { EncodeMessages } from './message.ts'

/** Registers a schema of a topic; what stands before each value. */
type Prefix = (topic: string, schema: AvroSchema) => Promise<Buffer>

/** A row as octets, or as text. */
type Encode = (row: AvroRow) => Buffer | string
type MakeEncode = (schema: AvroSchema) => Promise<Encode>

interface Writer {
  readonly form: AvroForm
  readonly encode: Encode
  readonly prefix: Buffer
}

/** What writers are made with. */
interface Making {
  readonly makeEncode: MakeEncode
  readonly prefix: Prefix
  readonly host: Host
}

async function binary(schema: AvroSchema): Promise<Encode> {
  const codec = await avroCodec(schema)
  return row => codec.encode(row)
}

const NAME = 'record'
const NAMESPACE = 'netally'
const NOTHING = Buffer.alloc(0)
const LINE_FEED = Buffer.from('\n')
const MAGIC = 0
const ranks = new Map(allFields().map(({ name }, rank) => [name, rank]))

/** The dictionary's order, then by name: the same fields make the same schema. */
function inOrder(fields: readonly Field[]): Field[] {
  const rank = ({ name }: Field) => ranks.get(name) ?? ranks.size
  return [...fields].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
}

/** Values that a schema has no place for are told, and are null. */
function misfits(host: Host): (name: string) => void {
  return name => {
    host.count('avro_misfits')
    host.report({
      code: 'avro/misfit',
      message: `a value of ${name} is not of the field's type, or above 2^63 - 1; Avro has null for it`,
    })
  }
}

async function writerOf(
  fields: readonly Field[],
  topic: string,
  { makeEncode, prefix, host }: Making,
): Promise<Writer> {
  const form = avroForm(inOrder(fields), NAME, NAMESPACE)
  for (const { name } of form.refused) {
    host.report({ code: 'avro/no-field', message: `Avro has no field "${name}": it is left out` })
  }
  return { form, encode: await makeEncode(form.schema), prefix: await prefix(topic, form.schema) }
}

/** A schema of each topic, which grows with the fields that come. */
class Growing {
  readonly #chosen: readonly Field[] | undefined
  readonly #making: Making
  readonly #topics = new Map<string, { readonly seen: SeenFields; fields: Field[]; writer: Writer | undefined }>()

  constructor(names: readonly string[] | undefined, making: Making) {
    this.#chosen = names?.flatMap(fieldsOf)
    this.#making = making
  }

  async writer(topic: string, records: readonly NetRecord[]): Promise<Writer> {
    let known = this.#topics.get(topic)
    if (!known) {
      known = { seen: new SeenFields(), fields: [...(this.#chosen ?? [])], writer: undefined }
      this.#topics.set(topic, known)
    }
    const added = this.#chosen ? [] : known.seen.add(records)
    if (known.writer && added.length === 0) return known.writer
    known.fields = [...known.fields, ...added]
    // Forgotten when the registry does not answer: the next attempt asks it again.
    known.writer = undefined
    known.writer = await writerOf(known.fields, topic, this.#making)
    return known.writer
  }
}

/** The numbers of Confluent's wire format: 0, then the schema's number as 32 bits. */
export function registeredPrefix(register: (subject: string, schema: unknown) => Promise<number>): Prefix {
  return async (topic, schema) => {
    const prefix = Buffer.alloc(5)
    prefix[0] = MAGIC
    prefix.writeUInt32BE(await register(`${topic}-value`, schema), 1)
    return prefix
  }
}

/** Fields of a schema that was written before. */
function fieldsOfFile(path: string): Field[] | undefined {
  if (!existsSync(path)) return undefined
  let fields: Field[] | undefined
  try {
    const { fields: known } = JSON.parse(readFileSync(path, 'utf8')) as AvroSchema
    fields = known.map(({ name }) => fieldOf(name))
  } catch {}
  if (fields) return fields
  throw new PermanentError({
    code: 'avro/bad-schema-file',
    message: `${path} is no Avro schema of a record`,
    hint: 'move it away: a new one is made',
  })
}

/**
 * The schema of a file, else of --fields, else of the first batch, which is written there. It stays: who reads plain Avro cannot
 * tell one schema from another. Fields that it does not have are left out, and told.
 */
function fixed(path: string, names: readonly string[] | undefined, making: Making) {
  let writer: Promise<Writer> | undefined
  const known = new Set<string>()
  const before = fieldsOfFile(path)
  const make = async (records: readonly NetRecord[]): Promise<Writer> => {
    const kept = before ?? names?.flatMap(fieldsOf) ?? new SeenFields().add(records)
    const made = await writerOf(kept, '', making)
    for (const { name } of made.form.schema.fields) known.add(name)
    writeFileSync(`${path}.part`, `${JSON.stringify(made.form.schema, null, 2)}\n`)
    renameSync(`${path}.part`, path)
    return made
  }
  return async (_topic: string, records: readonly NetRecord[]): Promise<Writer> => {
    writer ??= make(records)
    if (!names) tellOthers(path, known, records, making.host)
    return writer
  }
}

function tellOthers(path: string, known: ReadonlySet<string>, records: readonly NetRecord[], host: Host): void {
  for (const record of records) {
    for (const name in record) {
      if (known.size === 0 || known.has(name)) continue
      host.count('avro_left_out')
      host.report({
        code: 'avro/left-out',
        message: `the schema of ${path} has no field ${name}: its values are left out`,
        hint: 'use --registry, name all fields with --fields, or move the file away',
      })
    }
  }
}

export interface AvroOptions {
  readonly fields: readonly string[] | undefined
  readonly prefix?: Prefix
  readonly schemaFile: string | undefined
  /** In Avro's JSON encoding: text, with line feeds between the records of a message. */
  readonly json?: boolean
}

/** Encodes each record by itself; those of one message stand one after another. */
export function avroValues({ fields, prefix, schemaFile, json }: AvroOptions, host: Host): EncodeMessages {
  const onMisfit = misfits(host)
  const makeEncode: MakeEncode = json ? async schema => avroJsonText(schema) : binary
  const making: Making = { makeEncode, prefix: prefix ?? (async () => NOTHING), host }
  const growing = new Growing(fields, making)
  const writerFor =
    schemaFile === undefined
      ? (topic: string, records: readonly NetRecord[]) => growing.writer(topic, records)
      : fixed(schemaFile, fields, making)
  return async (batch: DeliveryBatch, topicOf) => {
    const { records } = batch
    const byTopic = Map.groupBy(records.keys(), topicOf)
    const writers = new Map<string, Writer>()
    for (const [topic, indexes] of byTopic) {
      writers.set(
        topic,
        await writerFor(
          topic,
          indexes.map(index => records[index] as NetRecord),
        ),
      )
    }
    return {
      separator: json ? LINE_FEED : NOTHING,
      of(index) {
        const { form, encode, prefix: before } = writers.get(topicOf(index)) as Writer
        const value = encode(form.row(records[index] as NetRecord, onMisfit))
        return before.length === 0 || typeof value === 'string' ? value : Buffer.concat([before, value])
      },
    }
  }
}
