// What enrich is made of: resolvers, each of which reads some fields and fills others. They stand in a list
// (resolvers.ts) and run one after the other over rows of columns, so that a later one sees what an earlier one filled in.
import type { Problem } from '../../contract/problem.ts'
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
  /** Reads its files again, between batches; what cannot be read is reported and the old stays in force. */
  reload?(): Promise<void>
}

/** Reads a map or table that a resolver holds once more. */
export type Reread<Table> = () => Promise<Table | Problem>
