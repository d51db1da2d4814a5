// The columns of csv and Avro: declared by the user, or found in the first records and then fixed for all files.
import type { Host } from '../../contract/host.ts'
import type { NetRecord } from '../../contract/record.ts'
import { fieldsOf } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'
import { FieldSample } from '../field-sample.ts'

/** Each late field is reported once; fields beyond so many are only counted. */
const REPORTED_FIELDS = 100

export class Columns {
  /** Undefined until fixed. */
  fixed: readonly Field[] | undefined
  readonly #host: Host
  readonly #sample = new FieldSample()
  readonly #late = new Set<string>()
  readonly #declared: boolean

  constructor(fields: readonly string[] | undefined, host: Host) {
    this.#host = host
    this.#declared = fields !== undefined
    if (fields) this.fixed = fields.flatMap(fieldsOf)
  }

  /** Looks at a record that came at `nowMs`, unless the columns are fixed. */
  sample(record: NetRecord, nowMs: number): void {
    if (!this.fixed && !this.#sample.take(record, nowMs)) this.fix()
  }

  /** The clock moved without records. */
  tick(nowMs: number): void {
    if (this.#sample.isOld(nowMs)) this.fix()
  }

  fix(): void {
    this.fixed ??= this.#sample.fields
  }

  /** Counts fields of a record that have no column because they came too late. */
  check(record: NetRecord): void {
    if (this.#declared) return
    for (const name in record) if (!this.#sample.names.has(name)) this.#tooLate(name)
  }

  /** Counts a value that is not of its field's type. */
  misfit(name: string): void {
    this.#host.count('misfits')
    this.#host.report({
      code: 'dump/misfit',
      message: `a value of ${name} is not of the field's type, or above 2^63 - 1; Avro has null for it`,
    })
  }

  /** Counts a field whose name a format cannot have. */
  refuse(name: string): void {
    this.#host.report({ code: 'dump/no-column', message: `Avro has no field "${name}": it is left out` })
  }

  #tooLate(name: string): void {
    this.#host.count('late_fields')
    if (this.#late.has(name) || this.#late.size >= REPORTED_FIELDS) return
    this.#late.add(name)
    this.#host.report({
      note: true,
      code: 'dump/late-field',
      message: `field "${name}" came after the columns were fixed, so its values are left out`,
      hint: 'name the columns with --fields, or write json',
    })
  }
}
