// What a gNMI target says (specification section 2.1) as the data of a record.
import type { NetRecord, Value } from 'netally'
import { Messages, type MessageType } from './messages.ts'
import { type Long, whole } from './numbers.ts'
import { type Path, pathText } from './paths.ts'
import type { Payload } from './payload.ts'
import { type OldValue, oldValue, serializationOf, type TypedValue, typedValue } from './typed-value.ts'

interface Update {
  readonly path: Path | null
  readonly val: TypedValue | null
  readonly value: OldValue | null
  readonly duplicates: number
}

interface Notification {
  readonly timestamp: Long
  readonly prefix: Path | null
  readonly update: readonly Update[]
  readonly delete: readonly Path[]
  readonly atomic: boolean
}

export interface SubscribeResponse {
  readonly update: Notification | null
  readonly sync_response: boolean
  readonly error: { readonly code: number; readonly message: string } | null
}

/** A notification, `sync`, or what the target complains about (gNMI before 0.4). */
export type Said = Payload | 'sync' | Error | undefined

function updateOf({ path, val, value, duplicates }: Update): Value {
  const made: { [name: string]: Value } = { path: withOrigin(path) }
  made.value = val ? typedValue(val) : value ? oldValue(value) : null
  if (duplicates > 0) made.duplicates = duplicates
  return made
}

/** `openconfig:/interfaces`; the usual origin is none. */
function withOrigin(path: Path | null): string {
  const text = pathText(path)
  return path?.origin ? `${path.origin}:${text || '/'}` : text
}

function dataOf({ timestamp, prefix, update, delete: deletes, atomic }: Notification): NetRecord {
  const data: { [name: string]: Value } = { timestamp: whole(timestamp) }
  if (prefix) {
    const text = withOrigin(prefix)
    if (text !== '') data.prefix = text
    if (prefix.target !== '') data.target = prefix.target
  }
  if (update.length > 0) data.updates = update.map(updateOf)
  if (deletes.length > 0) data.deletes = deletes.map(withOrigin)
  if (atomic) data.atomic = true
  return data
}

/** Of all updates, or proto where they differ. */
function serialization(updates: readonly Update[]): string {
  const [first] = updates
  if (!first?.val) return first?.value ? 'json' : 'proto'
  const common = serializationOf(first.val)
  return updates.every(({ val }) => val && serializationOf(val) === common) ? common : 'proto'
}

/** Reads what targets say. */
export class NotificationReader {
  readonly #response: MessageType<SubscribeResponse>

  constructor(messages = new Messages('gnmi')) {
    this.#response = messages.type('SubscribeResponse')
  }

  /** Throws for octets that are no SubscribeResponse. */
  read(octets: Uint8Array): Said {
    const { update, sync_response, error } = this.#response.decode(octets)
    if (update) return { data: dataOf(update), serialization: serialization(update.update), protocol: 'gnmi' }
    if (sync_response) return 'sync'
    return error ? new Error(`${error.message} (code ${error.code})`) : undefined
  }
}
