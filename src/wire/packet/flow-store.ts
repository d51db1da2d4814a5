// What is kept of open flows: counters, times, and the headers of the first packet in columns, some thousands of flows a piece.
import { type Column, makeColumn } from '../../fields/column.ts'
import type { Field } from '../../fields/field.ts'
import { FlowLists } from './flow-list.ts'
import { type Frame, type FrameOptions, type FrameWriter, frameWriter } from './frame.ts'
import type { TcpTrack } from './tcp-track.ts'

const PIECE_BITS = 12
const PIECE = 1 << PIECE_BITS

interface Piece {
  readonly columns: readonly Column[]
  readonly writers: readonly FrameWriter[]
}

/** Of one direction. */
export class Direction {
  packets = 0
  bytes = 0
  tcpFlags = 0
  startUs = Number.NaN
  endUs = Number.NaN

  clear(): void {
    this.packets = this.bytes = this.tcpFlags = 0
    this.startUs = this.endUs = Number.NaN
  }
}

export class OpenFlow {
  readonly id: number
  key: Float64Array
  startUs = 0
  lastUs = 0
  /** The first packet came from the end that stands second in the key. */
  isSwapped = false
  isTcp = false
  /** Which directions were finished: 1 forward, 2 reverse; 3 = closed. */
  finished = 0
  /** Where fields of it are wanted. */
  track: TcpTrack | undefined
  readonly forward = new Direction()
  readonly reverse = new Direction()

  constructor(id: number, key: Float64Array) {
    this.id = id
    this.key = key
  }
}

export const OPEN = 0
export const CLOSED = 1

export class FlowStore {
  readonly fields: readonly Field[]
  readonly lists = new FlowLists(2)
  readonly #options: FrameOptions
  readonly #pieces: Piece[] = []
  readonly #flows: OpenFlow[] = []
  readonly #free: OpenFlow[] = []

  constructor(fields: readonly Field[], options: FrameOptions) {
    this.fields = fields
    this.#options = options
  }

  flow(id: number): OpenFlow {
    return this.#flows[id] as OpenFlow
  }

  /** The id that the next flow will have. */
  get nextId(): number {
    return this.#free.at(-1)?.id ?? this.#flows.length
  }

  /** A flow that begins with this packet. */
  open(frame: Frame, key: Float64Array): OpenFlow {
    const flow = this.#free.pop() ?? this.#create()
    flow.key = key
    flow.forward.clear()
    flow.reverse.clear()
    flow.finished = 0
    flow.track = undefined
    flow.startUs = frame.timeUs
    for (const write of this.#piece(flow.id).writers) write(frame, flow.id & (PIECE - 1))
    return flow
  }

  /** Takes what the application says in this packet, where the flow does not have it yet. */
  inspect(flow: OpenFlow, frame: Frame): void {
    const found = frame.inspected
    if (!found) return
    const [columns, row] = this.headers(flow)
    for (let index = 0; index < columns.length; index++) {
      const value = found[this.fields[index]?.name as string]
      const column = columns[index] as Column
      if (value === undefined || !isAbsent(column, row)) continue
      if (column.lane === 'number') column.numbers[row] = Number(value)
      else if (column.lane === 'value') column.values[row] = value
    }
  }

  close(flow: OpenFlow): void {
    this.#free.push(flow)
  }

  /** The columns that hold a flow's first headers, and its row in them. */
  headers(flow: OpenFlow): readonly [columns: readonly Column[], row: number] {
    return [this.#piece(flow.id).columns, flow.id & (PIECE - 1)]
  }

  #create(): OpenFlow {
    const flow = new OpenFlow(this.#flows.length, new Float64Array(0))
    this.#flows.push(flow)
    if (flow.id >> PIECE_BITS === this.#pieces.length) this.#addPiece()
    return flow
  }

  #piece(id: number): Piece {
    return this.#pieces[id >> PIECE_BITS] as Piece
  }

  #addPiece(): void {
    const columns = this.fields.map(field => makeColumn(field, PIECE))
    const writers = this.fields.map((field, index) =>
      frameWriter(field.name, columns[index] as Column, this.#options),
    ) as FrameWriter[]
    this.#pieces.push({ columns, writers })
    this.lists.grow(this.#pieces.length * PIECE)
  }
}

/** Copies one cell; the columns are of one field. */
export function copyCell(from: Column, row: number, to: Column, at: number): void {
  if (from.lane === 'number' && to.lane === 'number') to.numbers[at] = from.numbers[row] as number
  else if (from.lane === 'value' && to.lane === 'value') to.values[at] = from.values[row]
  else if (from.lane === 'address' && to.lane === 'address') {
    to.family[at] = from.family[row] as number
    for (let word = 0; word < 4; word++) to.words[4 * at + word] = from.words[4 * row + word] as number
  }
}

function isAbsent(column: Column, row: number): boolean {
  if (column.lane === 'number') return Number.isNaN(column.numbers[row])
  return column.lane === 'value' ? column.values[row] === undefined : column.family[row] === 0
}
