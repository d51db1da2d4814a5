// What is kept of open flows, some thousands of flows a piece.
import type { Field } from '../../fields/field.ts'
import type { Ending } from './flow-fields.ts'
import type { FlowLayout, Piece } from './flow-layout.ts'
import { FlowLists } from './flow-list.ts'
import { clearState, LAST, MARKS, PLAIN } from './flow-state.ts'
import type { Frame } from './frame.ts'
import { INSPECTED } from './inspect/inspect.ts'
import type { TcpTrack } from './tcp-track.ts'

const PIECE_BITS = 12
const PIECE = 1 << PIECE_BITS

export const OPEN = 0
export const CLOSED = 1

export class FlowStore {
  readonly lists = new FlowLists(2)
  /** Of flows whose sequence numbers are followed. */
  readonly tracks = new Map<number, TcpTrack>()
  readonly #layout: FlowLayout
  readonly #inspected: readonly Field[]
  readonly #pieces: Piece[] = []
  readonly #free: number[] = []
  #count = 0

  constructor(layout: FlowLayout, headers: readonly Field[]) {
    this.#layout = layout
    this.#inspected = headers.filter(({ name }) => INSPECTED.has(name))
  }

  /** The numbers among which those of a flow are, from `at` on. */
  numbers(id: number): Float64Array {
    return this.#piece(id).numbers
  }

  at(id: number): number {
    return (id & (PIECE - 1)) * this.#layout.stride
  }

  /** A flow that begins with this packet; its number, which is free again once it is closed. */
  open(frame: Frame, marks: number): number {
    const id = this.#free.pop() ?? this.#create()
    const piece = this.#piece(id)
    clearState(piece.numbers, this.at(id), frame.timeUs, marks)
    const { write, writePlain } = this.#layout
    if ((marks & PLAIN) !== 0) writePlain(frame, piece, id & (PIECE - 1))
    else write(frame, piece, id & (PIECE - 1))
    return id
  }

  /** Its last packet so far was at this time; it goes behind all others of the list. */
  touch(id: number, timeUs: number, list: number): void {
    this.numbers(id)[this.at(id) + LAST] = timeUs
    this.lists.append(id, list, timeUs)
  }

  /** Takes what the application says in this packet, where the flow does not have it yet. */
  inspect(id: number, frame: Frame): void {
    const found = frame.inspected
    if (!found) return
    const { numbers, values } = this.#piece(id)
    for (const field of this.#inspected) {
      const value = found[field.name]
      if (value === undefined) continue
      const place = this.#layout.placeOf(field, id & (PIECE - 1))
      if (field.type.lane === 'value') values[place] ??= value
      else if (Number.isNaN(numbers[place])) numbers[place] = Number(value)
    }
  }

  isPlain(id: number): boolean {
    return ((this.numbers(id)[this.at(id) + MARKS] as number) & PLAIN) !== 0
  }

  /** Copies the flow into a row of the columns (of plain ones, where it is plain), and forgets it. */
  close(id: number, ending: Ending, row: number): void {
    const read = this.isPlain(id) ? this.#layout.readPlain : this.#layout.read
    read(this.#piece(id), id & (PIECE - 1), ending, this.tracks.get(id), row)
    this.lists.remove(id)
    this.tracks.delete(id)
    this.#free.push(id)
  }

  #create(): number {
    const id = this.#count++
    if (id >> PIECE_BITS === this.#pieces.length) {
      this.#pieces.push(this.#layout.makePiece(PIECE))
      this.lists.reserve(this.#pieces.length * PIECE)
    }
    return id
  }

  #piece(id: number): Piece {
    return this.#pieces[id >> PIECE_BITS] as Piece
  }
}
