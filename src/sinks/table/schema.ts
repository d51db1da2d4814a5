// What a sink knows of its records' columns, for as long as it runs: through reconnects, and for all tables of a name with a time.
import type { NetRecord } from '../../contract/record.ts'
import type { Field } from '../../fields/field.ts'
import { SeenFields } from '../seen-fields.ts'
import { standardKey, type TableColumn, tableColumns } from '../table-column.ts'

export interface SchemaOptions {
  readonly fields: readonly Field[] | undefined
  readonly key: readonly Field[] | undefined
}

export class TableSchema {
  /** In the order in which they came; within one delivery in that of the dictionary. */
  columns: readonly TableColumn[] = []
  /** The key of a new table, by names of columns; that of the first delivery. */
  key: readonly string[] | undefined
  readonly #options: SchemaOptions
  readonly #seen = new SeenFields()
  readonly #fields: Field[] = []

  constructor(options: SchemaOptions) {
    this.#options = options
    if (options.fields) this.#grow(options.fields)
  }

  /** Takes the fields of a delivery in; gives those that cannot be columns, once. */
  take(records: readonly NetRecord[]): readonly Field[] {
    return this.#options.fields ? [] : this.#grow(this.#seen.add(records))
  }

  #grow(added: readonly Field[]): readonly Field[] {
    if (added.length === 0) return []
    this.#fields.push(...added)
    const { columns, refused } = tableColumns(this.#fields)
    this.columns = columns
    this.key ??= this.#chosen(columns)
    return refused.filter(field => added.includes(field))
  }

  /** The key's columns are there from the start, whether the first records have them or not. */
  #chosen(columns: readonly TableColumn[]): string[] {
    const { key } = this.#options
    if (!key) return standardKey(columns).map(({ name }) => name)
    const missing = key.filter(field => !this.#fields.includes(field) && !this.#has(field))
    if (missing.length > 0) {
      this.#fields.unshift(...missing)
      this.columns = tableColumns(this.#fields).columns
    }
    return tableColumns(key).columns.map(({ name }) => name)
  }

  #has({ name }: Field): boolean {
    return this.#fields.some(field => field.name === name)
  }
}
