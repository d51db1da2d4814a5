// Rows of columns as a route table reads them: a row that only has another seq, prefix or path id than the row before is
// never written as text.
import { ColumnBatch, type Form } from '../../fields/batch.ts'
import { type Column, IPV4, IPV6, ODD, ODD_ADDRESS } from '../../fields/column.ts'
import { interpretLine, OctetBuffer, writeBatch } from '../../fields/json-write.ts'
import type { RouteLine } from './route-line.ts'

const LINE_FEED_OCTETS = 1
const FIRST_OCTETS = 1 << 12
const NO_COLUMNS = new ColumnBatch({ fields: [] }, [], new Int32Array(0), 0, 0)

/** Where what may differ stands in a form, -1 = nowhere, and where all the rest. */
interface Plan {
  readonly seq: number
  readonly prefix: number
  readonly path: number
  readonly rest: readonly number[]
}

function planOf({ fields }: Form): Plan {
  const at = (name: string, lane: string) => fields.findIndex(field => field.name === name && field.type.lane === lane)
  const [seq, prefix, path] = [at('seq', 'number'), at('ip_prefix', 'value'), at('as_path_id', 'number')]
  const rest = fields.flatMap((_, index) => (index === seq || index === prefix || index === path ? [] : [index]))
  return { seq, prefix, path, rest }
}

/** Whether two rows have the same value; false also where that is not seen at once. */
function isSame(column: Column, a: number, b: number): boolean {
  if (column.lane === 'value') return column.values[a] === column.values[b]
  if (column.lane === 'number') {
    const [first, second] = [column.numbers[a] as number, column.numbers[b] as number]
    return first === second ? first !== ODD : Number.isNaN(first) && Number.isNaN(second)
  }
  const { family, words } = column
  if (family[a] !== family[b] || family[a] === ODD_ADDRESS) return false
  const count = family[a] === IPV6 ? 4 : family[a] === IPV4 ? 1 : 0
  for (let word = 0; word < count; word++) if (words[4 * a + word] !== words[4 * b + word]) return false
  return true
}

/** A number of a line, 0 where there is none; -1 where it is no whole number. */
function wholeOf(columns: readonly Column[], index: number, row: number): number {
  const column = columns[index]
  if (column?.lane !== 'number') return 0
  const number = column.numbers[row] as number
  if (Number.isNaN(number)) return 0
  return Number.isSafeInteger(number) && number >= 0 ? number : -1
}

export class ColumnRows {
  readonly #line: RouteLine
  readonly #plans = new WeakMap<Form, Plan>()
  /** The line that rows repeat. */
  readonly #written = new OctetBuffer(FIRST_OCTETS)
  readonly #row = new Int32Array(1)
  #batch = NO_COLUMNS
  #plan: Plan = planOf(NO_COLUMNS.form)
  /** The row that was read last, where another may repeat it; else -1. */
  #before = -1

  constructor(line: RouteLine) {
    this.#line = line
  }

  open(batch: ColumnBatch): void {
    this.#batch = batch
    this.#before = -1
    const known = this.#plans.get(batch.form)
    this.#plan = known ?? planOf(batch.form)
    if (!known) this.#plans.set(batch.form, this.#plan)
  }

  read(index: number): boolean {
    const row = this.#batch.rows[index] as number
    if (this.#before >= 0 && this.#repeats(row)) {
      this.#before = row
      return true
    }
    const { form, columns, now } = this.#batch
    const line = this.#line
    const out = this.#written
    line.forget()
    this.#row[0] = row
    out.length = 0
    writeBatch(new ColumnBatch(form, columns, this.#row, 1, now), out)
    const isRead = line.read(out.octets, out.view, 0, out.length - LINE_FEED_OCTETS, true)
    this.#before = isRead && line.isPlain ? row : -1
    return isRead
  }

  text(index: number): string {
    return interpretLine(this.#batch.form, this.#batch.columns, this.#batch.rows[index] as number)
  }

  #repeats(row: number): boolean {
    const { columns } = this.#batch
    const { seq, prefix, path, rest } = this.#plan
    const before = this.#before
    for (let index = 0; index < rest.length; index++)
      if (!isSame(columns[rest[index] as number] as Column, before, row)) return false
    const prefixes = columns[prefix]
    const text = prefixes?.lane === 'value' ? prefixes.values[row] : undefined
    if (typeof text !== 'string') return false
    return this.#line.repeat(text, wholeOf(columns, seq, row), wholeOf(columns, path, row))
  }
}
