// Ids that are the same for the same key and bin, so that a record written again takes its own place.
import { hash } from 'node:crypto'
import type { NetRecord } from '../contract/record.ts'
import { fieldOfKey, fieldsOf } from '../fields/dictionary.ts'
import type { Role } from '../fields/field.ts'
import { jsonText } from '../stream/json.ts'
import { tableColumn } from './table-column.ts'

const BIN = 'stamp_inserted'
/** When a row was last written says nothing of what it is. */
const NOT_OF_KEY: ReadonlySet<string> = new Set(['stamp_updated'])

const roles = new Map<string, Role>()

function isKey(name: string): boolean {
  let role = roles.get(name)
  if (!role) {
    role = tableColumn(fieldOfKey(name))?.role ?? 'key'
    roles.set(name, role)
  }
  return role === 'key' && !NOT_OF_KEY.has(name)
}

/**
 * Makes ids of 27 letters (A-Z a-z 0-9 _ -): a hash of the key's names and values, and the bin. `fields`: the key, names or pmacct
 * primitives; undefined = all fields of a record that are not counters. Records of an aggregate have ids of their own; flows as
 * they came may be equal, and need the id of their batch and their place in it instead.
 */
export function recordId(fields?: readonly string[]): (record: NetRecord) => string {
  const chosen = fields && [...new Set([BIN, ...fields.flatMap(fieldsOf).map(({ name }) => name)])].sort()
  return record => {
    const names = chosen ?? Object.keys(record).filter(isKey).sort()
    const key = names.filter(name => record[name] !== undefined).map(name => [name, record[name] ?? null])
    return hash('sha1', jsonText(key), 'base64url')
  }
}
