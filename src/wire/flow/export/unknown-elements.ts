// Elements that no row of the dictionary has go on as the octets that they came as: {"pen/element": "hex"}.
import type { Value } from '../../../contract/record.ts'
import type { Column } from '../../../fields/column.ts'
import { fieldOf } from '../../../fields/dictionary.ts'
import type { Field } from '../../../fields/field.ts'
import { IPFIX } from '../message.ts'
import { ABSENT_KIND, type ExportElement, type ExportField, UNSAYABLE } from './elements.ts'

/** Lists of elements with their lengths; more cannot be said. */
const LAYOUTS = 4096
const LARGEST_ID = 0x7fff
const LONGEST = 60_000
/** Times by the exporter's clock, which is another one in a message of ours; in IPFIX they need IE 160. */
const UPTIMES: ReadonlySet<number> = new Set([21, 22])

type Layout = readonly (ExportElement & { readonly name: string })[]

export class UnknownElements implements ExportField {
  readonly field: Field = fieldOf('unknown')
  readonly #version: number
  readonly #kinds = new Map<string, number>()
  readonly #layouts: Layout[] = []

  constructor(version: number) {
    this.#version = version
  }

  readonly kind = (column: Column, row: number): number => {
    const value = column.lane === 'value' ? column.values[row] : undefined
    if (value === undefined) return ABSENT_KIND
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return UNSAYABLE
    let key = ''
    for (const name in value) {
      const hex = (value as { readonly [name: string]: Value })[name]
      if (typeof hex !== 'string' || !/^(?:[0-9a-f]{2})*$/.test(hex)) return UNSAYABLE
      if (hex !== '') key += `${name} ${hex.length / 2} `
    }
    if (key === '') return ABSENT_KIND
    return this.#kinds.get(key) ?? this.#add(key)
  }

  #add(key: string): number {
    const words = key.trim().split(' ')
    const layout: (ExportElement & { name: string })[] = []
    for (let at = 0; at < words.length; at += 2) {
      const [name = '', octets = ''] = words.slice(at, at + 2)
      const [, pen = '', id = ''] = /^(\d{1,10})\/(\d{1,5})$/.exec(name) ?? []
      const element = { name, id: Number(id), pen: Number(pen), octets: Number(octets) }
      const isSayable =
        this.#version === IPFIX
          ? element.id <= LARGEST_ID && element.pen < 2 ** 32
          : element.pen === 0 && element.id <= 0xffff
      if (id === '' || !isSayable || (element.pen === 0 && UPTIMES.has(element.id)) || element.octets > LONGEST)
        return UNSAYABLE
      layout.push(element)
    }
    if (this.#layouts.length >= LAYOUTS) return UNSAYABLE
    const kind = this.#layouts.push(layout)
    this.#kinds.set(key, kind)
    return kind
  }

  readonly elements = (kind: number): readonly ExportElement[] => this.#layouts[kind - 1] as Layout

  readonly write = (column: Column, row: number, kind: number, view: DataView, at: number): number => {
    const value = (column.lane === 'value' ? column.values[row] : {}) as { readonly [name: string]: string }
    for (const { name } of this.#layouts[kind - 1] as Layout) {
      const octets = Buffer.from(value[name] as string, 'hex')
      new Uint8Array(view.buffer, view.byteOffset).set(octets, at)
      at += octets.length
    }
    return at
  }
}
