// Packets into flows, flows into rows. Time is that of the packets.
import type { Needs } from '../../contract/component.ts'
import type { Host } from '../../contract/host.ts'
import { type Batch, recordBatch } from '../../contract/record.ts'
import { type Column, makeColumn, type NumberColumn } from '../../fields/column.ts'
import { allFields } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'
import type { FrameBlock } from '../capture/block.ts'
import { Columns } from '../flow/columns.ts'
import { Forms } from '../flow/forms.ts'
import { OpenBatch } from '../flow/open-batch.ts'
import type { Plan } from '../flow/plan.ts'
import { FLOW_NUMBERS, NOT_OF_FLOWS, TRACKED } from './flow-fields.ts'
import { FlowKeys } from './flow-key.ts'
import { END_ACTIVE, END_CLOSED, END_FORCED, END_IDLE, END_RESOURCES, type FlowLifetimes } from './flow-lifetimes.ts'
import { CLOSED, copyCell, type Direction, FlowStore, OPEN, type OpenFlow } from './flow-store.ts'
import { type Frame, frameWriter, headersOf } from './frame.ts'
import { FrameReader, type FrameSource, type PacketOptions } from './frame-reader.ts'
import type { Headers } from './headers.ts'
import { INSPECTED } from './inspect/inspect.ts'
import { type PacketSink, wantedNames } from './packet-rows.ts'
import { TcpTrack } from './tcp-track.ts'

const TCP = 6
const FIN = 1
const RST = 4
const FORWARD = 1
const REVERSE = 2
const BOTH = 3
/** A packet may end the flow before it and another that makes room. */
const ROWS_PER_PACKET = 2

export class FlowRows implements PacketSink {
  readonly #reader: FrameReader
  readonly #lifetimes: FlowLifetimes
  readonly #inner: boolean
  readonly #host: Host
  readonly #keys: FlowKeys
  readonly #store: FlowStore
  readonly #open: OpenBatch
  readonly #plan: Plan
  readonly #factor: number
  /** Columns of the batch for the fields of the store, in its order. */
  readonly #headerColumns: readonly Column[]
  readonly #numbers: readonly (readonly [column: NumberColumn, field: string])[]
  /** Fields of applications are wanted. */
  readonly #inspects: boolean
  readonly #tracks: boolean
  #nowUs = 0

  constructor(options: PacketOptions, lifetimes: FlowLifetimes, host: Host, wanted: Needs) {
    this.#reader = new FrameReader(options, host)
    this.#lifetimes = lifetimes
    this.#inner = options.inner
    this.#host = host
    this.#factor = options.renormalize ? options.sampleRate : 1
    this.#keys = new FlowKeys(lifetimes.bidirectional)
    const columns = new Columns()
    const forms = new Forms(columns)
    this.#open = new OpenBatch(forms)
    const names = wantedNames(wanted)
    const fields = allFields().filter(field => names.has(field.name))
    const numbers = fields.filter(field => Object.hasOwn(FLOW_NUMBERS, field.name))
    const headers = fields.filter(field => isHeader(field, options))
    this.#store = new FlowStore(headers, options)
    this.#tracks = fields.some(field => TRACKED.has(field.name))
    this.#inspects = headers.some(field => INSPECTED.has(field.name))
    this.#headerColumns = headers.map(field => columns.of(field))
    this.#numbers = numbers.map(field => [columns.numbers(field.name), field.name])
    const ours = fields.filter(field => numbers.includes(field) || headers.includes(field))
    this.#plan = { form: forms.of(ours), columns: ours.map(field => columns.of(field)), steps: [], split: undefined }
  }

  *take(block: FrameBlock, source: FrameSource): Generator<Batch> {
    const reader = this.#reader
    for (let index = 0; index < block.count; index++) {
      if (!reader.read(block, index, source)) continue
      const { frame } = reader
      // Captures of several interfaces may be a little out of order; the clock does not go back.
      if (frame.timeUs > this.#nowUs) this.#nowUs = frame.timeUs
      if (this.#isDue()) yield* this.#expire()
      if (this.#open.room < ROWS_PER_PACKET) yield this.#open.close()
      this.#add(frame)
    }
    reader.count()
  }

  *flush(): Generator<Batch> {
    if (this.#open.count > 0) yield this.#open.close()
  }

  *tick(nowUs: number): Generator<Batch> {
    this.#nowUs = Math.max(this.#nowUs, nowUs)
    yield* this.#expire()
    if (this.#open.count > 0) yield this.#open.close()
    else yield recordBatch([], Math.floor(this.#nowUs / 1000))
  }

  *finish(): Generator<Batch> {
    for (const list of [CLOSED, OPEN]) {
      for (let id = this.#store.lists.first(list); id >= 0; id = this.#store.lists.first(list)) {
        if (this.#open.room < 1) yield this.#open.close()
        this.#end(this.#store.flow(id), list === CLOSED ? END_CLOSED : END_FORCED)
      }
    }
    yield* this.flush()
  }

  /** The flow of a list that is over first, when it is over now; or -1. */
  #due(list: number, afterUs: number): number {
    const id = this.#store.lists.first(list)
    return id >= 0 && this.#store.flow(id).lastUs + afterUs <= this.#nowUs ? id : -1
  }

  #isDue(): boolean {
    const { idleUs, closedUs } = this.#lifetimes
    return this.#due(OPEN, idleUs) >= 0 || this.#due(CLOSED, closedUs) >= 0
  }

  /** Flows without packets for long. */
  *#expire(): Generator<Batch> {
    const { idleUs, closedUs } = this.#lifetimes
    for (const [list, afterUs, reason] of [
      [CLOSED, closedUs, END_CLOSED],
      [OPEN, idleUs, END_IDLE],
    ] as const) {
      for (let id = this.#due(list, afterUs); id >= 0; id = this.#due(list, afterUs)) {
        if (this.#open.room < 1) yield this.#open.close()
        this.#end(this.#store.flow(id), reason)
      }
    }
  }

  /** Ends up to ROWS_PER_PACKET flows on the way. */
  #add(frame: Frame): void {
    const headers = headersOf(frame, this.#inner)
    if (headers.family === 0) {
      this.#host.count('packets-dropped/no-flow')
      return
    }
    let id = this.#keys.find(headers, frame.ifaceIn)
    if (id >= 0 && this.#store.flow(id).startUs + this.#lifetimes.activeUs <= frame.timeUs) {
      this.#end(this.#store.flow(id), END_ACTIVE)
      id = this.#keys.find(headers, frame.ifaceIn)
    }
    if (id < 0 && this.#keys.size >= this.#lifetimes.limit) {
      this.#makeRoom()
      id = this.#keys.find(headers, frame.ifaceIn)
    }
    const { isSwapped } = this.#keys
    const flow = id < 0 ? this.#begin(frame, headers, isSwapped) : this.#store.flow(id)
    if (id >= 0) this.#store.lists.remove(flow.id)
    const isReverse = flow.isSwapped !== isSwapped
    countPacket(isReverse ? flow.reverse : flow.forward, frame, headers)
    flow.lastUs = frame.timeUs
    if (this.#inspects && id >= 0) this.#store.inspect(flow, frame)
    if (this.#tracks && flow.isTcp) {
      flow.track ??= new TcpTrack()
      flow.track.see(frame, headers, isReverse)
    }
    if (flow.isTcp) this.#follow(flow, headers.tcpFlags, isReverse)
    this.#store.lists.append(flow.id, flow.finished === BOTH ? CLOSED : OPEN)
  }

  #begin(frame: Frame, headers: Headers, isSwapped: boolean): OpenFlow {
    const key = this.#keys.add(this.#store.nextId)
    const flow = this.#store.open(frame, key)
    flow.isSwapped = isSwapped
    flow.isTcp = headers.protocol === TCP
    return flow
  }

  /** A reset ends both directions, a FIN its own; a flow of one direction ends with its own. */
  #follow(flow: OpenFlow, flags: number, isReverse: boolean): void {
    if ((flags & RST) !== 0) flow.finished = BOTH
    else if ((flags & FIN) !== 0) {
      flow.finished |= this.#lifetimes.bidirectional ? (isReverse ? REVERSE : FORWARD) : BOTH
    }
  }

  #makeRoom(): void {
    const { lists } = this.#store
    const id = lists.first(CLOSED) >= 0 ? lists.first(CLOSED) : lists.first(OPEN)
    this.#host.count('flows-ended-early')
    this.#end(this.#store.flow(id), END_RESOURCES)
  }

  /** Writes the flow; the batch has room. */
  #end(flow: OpenFlow, reason: number): void {
    const open = this.#open
    open.accept(this.#plan)
    const at = open.count
    const ending = { reason, nowUs: this.#nowUs, factor: this.#factor }
    const [columns, row] = this.#store.headers(flow)
    for (let index = 0; index < columns.length; index++) {
      copyCell(columns[index] as Column, row, this.#headerColumns[index] as Column, at)
    }
    for (const [column, field] of this.#numbers) column.numbers[at] = FLOW_NUMBERS[field]?.(flow, ending) ?? Number.NaN
    open.add(1, this.#nowUs)
    this.#store.lists.remove(flow.id)
    this.#keys.remove(flow.key)
    this.#store.close(flow)
  }
}

function countPacket(direction: Direction, frame: Frame, headers: Headers): void {
  if (direction.packets === 0) direction.startUs = frame.timeUs
  direction.endUs = frame.timeUs
  direction.packets++
  direction.bytes += frame.bytes
  if (headers.tcpFlags > 0) direction.tcpFlags |= headers.tcpFlags
}

/** Whether a field of the flow is one of its first packet. */
function isHeader(field: Field, options: PacketOptions): boolean {
  if (Object.hasOwn(FLOW_NUMBERS, field.name) || NOT_OF_FLOWS.has(field.name)) return false
  return frameWriter(field.name, makeColumn(field, 1), options) !== undefined
}
