// CSV (RFC 4180, line feed at the end of lines): a header once a file, the same columns in all files of a run.
import { stringify } from 'csv-stringify/sync'
import { ProblemError } from '../../contract/problem.ts'
import type { Batch, NetRecord } from '../../contract/record.ts'
import { RECORDS_PER_BATCH } from '../../contract/record.ts'
import type { Field } from '../../fields/field.ts'
import type { TimeFormat } from '../../fields/present.ts'
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

const MARKER = /^--(START|END) \(/

class Csv implements Format {
  readonly #options: DumpOptions
  readonly #columns: Columns
  readonly #beginning: Beginning
  #fields: readonly Field[] | undefined
  #cells: readonly Cell[] = []
  #held: NetRecord[] = []
  /** What may need quotes. */
  readonly #special: RegExp
  /** No number or time, as text, has the separator in it. */
  readonly #numbersArePlain: boolean
  /** A marker that came while the header was not known. */
  #start = ''

  constructor(options: DumpOptions, columns: Columns, beginning: Beginning) {
    this.#options = options
    this.#numbersArePlain = /[,;\t|]/.test(options.separator)
    this.#special = new RegExp(`["\\s${options.separator.replace(/[\\\]^-]/, '\\$&')}]`)
    this.#columns = columns
    this.#beginning = beginning
  }

  get #times(): TimeFormat {
    return this.#options.timestamps ?? (this.#options.present?.compat ? 'pmacct' : 'epoch')
  }

  get held(): number {
    return this.#held.length
  }

  write(batch: Batch, out: OctetBuffer): number {
    if (this.#fields) return this.#rows(batch.records, out)
    this.#held.push(...batch.records)
    return this.release(out, false)
  }

  release(out: OctetBuffer, all: boolean): number {
    if (all) this.#columns.fix()
    if (!this.#columns.fixed) return 0
    const markers = this.#fields ? 0 : this.#begin(out)
    const held = this.#held
    this.#held = []
    let rows = markers
    for (let at = markers; at < held.length; at += RECORDS_PER_BATCH) {
      rows += this.#rows(held.slice(at, at + RECORDS_PER_BATCH), out)
    }
    return rows
  }

  /** The header, after the markers that opened the file, as pmacct has it; how many of these were records. */
  #begin(out: OctetBuffer): number {
    const fields = this.#columns.fixed as readonly Field[]
    this.#cells = fields.map(field => cellOf(field, this.#times))
    const header = this.#text(fields.map(field => field.name))
    const { fresh, firstLines, fileName } = this.#beginning
    const there = firstLines?.find(line => !MARKER.test(line))
    if (there !== undefined && `${there}\n` !== header) throw otherColumns(fileName, there)
    this.#fields = fields
    let markers = 0
    for (const record of this.#held) {
      const line = passedMarker(record)
      if (line === undefined) break
      this.#start += line
      markers++
    }
    out.appendText(this.#start + (fresh || there === undefined ? header : ''))
    return markers
  }

  #rows(records: readonly NetRecord[], out: OctetBuffer): number {
    let text = ''
    for (const record of records) text += passedMarker(record) ?? this.#line(record)
    out.appendText(text)
    return records.length
  }

  /** Joined where no cell needs quotes, which is twice as fast; the library decides the rest. */
  #line(record: NetRecord): string {
    this.#columns.check(record)
    const cells: string[] = []
    let isPlain = true
    this.#fields?.forEach((field, index) => {
      const value = record[field.name]
      const cell = (this.#cells[index] as Cell)(value)
      if (isPlain && !(this.#numbersArePlain && typeof value === 'number')) isPlain = !this.#special.test(cell)
      cells.push(cell)
    })
    // A line of one empty cell would be no line.
    return isPlain && cells.length > 1 ? `${cells.join(this.#options.separator)}\n` : this.#text(cells)
  }

  #text(cells: readonly string[]): string {
    return stringify([cells as string[]], { delimiter: this.#options.separator })
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
