// What `dump` is told.
import type { PresentOptions, TimeFormat } from '../../fields/present.ts'
import type { Owner } from './owner.ts'

/** `mrt` only with `table`. */
export type DumpFormat = 'json' | 'csv' | 'table' | 'mrt' | 'avro' | 'avro_json'

export interface DumpOptions {
  readonly format: DumpFormat
  /** File name pattern, FIFO or device; undefined or `-` = standard output. */
  readonly file?: string | undefined
  /** Length of a file's interval on the record clock, ms; 0 = as the name says. */
  readonly everyMs: number
  /** Add to files that exist. */
  readonly append: boolean
  /** Write under the final name from the start. */
  readonly inPlace: boolean
  /** Make a FIFO where `file` does not exist. */
  readonly fifo: boolean
  /** Symbolic link to the last finished file; may have per-record variables, no time. */
  readonly latest?: string | undefined
  /** Program run after each finished file, with the file's name as argument. */
  readonly trigger?: string | undefined
  readonly umask?: number | undefined
  /** Of files and folders that are made. */
  readonly owner?: Owner | undefined
  /** Intervals without records make files too. */
  readonly writeEmpty: boolean
  readonly markers: boolean
  /** In markers. */
  readonly writerId: string
  /** Names and intervals in the zone of TZ instead of UTC. */
  readonly localTime: boolean
  /** Columns of csv and table, fields of json. */
  readonly fields?: readonly string[] | undefined
  readonly timestamps?: TimeFormat | undefined
  /** json only: pmacct's forms. */
  readonly present?: PresentOptions | undefined
  /** Keep a routing table of the records and write that, every everyMs and at the end. */
  readonly table?: TableOptions | undefined
  /** Where the schema of avro and avro_json is written as well. */
  readonly schemaFile?: string | undefined
  readonly separator: string
  readonly thousands: boolean
  readonly color: boolean
}

export interface TableOptions {
  /** A dump is spread over so much time, while the records do not reach the next one; 0 = as fast as it goes. */
  readonly spreadMs: number
  /** Routes beyond so many are dropped. */
  readonly maxRoutes: number
  /** Leaves of telemetry beyond so many are dropped. */
  readonly maxLeaves: number
  /** A leaf that is not told again for so long is gone; 0 = it stays. */
  readonly maxAgeMs: number
  /** Leave out the statistics of BMP. */
  readonly withoutStatistics: boolean
  /** Dump to begin with. */
  readonly restore?: string | undefined
  /** Path of a unix socket that answers queries. */
  readonly serve?: string | undefined
}

export const DUMP_DEFAULTS: DumpOptions = {
  format: 'json',
  everyMs: 0,
  append: false,
  inPlace: false,
  fifo: false,
  writeEmpty: false,
  markers: false,
  writerId: `dump/${process.pid}`,
  localTime: false,
  separator: ',',
  thousands: false,
  color: false,
}
