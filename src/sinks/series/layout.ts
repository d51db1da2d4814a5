// Which fields of the records are tags, which are values, and which say the time.
import type { NetRecord } from '../../contract/record.ts'
import { fieldOf } from '../../fields/dictionary.ts'
import type { Field, Role } from '../../fields/field.ts'
import { type Picker, picker } from '../../fields/picker.ts'
import { tableColumn } from '../table-column.ts'
import { isMerged } from './merge.ts'
import type { SeriesOptions, TagStyle } from './options.ts'
import { fieldTag, fixedTag, type Tag } from './tag-column.ts'

/** How a number is kept: `whole` exactly, `real` as a double, `any` as it comes. */
export type ValueKind = 'whole' | 'real' | 'any'

export interface SeriesValue {
  readonly name: string
  readonly role: Role
  readonly kind: ValueKind
  readonly field: Field
}

/** More means that something invents fields. */
const MOST_FIELDS = 200

const roleOf = (field: Field): Role => tableColumn(field)?.role ?? field.role

/** Counts that aggregate makes are whole; the least and greatest of a field are as the field. */
function kindOf(field: Field): ValueKind {
  const { name } = field.type
  if (name === 'unsigned' || name === 'counter') return 'whole'
  if (name === 'real' || name === 'time') return 'real'
  if (name !== 'any') return 'any'
  if (field.name === 'records' || field.name.endsWith('_distinct')) return 'whole'
  const base = /^(.+)_(?:min|max)$/.exec(field.name)?.[1]
  return base === undefined ? 'any' : kindOf(fieldOf(base))
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0

export class SeriesLayout {
  readonly #options: SeriesOptions
  readonly #style: TagStyle
  readonly #seen = new Set<string>()
  #tagFields: Field[]
  #values: SeriesValue[]
  #tags: Tag[] = []
  #picker: Picker | undefined
  /** Fields of more than MOST_FIELDS, which are left out. */
  refused = 0

  constructor(options: SeriesOptions, style: TagStyle) {
    this.#options = options
    this.#style = style
    this.#tagFields = [...(options.tags ?? [])]
    this.#values = (options.values ?? []).map(seriesValue)
  }

  /** Whether every field is named, so that none has to be looked for. */
  get isNamed(): boolean {
    return this.#options.tags !== undefined && this.#options.values !== undefined
  }

  get values(): readonly SeriesValue[] {
    return this.#values
  }

  /** Whether two records of one point can always become one. */
  get merges(): boolean {
    return this.#values.every(({ role }) => isMerged(role))
  }

  /** In the order of their names; valid for columns that `pick` gave. */
  get tags(): readonly Tag[] {
    return this.#tags
  }

  /** Columns: times, then values, then tags. */
  get pick(): Picker {
    this.#picker ??= this.#makePicker()
    return this.#picker
  }

  #makePicker(): Picker {
    const { times, fixed } = this.#options
    const before = [...times, ...this.#values.map(({ field }) => field)]
    const tags = this.#tagFields.map((field, index) => fieldTag(field, before.length + index, this.#style))
    const taken = new Set(tags.map(({ name }) => name))
    const others = fixed.map(([name, text]) => fixedTag(name, text, this.#style)).filter(({ name }) => !taken.has(name))
    this.#tags = [...tags, ...others].sort(byName)
    return picker([...before, ...this.#tagFields])
  }

  /** Takes in the fields of records, where not all are named. */
  learn(records: readonly NetRecord[]): void {
    if (this.isNamed) return
    for (const record of records) for (const name in record) if (!this.#seen.has(name)) this.#learn(name)
  }

  #learn(name: string): void {
    if (this.#seen.size >= MOST_FIELDS) {
      this.refused++
      return
    }
    this.#seen.add(name)
    const field = fieldOf(name)
    if (field.name !== name || field.type.name === 'time') return
    const { tags, values } = this.#options
    const isValue = roleOf(field) !== 'key'
    if (isValue && values === undefined) this.#values.push(seriesValue(field))
    else if (!isValue && tags === undefined && !values?.includes(field)) this.#tagFields.push(field)
    this.#picker = undefined
  }
}

const seriesValue = (field: Field): SeriesValue => ({
  name: field.name,
  role: roleOf(field),
  kind: kindOf(field),
  field,
})
