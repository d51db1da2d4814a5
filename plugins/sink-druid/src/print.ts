// --print-spec: takes records for their fields alone, and prints the spec at the end.
import { type Backend, type DeliveryBatch, type Field, ProblemError, type Rejected, SeenFields } from 'netally'
import type { DruidOptions } from './options.ts'
import { druidColumns, namedColumns } from './schema.ts'
import { supervisorSpec } from './spec.ts'

/** What aggregate sums when it is not told. */
const USUAL_METRICS = ['packets', 'bytes']
const BIN = 'stamp_inserted'

class SpecPrinter implements Backend {
  readonly #options: DruidOptions
  readonly #seen = new SeenFields()
  readonly #fields: Field[] = []

  constructor(options: DruidOptions) {
    this.#options = options
  }

  async write({ records }: DeliveryBatch): Promise<Rejected[]> {
    this.#fields.push(...this.#seen.add(records))
    return []
  }

  async close(): Promise<void> {
    const { shape, kafka } = this.#options
    const isSampled = this.#fields.length > 0
    const columns = isSampled ? druidColumns(this.#fields, shape) : namedColumns(shape, USUAL_METRICS)
    const hasBin = !isSampled || this.#fields.some(({ name }) => name === BIN)
    const time = shape.time ?? (hasBin ? BIN : 'timestamp_arrival')
    if (columns.length === 0) throw new ProblemError(NO_FIELDS)
    process.stdout.write(`${JSON.stringify(supervisorSpec(shape, kafka, columns, time), null, 2)}\n`)
  }
}

const NO_FIELDS = {
  code: 'druid/no-fields',
  message: '--print-spec has no fields to make a spec of',
  hint: 'name them (--by src_as,dst_as), or give records on standard input',
}

export const specPrinter = (options: DruidOptions): Backend => new SpecPrinter(options)
