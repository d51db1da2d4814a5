// ports_file, protos_file, tos_file: key values that are not listed become one value, before keys are made of them.
import type { Host } from '../../contract/host.ts'
import type { Problem } from '../../contract/problem.ts'
import { type Column, makeColumn, type NumberColumn } from '../../fields/column.ts'
import type { Field } from '../../fields/field.ts'
import type { Picked } from '../../fields/picker.ts'
import { LiveMap } from '../../maps/live-map.ts'
import type { ValueList } from '../../maps/value-list.ts'

/** A list of values, and the key fields that it is about. */
export interface ListedKeys {
  readonly names: readonly string[]
  readonly list: ValueList
  readonly read: () => Promise<ValueList | Problem>
}

interface Bucketed {
  readonly live: LiveMap<ValueList>
  readonly place: number
  /** The source's columns are not ours to write to. */
  readonly column: NumberColumn
}

export class Buckets {
  readonly #lives: LiveMap<ValueList>[] = []
  readonly #bucketed: Bucketed[] = []

  constructor(lists: readonly ListedKeys[], keys: readonly Field[], host: Host) {
    for (const { names, list, read } of lists) {
      const live = new LiveMap(list, read, host)
      this.#lives.push(live)
      keys.forEach((field, place) => {
        if (names.includes(field.name)) this.#bucketed.push({ live, place, column: makeColumn(field) as NumberColumn })
      })
    }
  }

  /** Reads lists again that changed; between batches. */
  async refresh(): Promise<void> {
    for (const live of this.#lives) await live.refresh()
  }

  /** The columns, with values that are not listed replaced in the rows that were picked. */
  apply({ columns, rows, count }: Picked): readonly Column[] {
    const made = [...columns]
    for (const { live, place, column } of this.#bucketed) {
      const list = live.current
      const from = columns[place] as NumberColumn
      for (let index = 0; index < count; index++) {
        const row = rows[index] as number
        const value = from.numbers[row] as number
        column.numbers[row] = Number.isFinite(value) ? list.bucket(value) : value
      }
      column.other.clear()
      for (const [row, value] of from.other) column.other.set(row, value)
      made[place] = column
    }
    return made
  }
}
