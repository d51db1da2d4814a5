// Which fields came so far: a table is made of the first ones, and gets columns for those that come later.
import type { NetRecord } from '../contract/record.ts'
import type { Field } from '../fields/field.ts'
import { fieldsInOrder } from './field-sample.ts'

/** More means that something invents fields. */
const MOST_FIELDS = 500

export class SeenFields {
  readonly #names = new Set<string>()
  /** Fields of more than MOST_FIELDS, which were not taken. */
  refused = 0

  /** Fields that did not come before, in the order of the dictionary. */
  add(records: Iterable<NetRecord>): Field[] {
    const added = new Set<string>()
    for (const record of records) {
      for (const name in record) {
        if (this.#names.has(name)) continue
        if (this.#names.size >= MOST_FIELDS) {
          this.refused++
          continue
        }
        this.#names.add(name)
        added.add(name)
      }
    }
    return added.size === 0 ? [] : fieldsInOrder(added)
  }
}
