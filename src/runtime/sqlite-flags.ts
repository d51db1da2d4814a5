// The flags of sink-sqlite, and what they mean.
import { Args, Flags } from '@oclif/core'
import { ProblemError } from '../contract/problem.ts'
import { durationSeconds } from '../operators/aggregate/bins.ts'
import { SQLITE_DEFAULTS, type SqliteOptions } from '../sinks/sqlite.ts'
import { type ParsedOptions, someWords } from './parsed.ts'
import { triggerFlags, triggerOptions } from './trigger-flags.ts'

const TABLE = { helpGroup: 'TABLE' }
const WRITING = { helpGroup: 'WRITING' }

export const SQLITE_ARGS = {
  database: Args.string({ description: 'database file; made if it is not there', required: true }),
}

export const SQLITE_FLAGS = {
  ...triggerFlags(WRITING.helpGroup),
  table: Flags.string({
    summary: 'table name; may have %Y %m %d %H %M ...',
    helpValue: 'NAME',
    default: SQLITE_DEFAULTS.table,
    ...TABLE,
  }),
  every: Flags.string({ summary: 'a new table so often, with a time in its name', helpValue: '1d', ...TABLE }),
  'local-time': Flags.boolean({ summary: 'names and intervals in the zone of TZ instead of UTC', ...TABLE }),
  fields: Flags.string({
    summary: 'columns (names or pmacct primitives); default: the fields of the records',
    helpValue: 'a,b',
    ...TABLE,
  }),
  key: Flags.string({
    summary: 'fields of the primary key, or none; default: all that are not counters',
    helpValue: 'a,b',
    ...TABLE,
  }),
  times: Flags.string({
    summary: 'text (YYYY-MM-DD HH:MM:SS, UTC) or epoch seconds',
    options: ['text', 'epoch'],
    default: SQLITE_DEFAULTS.times,
    ...TABLE,
  }),
  merge: Flags.string({
    summary:
      'a row whose key is there already: add the sums, replace the row (repeating a run changes nothing), or ignore the new one',
    options: ['add', 'replace', 'ignore'],
    default: SQLITE_DEFAULTS.merge,
    ...WRITING,
  }),
  commit: Flags.integer({
    summary: 'rows of a transaction (they wait a second at most)',
    helpValue: 'ROWS',
    default: SQLITE_DEFAULTS.commitRows,
    min: 1,
    max: 1_000_000,
    ...WRITING,
  }),
  busy: Flags.string({
    summary: 'how long a locked database is tried again',
    helpValue: '60s',
    default: '60s',
    ...WRITING,
  }),
  wal: Flags.boolean({
    summary: 'write-ahead log: readers are not held up (not for network file systems)',
    allowNo: true,
    default: SQLITE_DEFAULTS.wal,
    ...WRITING,
  }),
}

function durationMs(flag: string, value: unknown): number {
  const seconds = durationSeconds(String(value))
  if (seconds !== undefined) return seconds * 1000
  throw new ProblemError({
    code: 'usage/bad-duration',
    message: `--${flag} "${String(value)}" is no duration`,
    hint: 'write a number and a unit: 30s, 5m, 1h, 1d',
  })
}

/** Options of the sink from parsed flags; throws a ProblemError. */
export function sqliteOptions(parsed: ParsedOptions): SqliteOptions {
  return {
    file: String(parsed.database),
    table: String(parsed.table),
    everyMs: parsed.every === undefined ? 0 : durationMs('every', parsed.every),
    localTime: parsed['local-time'] === true,
    fields: someWords(parsed.fields),
    key: parsed.key === 'none' ? [] : someWords(parsed.key),
    merge: parsed.merge as SqliteOptions['merge'],
    times: parsed.times as SqliteOptions['times'],
    commitRows: Number(parsed.commit),
    busyMs: durationMs('busy', parsed.busy),
    wal: parsed.wal === true,
    trigger: triggerOptions(parsed),
  }
}
