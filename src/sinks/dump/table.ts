// Tables for people: drawn when they are short, plain aligned lines when they are long.
import Table from 'cli-table3'
import type { Batch, NetRecord, Value } from '../../contract/record.ts'
import { fieldsOf } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'
import type { OctetBuffer } from '../../octets/buffer.ts'
import { fieldsInOrder, SAMPLE_RECORDS } from '../field-sample.ts'
import { cellOf, printable } from './cell.ts'
import { markerLine, passedMarker } from './csv.ts'
import type { Format, MakeFormat, Marker } from './format.ts'
import type { DumpOptions } from './options.ts'

/** Longer tables are not drawn, because drawing holds all rows. */
export const DRAWN_ROWS = SAMPLE_RECORDS

const NUMERIC_TYPES = new Set(['unsigned', 'counter', 'real'])

interface TableColumn {
  readonly field: Field
  readonly right: boolean
  readonly text: (value: Value | undefined) => string
}

const grouped = (text: string): string => text.replace(/\B(?=(\d{3})+(?!\d))/g, ',')

function tableColumn(field: Field, records: readonly NetRecord[], { timestamps, thousands }: DumpOptions): TableColumn {
  const cell = cellOf(field, timestamps ?? 'rfc3339')
  const isNumber = ({ [field.name]: value }: NetRecord) => typeof value === 'number' || typeof value === 'bigint'
  const right = NUMERIC_TYPES.has(field.type.name) || (field.type.name === 'any' && records.some(isNumber))
  const group = thousands && field.type.name === 'counter'
  const text = (value: Value | undefined) => {
    const plain = printable(cell(value)).replace('.000000Z', 'Z')
    return group && /^\d+$/.test(plain) ? grouped(plain) : plain
  }
  return { field, right, text }
}

class TableFormat implements Format {
  readonly #options: DumpOptions
  #held: NetRecord[] = []
  #columns: TableColumn[] | undefined
  /** Widths of a long table; undefined while a short one can still be drawn. */
  #widths: number[] | undefined
  #start = ''
  #end = ''

  constructor(options: DumpOptions) {
    this.#options = options
  }

  get held(): number {
    return this.#held.length
  }

  write(batch: Batch, out: OctetBuffer): number {
    let rows = 0
    for (const record of batch.records) {
      const marker = passedMarker(record)
      if (marker !== undefined) {
        this.#passMarker(marker, out)
        rows++
      } else if (this.#widths) {
        out.appendText(this.#line(this.#cells(record)))
        rows++
      } else if (this.#held.push(record) > DRAWN_ROWS) rows += this.#becomeLong(out)
    }
    return rows
  }

  #passMarker(line: string, out: OctetBuffer): void {
    if (this.#widths) out.appendText(line)
    else if (this.#held.length === 0) this.#start += line
    else this.#end += line
  }

  release(out: OctetBuffer, all: boolean): number {
    const rows = this.#held.length
    if (!all || this.#widths) return 0
    this.#declare()
    out.appendText(this.#start)
    this.#start = ''
    if (rows > 0) out.appendText(`${this.#drawn()}\n`)
    out.appendText(this.#end)
    this.#end = ''
    this.#held = []
    return rows
  }

  #declare(): TableColumn[] {
    const names = new Set(this.#held.flatMap(record => Object.keys(record)))
    const fields = this.#options.fields?.flatMap(fieldsOf) ?? fieldsInOrder(names)
    this.#columns = fields.map(field => tableColumn(field, this.#held, this.#options))
    return this.#columns
  }

  #becomeLong(out: OctetBuffer): number {
    const columns = this.#declare()
    const heads = columns.map(({ field }) => field.name)
    const cells = this.#held.map(record => this.#cells(record))
    this.#widths = heads.map((head, index) =>
      cells.reduce((width, row) => Math.max(width, (row[index] as string).length), head.length),
    )
    out.appendText(this.#start + this.#end + this.#line(heads) + cells.map(row => this.#line(row)).join(''))
    this.#held = []
    return cells.length
  }

  #cells(record: NetRecord): string[] {
    return (this.#columns as TableColumn[]).map(({ field, text }) => text(record[field.name]))
  }

  #line(cells: readonly string[]): string {
    const padded = cells.map((cell, index) => {
      const width = this.#widths?.[index] ?? 0
      return this.#columns?.[index]?.right ? cell.padStart(width) : cell.padEnd(width)
    })
    return `${padded.join('  ').trimEnd()}\n`
  }

  #drawn(): string {
    const columns = this.#columns as TableColumn[]
    const style = this.#options.color ? { head: ['bold'], border: ['gray'] } : { head: [], border: [] }
    const table = new Table({
      head: columns.map(({ field }) => field.name),
      colAligns: columns.map(({ right }) => (right ? 'right' : 'left')),
      style: { ...style, compact: true },
    })
    table.push(...this.#held.map(record => this.#cells(record)))
    return table.toString()
  }

  marker(marker: Marker, out: OctetBuffer): void {
    if (marker.kind === 'purge_close' || this.#widths) out.appendText(markerLine(marker))
    else this.#start += markerLine(marker)
  }
}

export function tableFormat(options: DumpOptions): MakeFormat {
  return () => new TableFormat(options)
}
