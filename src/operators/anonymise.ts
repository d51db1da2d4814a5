// Replaces addresses by others, prefix-preserving and the same for the same key, so that records can be given away.
import type { Needs, Operator } from '../contract/component.ts'
import type { Host } from '../contract/host.ts'
import { reading } from '../contract/needs.ts'
import { type Batch, type NetRecord, recordBatch, type Stream, type Value } from '../contract/record.ts'
import { ColumnBatch, type Form } from '../fields/batch.ts'
import { type Column, IPV4, IPV6, type NumberColumn, ODD, ODD_ADDRESS } from '../fields/column.ts'
import { knownField } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'
import { dotted, ipv6Text, macText, parseDotted, parseIpv6, parseMac } from '../octets/address.ts'
import { Mapping, type MappingOptions, masked } from './anonymise/mapping.ts'

export interface AnonymiseOptions extends MappingOptions {
  /** Fields that stay as they are. */
  readonly except: ReadonlySet<string>
  /** Fields that are taken out. */
  readonly remove: ReadonlySet<string>
}

/** Networks whose length stands in another field: their bits beyond it stay zero. */
const LENGTHS: { readonly [network: string]: string } = { net_src: 'mask_src', net_dst: 'mask_dst' }
const WHOLE = 128

class Anonymiser {
  readonly #options: AnonymiseOptions
  readonly #mapping: Mapping
  readonly #forms = new WeakMap<Form, Form>()

  constructor(options: AnonymiseOptions) {
    this.#options = options
    this.#mapping = new Mapping(options)
  }

  batch(batch: Batch): Batch {
    if (!(batch instanceof ColumnBatch)) {
      return recordBatch(
        batch.records.map(record => this.#record(record)),
        batch.now,
      )
    }
    const form = this.#formOf(batch.form)
    const columns = form.fields.map(field => this.#column(field, batch))
    return new ColumnBatch(form, columns, batch.rows, batch.count, batch.now)
  }

  /** The form without what is taken out; one object a form, as the writers of batches expect. */
  #formOf(form: Form): Form {
    const { remove } = this.#options
    if (remove.size === 0) return form
    let less = this.#forms.get(form)
    if (!less) {
      less = { fields: form.fields.filter(({ name }) => !remove.has(name)) }
      this.#forms.set(form, less)
    }
    return less
  }

  #column(field: Field, batch: ColumnBatch): Column {
    const columnOf = (name: string) => batch.columns[batch.form.fields.findIndex(known => known.name === name)]
    const column = columnOf(field.name) as Column
    if (this.#options.except.has(field.name)) return column
    if (column.lane === 'value') {
      const values = [...column.values]
      for (let index = 0; index < batch.count; index++) {
        const row = batch.rows[index] as number
        const value = values[row]
        if (value !== undefined) values[row] = this.#mapping.value(value)
      }
      return { lane: 'value', values }
    }
    if (column.lane === 'number') return field.type.name === 'mac' ? this.#macs(column, batch) : column
    const lengths = columnOf(LENGTHS[field.name] ?? '')
    return this.#addresses(column, batch, lengths?.lane === 'number' ? lengths : undefined)
  }

  #addresses(
    column: Extract<Column, { lane: 'address' }>,
    { rows, count }: ColumnBatch,
    lengths: NumberColumn | undefined,
  ): Column {
    const words = column.words.slice()
    const other = new Map<number, Value>()
    for (let index = 0; index < count; index++) {
      const row = rows[index] as number
      const at = 4 * row
      const length = lengths?.numbers[row] ?? WHOLE
      if (column.family[row] === IPV4) {
        const [word] = masked([this.#mapping.ipv4(words[at] as number), 0, 0, 0], length >= 0 ? length : WHOLE)
        words[at] = word
      } else if (column.family[row] === IPV6) {
        const [a, b, c, d] = words.subarray(at, at + 4) as unknown as [number, number, number, number]
        words.set(masked(this.#mapping.ipv6(a, b, c, d), length >= 0 ? length : WHOLE), at)
      } else if (column.family[row] === ODD_ADDRESS) {
        other.set(row, this.#mapping.value(column.other.get(row) as Value))
      }
    }
    return { lane: 'address', words, family: column.family, other }
  }

  #macs(column: NumberColumn, { rows, count }: ColumnBatch): Column {
    if (this.#options.macs === 'keep') return column
    const numbers = column.numbers.slice()
    for (let index = 0; index < count; index++) {
      const row = rows[index] as number
      const number = numbers[row] as number
      if (number >= 0 && number !== ODD) numbers[row] = this.#mapping.mac(number)
    }
    return { lane: 'number', numbers, other: column.other }
  }

  #record(record: NetRecord): NetRecord {
    const { except, remove } = this.#options
    const out: NetRecord = {}
    for (const [name, value] of Object.entries(record)) {
      if (remove.has(name)) continue
      out[name] = except.has(name) ? value : this.#valueOf(name, value, record)
    }
    return out
  }

  #valueOf(name: string, value: Value, record: NetRecord): Value {
    const field = knownField(name)
    if (field?.type.name === 'mac' && typeof value === 'string') {
      const address = parseMac(value)
      return this.#options.macs === 'keep' || Number.isNaN(address) ? value : macText(this.#mapping.mac(address))
    }
    const length = record[LENGTHS[name] ?? '']
    if (typeof length !== 'number' || typeof value !== 'string') return this.#mapping.value(value)
    return this.#network(value, length)
  }

  #network(text: string, length: number): Value {
    const address = parseDotted(text)
    if (address >= 0) return dotted(masked([this.#mapping.ipv4(address), 0, 0, 0], length)[0])
    const words = new Uint32Array(4)
    if (!parseIpv6(text, words, 0)) return this.#mapping.value(text)
    const [a, b, c, d] = words as unknown as [number, number, number, number]
    return ipv6Text(...masked(this.#mapping.ipv6(a, b, c, d), length))
  }
}

/** Lengths are read where networks are wanted. */
function needs(_options: AnonymiseOptions, wanted: Needs): Needs {
  return reading(
    wanted.fields.flatMap(name => LENGTHS[name] ?? []),
    wanted,
  )
}

export async function* anonymise(input: Stream, options: AnonymiseOptions, _host: Host): Stream {
  const anonymiser = new Anonymiser(options)
  for await (const batch of input) yield batch.count === 0 ? batch : anonymiser.batch(batch)
}

export const anonymiseOperator: Operator<AnonymiseOptions> = { needs, apply: anonymise }
