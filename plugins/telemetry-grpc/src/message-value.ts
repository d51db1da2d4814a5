// Messages of any .proto as values of records.
import type { Value } from 'netally'
import protobuf from 'protobufjs'
import { base64, type Long, real, shortReal, whole } from './numbers.ts'

/** What is nested deeper has no value: as in all that netally reads. */
const MOST_DEPTH = 100

type Members = { readonly [name: string]: unknown }
type Read = (value: never) => Value

const READERS: { readonly [type: string]: Read } = {
  double: real,
  float: shortReal,
  // Of octets that are not there, protobufjs has an empty array.
  bytes: (value: Uint8Array | readonly never[]) => (value instanceof Uint8Array ? base64(value) : ''),
  ...Object.fromEntries(
    ['int64', 'uint64', 'sint64', 'fixed64', 'sfixed64'].map(type => [type, (value: Long) => whole(value)]),
  ),
}

/** A single value of a field. */
function single(field: protobuf.Field, value: unknown, hasDefaults: boolean, depth: number): Value {
  const { resolvedType } = field
  if (resolvedType instanceof protobuf.Type) {
    if (depth >= MOST_DEPTH) throw new Error(`messages nested more than ${MOST_DEPTH} deep`)
    return messageValue(resolvedType, value as object, hasDefaults, depth + 1)
  }
  // A number that the enumeration does not have stays a number.
  if (resolvedType) return resolvedType.valuesById[value as number] ?? (value as number)
  const read = READERS[field.type]
  return read ? read(value as never) : (value as Value)
}

function fieldValue(field: protobuf.Field, value: unknown, hasDefaults: boolean, depth: number): Value {
  if (field.repeated) return (value as unknown[]).map(one => single(field, one, hasDefaults, depth))
  if (!(field instanceof protobuf.MapField)) return single(field, value, hasDefaults, depth)
  return Object.fromEntries(
    Object.entries(value as Members).map(([key, one]) => [key, single(field, one, hasDefaults, depth)]),
  )
}

const isEmptyObject = (value: object): boolean => Object.keys(value).length === 0

/** A plain one whose absence means 0. */
const hasDefault = (field: protobuf.Field): boolean =>
  !field.repeated &&
  !field.hasPresence &&
  !(field instanceof protobuf.MapField) &&
  !(field.resolvedType instanceof protobuf.Type)

/** `hasDefaults`: a number, text or truth value that is not there is 0, empty or false, unless the .proto tells those apart. */
export function messageValue(type: protobuf.Type, message: object, hasDefaults: boolean, depth = 1): Value {
  const made: { [name: string]: Value } = {}
  for (const field of type.fieldsArray) {
    const isThere = Object.hasOwn(message, field.name)
    const value = (message as Members)[field.name]
    const isEmpty = isThere && (field.repeated || field instanceof protobuf.MapField) && isEmptyObject(value as object)
    if ((isThere && !isEmpty) || (hasDefaults && hasDefault(field)))
      made[field.name] = fieldValue(field, value, hasDefaults, depth)
  }
  return made
}
