// Which fields a table has: those of the first records, then fixed. The same however batches are cut.
import type { NetRecord } from '../contract/record.ts'
import { allFields, fieldOfKey } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'

/** So many records are looked at. */
export const SAMPLE_RECORDS = 500
/** Or so much of the record clock. */
export const SAMPLE_MS = 1000

/** Fields of the names, in the dictionary's order, then unknown ones as they came. */
export function fieldsInOrder(names: ReadonlySet<string>): Field[] {
  const known = allFields().filter(field => names.has(field.name))
  const knownNames = new Set(known.map(field => field.name))
  return [...known, ...[...names].filter(name => !knownNames.has(name)).map(fieldOfKey)]
}

export class FieldSample {
  readonly names = new Set<string>()
  #records = 0
  #firstMs = 0

  /** Takes a record that came at `nowMs` into the sample; false when the sample was full before it. */
  take(record: NetRecord, nowMs: number): boolean {
    if (this.#records === 0) this.#firstMs = nowMs
    if (this.#records === SAMPLE_RECORDS || this.isOld(nowMs)) return false
    this.#records++
    for (const name in record) this.names.add(name)
    return true
  }

  /** Whether there are records, and the clock has left them behind. */
  isOld(nowMs: number): boolean {
    return this.#records > 0 && nowMs - this.#firstMs >= SAMPLE_MS
  }

  get fields(): Field[] {
    return fieldsInOrder(this.names)
  }
}
