// CSV (RFC 4180, line feed at the end of lines): a header once a file, the same columns in all files of a run.
import { stringify } from 'csv-stringify/sync'
import { ProblemError } from '../../contract/problem.ts'
import type { Batch, NetRecord } from '../../contract/record.ts'
import { RECORDS_PER_BATCH } from '../../contract/record.ts'
import type { Field } from '../../fields/field.ts'
import type { OctetBuffer } from '../../octets/buffer.ts'
import { type Cell, cellOf, printable } from './cell.ts'
import type { Columns } from './columns.ts'
import type { Beginning, Format, MakeFormat, Marker } from './format.ts'
import type { DumpOptions } from './options.ts'

export const markerLine = ({ kind, writerId }: Pick<Marker, 'kind' | 'writerId'>): string =>
  `--${kind === 'purge_init' ? 'START' : 'END'} (${writerId})--\n`

/** The line of a marker that came as a record from the stage before. */
export function passedMarker({ event_type: kind, writer_id: writer }: NetRecord): string | undefined {
  if (kind !== 'purge_init' && kind !== 'purge_close') return undefined
  return markerLine({ kind, writerId: typeof writer === 'string' ? printable(writer) : '' })
}

class Csv implements Format {
  readonly #options: DumpOptions
  readonly #columns: Columns
  readonly #beginning: Beginning
  #fields: readonly Field[] | undefined
  #cells: readonly Cell[] = []
  #held: NetRecord[] = []
  /** A marker that came while the header was not known. */
  #start = ''

  constructor(options: DumpOptions, columns: Columns, beginning: Beginning) {
    this.#options = options
    this.#columns = columns
    this.#beginning = beginning
  }

  get held(): number {
    return this.#held.length
  }

  write(batch: Batch, out: OctetBuffer): number {
    const fixed = this.#columns.fixed !== undefined
    if (!fixed) {
      this.#held.push(...batch.records)
      return 0
    }
    const before = this.release(out, false)
    return before + this.#rows(batch.records, out)
  }

  release(out: OctetBuffer, all: boolean): number {
    if (all) this.#columns.fix()
    if (!this.#columns.fixed) return 0
    this.#header(out)
    const held = this.#held
    this.#held = []
    let rows = 0
    for (let at = 0; at < held.length; at += RECORDS_PER_BATCH) {
      rows += this.#rows(held.slice(at, at + RECORDS_PER_BATCH), out)
    }
    return rows
  }

  #header(out: OctetBuffer): void {
    if (this.#fields) return
    const fields = this.#columns.fixed as readonly Field[]
    this.#cells = fields.map(field => cellOf(field, this.#options.timestamps ?? 'epoch'))
    const header = this.#text([fields.map(field => field.name)])
    const { fresh, firstLine, fileName } = this.#beginning
    if (fresh) out.appendText(header)
    else if (firstLine !== undefined && `${firstLine}\n` !== header) throw otherColumns(fileName, firstLine)
    this.#fields = fields
    out.appendText(this.#start)
  }

  #rows(records: readonly NetRecord[], out: OctetBuffer): number {
    let rows: string[][] = []
    for (const record of records) {
      const marker = passedMarker(record)
      if (marker === undefined) rows.push(this.#row(record))
      else {
        out.appendText(this.#text(rows) + marker)
        rows = []
      }
    }
    out.appendText(this.#text(rows))
    return records.length
  }

  #row(record: NetRecord): string[] {
    this.#columns.check(record)
    const fields = this.#fields as readonly Field[]
    return fields.map((field, index) => (this.#cells[index] as Cell)(record[field.name]))
  }

  #text(rows: readonly string[][]): string {
    return stringify(rows as string[][], { delimiter: this.#options.separator })
  }

  marker(marker: Marker, out: OctetBuffer): void {
    if (this.#fields) out.appendText(markerLine(marker))
    else this.#start += markerLine(marker)
  }
}

export function csvFormat(options: DumpOptions, columns: Columns): MakeFormat {
  return beginning => new Csv(options, columns, beginning)
}

/** Rows under a header that names other columns would be read as what they are not. */
function otherColumns(fileName: string, firstLine: string): ProblemError {
  return new ProblemError({
    code: 'dump/other-columns',
    message: `"${fileName}" has other columns: ${printable(firstLine.slice(0, 200))}`,
    hint: 'name the same columns with --fields, or write another file',
  })
}
