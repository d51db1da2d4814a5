// Where the fields of an open flow stand in memory, and the functions that write and read them there: generated for the fields at
// hand. All of a flow lies together, so that beginning and ending it touches few lines of memory.
import type { Column } from '../../fields/column.ts'
import type { Field } from '../../fields/field.ts'
import { type Ending, FLOW_NUMBERS } from './flow-fields.ts'
import { STATE_NUMBERS } from './flow-state.ts'
import type { Frame } from './frame.ts'
import { type Destination, type FrameOptions, frameSource } from './frame-fields.ts'
import { isPlainField } from './parts.ts'
import type { TcpTrack } from './tcp-track.ts'

/** Some thousands of flows. */
export interface Piece {
  /** A flow's state, then its numbers. */
  readonly numbers: Float64Array
  readonly words: Uint32Array
  readonly families: Uint8Array
  readonly values: unknown[]
}

/** Puts what the first packet says into the place `row` of a piece. */
export type WriteFlow = (frame: Frame, piece: Piece, row: number) => void
/** Copies a flow into row `to` of the columns. */
export type ReadFlow = (piece: Piece, row: number, ending: Ending, track: TcpTrack | undefined, to: number) => void

export class FlowLayout {
  /** Numbers of a flow, its state included. */
  readonly stride: number
  readonly write: WriteFlow
  readonly read: ReadFlow
  /** The same for flows whose first packet is plain; what it cannot have is not touched. */
  readonly writePlain: WriteFlow
  readonly readPlain: ReadFlow
  readonly #places: ReadonlyMap<string, number>
  readonly #counts = { number: 0, address: 0, value: 0 }

  /** `headers` are fields of the first packet, `counted` those of FLOW_NUMBERS; `columnOf` is where they end. */
  constructor(
    headers: readonly Field[],
    counted: readonly Field[],
    options: FrameOptions,
    columnOf: (field: Field) => Column,
  ) {
    this.#places = new Map(headers.map(field => [field.name, this.#counts[field.type.lane]++]))
    this.stride = STATE_NUMBERS + this.#counts.number
    const plain = headers.filter(({ name }) => isPlainField(name))
    this.write = this.#makeWrite(headers, options)
    this.read = this.#makeRead(headers, counted, columnOf)
    this.writePlain = this.#makeWrite(plain, options)
    this.readPlain = this.#makeRead(plain, counted, columnOf)
  }

  makePiece(flows: number): Piece {
    const { address, value } = this.#counts
    return {
      numbers: new Float64Array(flows * this.stride),
      words: new Uint32Array(4 * flows * address),
      families: new Uint8Array(flows * address),
      values: new Array<unknown>(flows * value).fill(undefined),
    }
  }

  /** The place of a field of the lane `value` or `number` in a piece's array. */
  placeOf(field: Field, row: number): number {
    const place = this.#places.get(field.name) as number
    return field.type.lane === 'number' ? row * this.stride + STATE_NUMBERS + place : row * this.#counts.value + place
  }

  #destination(field: Field): Destination {
    const place = this.#places.get(field.name) as number
    if (field.type.lane === 'number') return { into: `s[at + ${STATE_NUMBERS + place}]` }
    if (field.type.lane === 'value') return { into: `values[row * ${this.#counts.value} + ${place}]` }
    const address = `row * ${this.#counts.address} + ${place}`
    return { into: `families[${address}]`, words: 'words', at: `4 * (${address})` }
  }

  #makeWrite(headers: readonly Field[], options: FrameOptions): WriteFlow {
    const { text, readers } = frameSource(headers, options, field => this.#destination(field))
    const body = `'use strict'; return (frame, piece, row) => { const { numbers: s, words, families, values } = piece, at = row * ${this.stride};
    ${text} }`
    return new Function('readers', body)(readers) as WriteFlow
  }

  #makeRead(headers: readonly Field[], counted: readonly Field[], columnOf: (field: Field) => Column): ReadFlow {
    const columns = [...headers, ...counted].map(columnOf)
    const copies = headers.map((field, index) => {
      const { into, at } = this.#destination(field)
      if (field.type.lane === 'number') return `c${index}.numbers[to] = ${into}`
      if (field.type.lane === 'value') return `c${index}.values[to] = ${into}`
      const words = [0, 1, 2, 3].map(word => `c${index}.words[4 * to + ${word}] = words[${at} + ${word}]`)
      return `c${index}.family[to] = ${into}; ${words.join('; ')}`
    })
    const numbers = counted.map(
      ({ name }, index) => `c${headers.length + index}.numbers[to] = ${FLOW_NUMBERS[name] as string}`,
    )
    const names = columns.map((_, index) => `c${index}`)
    const body = `'use strict'; const [${names.join(', ')}] = columns;
    return (piece, row, ending, track, to) => { const { numbers: s, words, families, values } = piece, at = row * ${this.stride};
    ${[...copies, ...numbers].join(';\n')} }`
    return new Function('columns', body)(columns) as ReadFlow
  }
}
