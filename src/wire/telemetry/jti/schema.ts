// Rows of messages.ts made into readers.
import type { Value } from '../../../contract/record.ts'
import { MAX_DEPTH } from '../depth.ts'
import { ProtobufError, type ProtobufReader, WireType } from '../protobuf.ts'
import { ENUMERATIONS, MESSAGES } from './messages.ts'

export type Members = { [name: string]: Value }
type Read = (reader: ProtobufReader) => Value

interface Field {
  readonly name: string
  /** Undefined for messages. */
  readonly read: Read | undefined
  /** The message that it is. */
  readonly message: string
  readonly isMany: boolean
}

const real = (value: number): Value => (Number.isFinite(value) ? value : String(value))
const SCALARS: { readonly [type: string]: Read } = {
  unsigned: reader => reader.whole,
  signed: reader => reader.signed,
  double: reader => real(reader.double),
  float: reader => real(reader.float),
  text: reader => reader.text,
  bool: reader => Number(reader.whole) !== 0,
}

/** The name of a value, or its number where it has none. */
function named(names: readonly string[]): Read {
  return reader => names[Number(reader.whole)] || reader.whole
}

const FIELD = /^!?(\w+?)(?::(\w+)(\[\])?)?(?:=(\d+))?$/

function fieldsOf(row: string): ReadonlyMap<number, Field> {
  const fields = new Map<number, Field>()
  let number = 0
  for (const text of row.trim().split(/\s+/)) {
    const [, name = '', type = 'unsigned', many, at] = FIELD.exec(text) ?? []
    number = at === undefined ? number + 1 : Number(at)
    const names = ENUMERATIONS[type]
    fields.set(number, {
      name,
      read: names ? named(names) : SCALARS[type],
      message: type,
      isMany: many !== undefined,
    })
  }
  return fields
}

const schema = new Map<string, ReadonlyMap<number, Field>>()

/** Made when first asked for. */
function messageOf(name: string): ReadonlyMap<number, Field> {
  let fields = schema.get(name)
  if (!fields) {
    fields = fieldsOf(MESSAGES[name] as string)
    schema.set(name, fields)
  }
  return fields
}

/** A field that no row has: a number as it is, all else in hex. */
export function unknownValue(reader: ProtobufReader): Value {
  if (reader.wireType === WireType.varint) return reader.whole
  const { raw } = reader
  return Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('hex')
}

/** The message that a row describes; fields without a row are named by their number, and told. Throws a ProtobufError. */
export function readMessage(row: string, reader: ProtobufReader, unknown: () => void, depth = 1): Members {
  if (depth > MAX_DEPTH) throw new ProtobufError(`messages nested more than ${MAX_DEPTH} deep`)
  const fields = messageOf(row)
  const members: Members = {}
  while (reader.next()) {
    const field = fields.get(reader.field)
    if (!field) {
      members[reader.field] = unknownValue(reader)
      unknown()
      continue
    }
    const { name, read, message, isMany } = field
    const value = read ? read(reader) : readMessage(message, reader.message, unknown, depth + 1)
    const list = isMany ? (members[name] as Value[] | undefined) : undefined
    if (list) list.push(value)
    else members[name] = isMany ? [value] : value
  }
  return members
}

/** Every leaf that tells entries of a list apart. */
export const JTI_KEYS: ReadonlySet<string> = new Set(
  Object.values(MESSAGES).flatMap(row => [...row.matchAll(/!(\w+)/g)].map(match => match[1] as string)),
)
