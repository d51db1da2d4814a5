// The flags of sink-duckdb, and what they mean.
import {
  Args,
  Flags,
  type ParsedOptions,
  ProblemError,
  REMEMBER_FLAG,
  TABLE_FLAGS,
  type TableOptions,
  TableSchema,
  tableOptions,
} from 'netally'

/** How fine the folders of Parquet files are. */
export type Partition = 'year' | 'month' | 'day' | 'hour' | 'none'
const PARTITIONS: readonly Partition[] = ['year', 'month', 'day', 'hour', 'none']

export interface DuckdbOptions {
  /** Database file; absent with `parquet`. */
  readonly file: string
  /** Folder of Parquet files; undefined = a database. */
  readonly parquet: string | undefined
  readonly partition: Partition
  /** As COPY takes it: zstd, snappy, gzip, uncompressed. */
  readonly compression: string
  readonly table: TableOptions
  readonly schema: TableSchema
  /** The file stays open, and so locked, between batches. */
  readonly isHeld: boolean
  readonly localTime: boolean
}

export const ARGS = {
  database: Args.string({ description: 'database file; made if it is not there' }),
}

const PARQUET = { helpGroup: 'PARQUET' }

export const FLAGS = {
  hold: Flags.boolean({
    summary: 'keep the file open: faster, but nobody else can read it meanwhile',
    helpGroup: 'WRITING',
  }),
  parquet: Flags.string({ summary: 'write Parquet files below this folder instead', helpValue: 'FOLDER', ...PARQUET }),
  partition: Flags.string({
    summary: 'how fine the folders are that the files stand in',
    options: [...PARTITIONS],
    default: 'hour',
    ...PARQUET,
  }),
  compression: Flags.string({
    summary: 'compression of the files',
    options: ['zstd', 'snappy', 'gzip', 'uncompressed'],
    default: 'zstd',
    ...PARQUET,
  }),
  ...TABLE_FLAGS,
  ...REMEMBER_FLAG,
}

export function duckdbOptions(parsed: ParsedOptions): DuckdbOptions {
  const parquet = parsed.parquet === undefined ? undefined : String(parsed.parquet)
  if ((parsed.database === undefined) === (parquet === undefined)) {
    throw new ProblemError({
      code: 'usage/no-database',
      message: 'one place is wanted: a database file, or --parquet FOLDER',
      hint: 'netally sink-duckdb acct.duckdb, or netally sink-duckdb --parquet FOLDER',
    })
  }
  const table = tableOptions(parsed)
  return {
    file: String(parsed.database ?? ''),
    parquet,
    partition: parsed.partition as Partition,
    compression: String(parsed.compression),
    table,
    schema: new TableSchema(table),
    isHeld: parsed.hold === true,
    localTime: parsed['local-time'] === true,
  }
}
