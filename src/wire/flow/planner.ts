// What makers work with: the template's fields by element, the columns, the steps made so far.
import type { AddressColumn, NumberColumn, ValueColumn } from '../../fields/column.ts'
import { allFields, elementOf, fieldsOfElement, knownField } from '../../fields/dictionary.ts'
import { REVERSE_PEN } from '../../fields/element.ts'
import type { Element, Field } from '../../fields/field.ts'
import type { Step } from './block.ts'
import type { Columns } from './columns.ts'
import { isEvent } from './events.ts'
import type { Layout, Place } from './layout.ts'
import { IPFIX } from './message.ts'
import type { FlowDecoderOptions } from './options.ts'
import type { Template } from './template.ts'

/** A field of the template that an element of a row matches. */
export interface Source {
  readonly element: Element
  readonly index: number
  readonly place: Place
}

/** Adds the steps that fill a field; false when this template and environment give it no values. */
export type Maker = (planner: Planner, field: Field) => boolean

export interface Makers {
  readonly special: { readonly [name: string]: Maker }
  readonly ordinary: Maker
  /** For what the others did not make. */
  readonly last: Maker
}

/** Of a network or transport header; a record has one of each, unless it describes a packet in a packet. */
const HEADER_ELEMENTS = [4, 5, 6, 7, 11, 31, 8, 12, 27, 28]

const key = (pen: number, id: number): string => `${pen}/${id}`

export class Planner {
  readonly template: Template
  readonly environment: number
  readonly options: FlowDecoderOptions
  readonly columns: Columns
  readonly steps: Step[] = []
  /** Indexes of the template's fields that some step reads. */
  readonly used = new Set<number>()
  readonly count: (name: string, by: number) => void
  readonly #makers: Makers
  readonly #made = new Map<string, boolean>()
  readonly #indexes = new Map<string, number[]>()
  #added: (Source & { field: Field })[] | undefined
  /** True when the template has the fields of two headers, one in the other: then some element stands twice. */
  readonly twoHeaders: boolean

  constructor(
    template: Template,
    environment: number,
    options: FlowDecoderOptions,
    columns: Columns,
    makers: Makers,
    count: (name: string, by: number) => void,
  ) {
    this.count = count
    this.template = template
    this.environment = environment
    this.options = options
    this.columns = columns
    this.#makers = makers
    template.fields.forEach(({ pen, id, length }, index) => {
      if (length === 0) return // nothing to read
      const indexes = this.#indexes.get(key(pen, id))
      if (indexes) indexes.push(index)
      else this.#indexes.set(key(pen, id), [index])
    })
    this.twoHeaders = HEADER_ELEMENTS.some(id => (this.#indexes.get(key(0, id))?.length ?? 0) > 1)
  }

  get ipfix(): boolean {
    return this.template.version === IPFIX
  }
  get isEvent(): boolean {
    return isEvent(this)
  }
  /** RFC 5103: some field is of the reverse direction; initiator and responder count too. */
  get hasReverse(): boolean {
    return this.template.fields.some(({ pen, id }) => pen === REVERSE_PEN || (pen === 0 && (id === 232 || id === 299)))
  }
  knows(bits: number): boolean {
    return (this.environment & bits) !== 0
  }

  /** Makes the steps of a field once; false when it has no values here. */
  make(field: Field): boolean {
    const made = this.#made.get(field.name)
    if (made !== undefined) return made
    this.#made.set(field.name, false) // a field that needs itself has nothing
    const maker = this.#makers.special[field.name] ?? this.#makers.ordinary
    const result = maker(this, field) || this.#makers.last(this, field)
    this.#made.set(field.name, result)
    return result
  }

  /** Fields that have values here, so far. */
  get madeFields(): Field[] {
    return [...this.#made].flatMap(([name, made]) => (made ? [knownField(name) as Field] : []))
  }

  /** The column of another field, filled by the steps before; undefined when it has no values here. */
  numbers(name: string): NumberColumn | undefined {
    const field = knownField(name)
    return field && this.make(field) ? (this.columns.of(field) as NumberColumn) : undefined
  }
  addresses(name: string): AddressColumn | undefined {
    return this.make(knownField(name) as Field) ? this.columns.addresses(name) : undefined
  }
  values(name: string): ValueColumn | undefined {
    return this.make(knownField(name) as Field) ? this.columns.values(name) : undefined
  }

  has(id: number, pen = 0): boolean {
    return this.#indexes.has(key(pen, id))
  }
  /** Where an element stands; using it makes it known. */
  place(id: number, pen = 0, occurrence = 0): Place | undefined {
    const index = this.#indexes.get(key(pen, id))?.[occurrence]
    if (index === undefined) return undefined
    this.used.add(index)
    return this.#place(index)
  }
  placeAt(index: number): Place {
    return this.#place(index)
  }

  /** The template's fields for a row, in the row's order of preference; nothing is marked as used. */
  sources(field: Field): Source[] {
    if (this.twoHeaders) {
      if (field.inner !== undefined) return this.#header(field, false)
      const [outer] = outerFields(field.name)
      if (outer) return this.#header(outer, true)
    }
    return [...this.#userDefined(field), ...this.#first(field.elements ?? [])]
  }

  /** Elements that the user added to a field of the dictionary: they go before the field's own. */
  #userDefined(field: Field): Source[] {
    this.#added ??= this.template.fields.flatMap(({ pen, id, length }, index) =>
      length === 0
        ? []
        : fieldsOfElement(pen, id)
            .filter(known => !elementOf(known, pen, id))
            .map(known => ({ field: known, element: { id, pen }, index, place: this.#place(index) })),
    )
    return this.#added.filter(added => added.field === field)
  }

  /** The outer header stands first. It is the record's own, and the inner one the tunnel's; nfacctd has it the other way round. */
  #header({ elements = [], type }: Field, second: boolean): Source[] {
    const [mine, other] = second === (this.options.compat !== 'pmacct') ? [1, 0] : [0, 1]
    // The two headers may be of different families, so addresses are told apart by where they stand.
    const lists = type.lane === 'address' ? [elements] : elements.map(element => [element])
    for (const list of lists) {
      const sources = this.#all(list)
      const source = sources[mine]
      if (source && sources[other]) return [source]
      if (sources[0] && !second) return [sources[0]]
    }
    return []
  }

  #first(elements: readonly Element[]): Source[] {
    const sources: Source[] = []
    for (const element of elements) {
      const index = this.#indexes.get(key(element.pen, element.id))?.[0]
      if (index !== undefined) sources.push({ element, index, place: this.#place(index) })
    }
    return sources
  }

  /** Every occurrence of these elements, in the template's order. */
  #all(elements: readonly Element[]): Source[] {
    return elements
      .flatMap(element =>
        (this.#indexes.get(key(element.pen, element.id)) ?? []).map(index => ({
          element,
          index,
          place: this.#place(index),
        })),
      )
      .sort((a, b) => a.index - b.index)
  }

  #place(index: number): Place {
    return (this.template.layout as Layout).places[index] as Place
  }
}

/** Rows whose second occurrence goes to the field of this name. */
function outerFields(name: string): Field[] {
  return allFields().filter(field => field.inner === name)
}
