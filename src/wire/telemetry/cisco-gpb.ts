// Cisco's telemetry.proto: self-describing GPB (`data_gpbkv`) as rows of keys and content, the form that its JSON has too.
// Compact GPB (`data_gpb`) needs the model's own .proto: keys and content stay base64.
import type { Problem } from '../../contract/problem.ts'
import type { Value } from '../../contract/record.ts'
import { MAX_DEPTH } from './depth.ts'
import { type Members, setMember } from './members.ts'
import { ProtobufError, ProtobufReader } from './protobuf.ts'

type Read = (reader: ProtobufReader) => Value

const real = (value: number): Value => (Number.isFinite(value) ? value : String(value))
const unsigned: Read = reader => reader.whole
const text: Read = reader => reader.text
const base64: Read = ({ octets }) => Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('base64')

/** Fields of message Telemetry; those that repeat are below. */
const TELEMETRY: { readonly [field: number]: readonly [name: string, read: Read] } = {
  1: ['node_id_str', text],
  2: ['node_id_uuid', base64],
  3: ['subscription_id_str', text],
  4: ['subscription_id', unsigned],
  5: ['sensor_path', text],
  6: ['encoding_path', text],
  7: ['model_version', text],
  8: ['collection_id', unsigned],
  9: ['collection_start_time', unsigned],
  10: ['msg_timestamp', unsigned],
  13: ['collection_end_time', unsigned],
  14: ['heartbeat_sequence_number', unsigned],
}
const DATA_GPBKV = 11
const DATA_GPB = 12

/** The values that a TelemetryField may have, by field. */
const VALUES: { readonly [field: number]: Read } = {
  4: base64,
  5: text,
  6: reader => Number(reader.whole) !== 0,
  7: unsigned,
  8: unsigned,
  9: reader => reader.zigzag,
  10: reader => reader.zigzag,
  11: reader => real(reader.double),
  12: reader => real(reader.float),
}
const FIELD_TIMESTAMP = 1
const FIELD_NAME = 2
const FIELD_FIELDS = 15

const TABLE_ROW = 1
const ROW: { readonly [field: number]: readonly [name: string, read: Read] } = {
  1: ['timestamp', unsigned],
  10: ['keys', base64],
  11: ['content', base64],
}

/** A message of telemetry.proto, or a Problem `telemetry/gpb`. */
export function decodeCiscoGpb(octets: Uint8Array): Value | Problem {
  try {
    return telemetry(new ProtobufReader(octets))
  } catch (error) {
    if (error instanceof ProtobufError)
      return { code: 'telemetry/gpb', message: `not telemetry.proto: ${error.message}` }
    throw error
  }
}

function telemetry(reader: ProtobufReader): Value {
  const message: Members = {}
  const rows: Value[] = []
  const table: Value[] = []
  while (reader.next()) {
    if (reader.field === DATA_GPBKV) rows.push(row(reader.message))
    else if (reader.field === DATA_GPB) table.push(...tableRows(reader.message))
    else take(TELEMETRY, reader, message)
  }
  if (rows.length > 0) message.data_gpbkv = rows
  if (table.length > 0) message.data_gpb = table
  return message
}

/** Fields of other numbers are passed over: newer versions of the .proto have more. */
function take(fields: typeof TELEMETRY, reader: ProtobufReader, into: Members): void {
  const known = fields[reader.field]
  if (known) into[known[0]] = known[1](reader)
}

function tableRows(reader: ProtobufReader): Value[] {
  const rows: Value[] = []
  while (reader.next()) {
    if (reader.field !== TABLE_ROW) continue
    const made: Members = {}
    for (const fields = reader.message; fields.next(); ) take(ROW, fields, made)
    rows.push(made)
  }
  return rows
}

/** A row has a timestamp, and fields `keys` and `content`. */
function row(reader: ProtobufReader): Value {
  const made: Members = {}
  let value: Value = null
  let fields: Fields | undefined
  while (reader.next()) {
    const read = VALUES[reader.field]
    if (read) value = read(reader)
    else if (reader.field === FIELD_TIMESTAMP) made.timestamp = unsigned(reader)
    else if (reader.field === FIELD_FIELDS) {
      fields ??= new Fields()
      readField(reader.message, fields, 2)
    }
  }
  if (!fields) return { ...made, content: value }
  return { ...made, ...fields.members }
}

/** Adds a field, with the fields that it has, to those it stands among. */
function readField(reader: ProtobufReader, into: Fields, depth: number): void {
  if (depth > MAX_DEPTH) throw new ProtobufError(`fields nested more than ${MAX_DEPTH} deep`)
  let name = ''
  let value: Value = null
  let fields: Fields | undefined
  while (reader.next()) {
    const read = VALUES[reader.field]
    if (read) value = read(reader)
    else if (reader.field === FIELD_NAME) name = reader.text
    else if (reader.field === FIELD_FIELDS) {
      fields ??= new Fields()
      readField(reader.message, fields, depth + 1)
    }
  }
  into.add(name, fields ? fields.members : value)
}

/** Fields of the same name are a list. */
class Fields {
  readonly members: Members = {}
  #lists: Set<string> | undefined

  add(name: string, value: Value): void {
    const { members } = this
    if (!Object.hasOwn(members, name)) setMember(members, name, value)
    else if (this.#lists?.has(name)) (members[name] as Value[]).push(value)
    else {
      setMember(members, name, [members[name] as Value, value])
      this.#lists ??= new Set()
      this.#lists.add(name)
    }
  }
}
