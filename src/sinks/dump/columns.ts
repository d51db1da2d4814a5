// Which columns csv and table have: declared by the user, or found in the first records and then fixed.
import type { Host } from '../../contract/host.ts'
import type { NetRecord } from '../../contract/record.ts'
import { allFields, fieldOf, fieldsOf } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'

/** So many records are looked at before the columns are fixed. */
export const SAMPLE_RECORDS = 500
/** Or so much of the record clock. */
export const SAMPLE_MS = 1000
/** Each late field is reported once; fields beyond so many are only counted. */
const REPORTED_FIELDS = 100

/** Fields of the names, in the dictionary's order, then unknown ones as they came. */
export function columnsOf(names: ReadonlySet<string>): Field[] {
  const known = allFields().filter(field => names.has(field.name))
  const knownNames = new Set(known.map(field => field.name))
  return [...known, ...[...names].filter(name => !knownNames.has(name)).map(fieldOf)]
}

export class Columns {
  /** Undefined until fixed. */
  fixed: readonly Field[] | undefined
  readonly #host: Host
  readonly #names = new Set<string>()
  readonly #late = new Set<string>()
  readonly #declared: boolean
  #records = 0
  #firstMs = 0

  constructor(fields: readonly string[] | undefined, host: Host) {
    this.#host = host
    this.#declared = fields !== undefined
    if (fields) this.fixed = fields.flatMap(fieldsOf)
  }

  /** Looks at a record that came at `nowMs`; whether the columns are fixed by now, without this record. */
  sample(record: NetRecord, nowMs: number): boolean {
    if (this.fixed) return true
    if (this.#records === 0) this.#firstMs = nowMs
    if (this.#records === SAMPLE_RECORDS || nowMs - this.#firstMs >= SAMPLE_MS) {
      this.fix()
      return true
    }
    this.#records++
    for (const name in record) this.#names.add(name)
    return false
  }

  /** The clock moved without records. */
  tick(nowMs: number): void {
    if (this.#records > 0 && nowMs - this.#firstMs >= SAMPLE_MS) this.fix()
  }

  fix(): readonly Field[] {
    this.fixed ??= columnsOf(this.#names)
    return this.fixed
  }

  /** Counts fields of a record that have no column because they came too late. */
  check(record: NetRecord): void {
    if (this.#declared) return
    for (const name in record) if (!this.#names.has(name)) this.#tooLate(name)
  }

  #tooLate(name: string): void {
    this.#host.count('late_fields')
    if (this.#late.has(name) || this.#late.size >= REPORTED_FIELDS) return
    this.#late.add(name)
    this.#host.report({
      code: 'dump/late-field',
      message: `field "${name}" came after the columns were fixed, so its values are left out`,
      hint: 'name the columns with --fields, or write json',
    })
  }
}
