// What enrich is made of: resolvers, each of which reads some fields and fills others. They stand in a list
// (resolvers.ts) and run one after the other over rows of columns, so that a later one sees what an earlier one filled in.
import type { Host } from '../../contract/host.ts'
import type { Column } from '../../fields/column.ts'

/**
 * Fills rows[from..to) in: `columns` has the fields' columns at the places that bind() was told. No route comes or goes
 * between these rows.
 */
export type Resolve = (columns: readonly Column[], rows: Int32Array, from: number, to: number) => void

export interface Resolver {
  readonly reads: readonly string[]
  /** A field that is only filled starts absent; one that is read too starts as the record has it. */
  readonly fills: readonly string[]
  bind(place: (field: string) => number): Resolve
  /** After each batch: counts what was counted in it. */
  counted?(host: Host): void
  /** Reads its files again, between batches; what cannot be read is reported and the old stays in force. */
  reload?(host: Host): Promise<void>
}
