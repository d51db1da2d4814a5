// What `sink-sqlite` is told.
import type { TriggerOptions } from '../bin-trigger.ts'

/** A row whose key is in the table already: sums add up, the new row replaces the old, or the old one stays. */
export type Merge = 'add' | 'replace' | 'ignore'

export interface SqliteOptions {
  /** Path of the database, or `:memory:`. */
  readonly file: string
  /** Table name; may have time variables. */
  readonly table: string
  /** Length of a table's interval, ms; 0 = as the name says. */
  readonly everyMs: number
  readonly localTime: boolean
  /** Columns; undefined = the fields of the first records, and later ones as they come. */
  readonly fields?: readonly string[] | undefined
  /** Key fields; undefined = all fields with the role of a key; empty = no key, rows are only added. */
  readonly key?: readonly string[] | undefined
  readonly merge: Merge
  /** `text`: YYYY-MM-DD HH:MM:SS[.ffffff] UTC; `epoch`: Unix seconds. */
  readonly times: 'text' | 'epoch'
  /** Rows of a transaction. */
  readonly commitRows: number
  /** How long a locked database is tried again, ms. */
  readonly busyMs: number
  readonly wal: boolean
  readonly trigger?: TriggerOptions | undefined
}

export const SQLITE_DEFAULTS: Omit<SqliteOptions, 'file'> = {
  table: 'acct',
  everyMs: 0,
  localTime: false,
  merge: 'add',
  times: 'text',
  commitRows: 100_000,
  busyMs: 60_000,
  wal: true,
}
