// The records of any batch as lines of compact JSON.
import type { Batch } from '../../contract/record.ts'
import { ColumnBatch, LineBatch } from '../../fields/batch.ts'
import { OctetBuffer, writeBatch } from '../../fields/json-write.ts'
import { jsonText } from '../../stream/json.ts'
import { ColumnRows } from './column-rows.ts'
import type { RouteLine } from './route-line.ts'

const LINE_FEED = 10
const FIRST_OCTETS = 1 << 16

/** Reads the lines of one batch after another into `line`. */
export class Lines {
  count = 0
  readonly line: RouteLine
  readonly #columns: ColumnRows
  #isColumns = false
  #batch: LineBatch | undefined
  /** Of a batch that is not made of lines: written by us. */
  #written = new OctetBuffer(FIRST_OCTETS)
  /** One line, written again because it was not compact. */
  #again = new OctetBuffer(FIRST_OCTETS)
  #view: DataView = new DataView(new ArrayBuffer(0))
  #starts = new Int32Array(0)

  constructor(line: RouteLine) {
    this.line = line
    this.#columns = new ColumnRows(line)
  }

  open(batch: Batch): void {
    this.line.forget()
    this.count = batch.count
    this.#isColumns = batch instanceof ColumnBatch
    if (batch instanceof ColumnBatch) {
      this.#columns.open(batch)
      return
    }
    if (batch instanceof LineBatch) {
      this.#batch = batch
      const { octets } = batch
      this.#view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
      return
    }
    this.#batch = undefined
    this.#written.length = 0
    writeBatch(batch, this.#written)
    this.#view = this.#written.view
    if (this.#starts.length <= batch.count) this.#starts = new Int32Array(2 * batch.count + 1)
    const octets = this.#written.written()
    for (let index = 0, at = 0; index < batch.count; index++) {
      this.#starts[index] = at
      at = octets.indexOf(LINE_FEED, at) + 1
      this.#starts[index + 1] = at
    }
  }

  /** False when the line is no record. */
  read(index: number): boolean {
    if (this.#isColumns) return this.#columns.read(index)
    const batch = this.#batch
    const [from, to] = [this.#from(index), this.#to(index)]
    const octets = batch ? batch.octets : this.#written.octets
    if (this.line.read(octets, this.#view, from, to, !batch)) return true
    const record = batch ? batch.record(index) : JSON.parse(this.text(index))
    if (!record) return false
    this.line.forget()
    this.#again.length = 0
    this.#again.appendText(jsonText(record))
    return this.line.read(this.#again.octets, this.#again.view, 0, this.#again.length, true)
  }

  text(index: number): string {
    if (this.#isColumns) return this.#columns.text(index)
    if (this.#batch) return this.#batch.text(index)
    return decoder.decode(this.#written.octets.subarray(this.#from(index), this.#to(index)))
  }

  #from(index: number): number {
    return (this.#batch ? this.#batch.starts[index] : this.#starts[index]) as number
  }

  #to(index: number): number {
    return this.#batch ? (this.#batch.ends[index] as number) : (this.#starts[index + 1] as number) - 1
  }
}

const decoder = new TextDecoder()
