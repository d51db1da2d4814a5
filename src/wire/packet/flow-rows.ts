// Packets into flows, flows into rows. Time is that of the packets.
import type { Needs } from '../../contract/component.ts'
import type { Host } from '../../contract/host.ts'
import { type Batch, recordBatch } from '../../contract/record.ts'
import { allFields } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'
import type { FrameBlock } from '../capture/block.ts'
import { Columns } from '../flow/columns.ts'
import { Forms } from '../flow/forms.ts'
import { OpenBatch } from '../flow/open-batch.ts'
import type { Plan } from '../flow/plan.ts'
import { type Ending, FLOW_NUMBERS, NOT_OF_FLOWS, TRACKED } from './flow-fields.ts'
import { FlowKeys } from './flow-key.ts'
import { FlowLayout } from './flow-layout.ts'
import { END_ACTIVE, END_CLOSED, END_FORCED, END_IDLE, END_RESOURCES, type FlowLifetimes } from './flow-lifetimes.ts'
import {
  countPacket,
  DONE,
  FORWARD,
  FORWARD_DONE,
  IS_TCP,
  MARKS,
  PLAIN,
  REVERSE,
  REVERSE_DONE,
  START,
  SWAPPED,
} from './flow-state.ts'
import { CLOSED, FlowStore, OPEN } from './flow-store.ts'
import { type Frame, headersOf } from './frame.ts'
import { isFrameField } from './frame-fields.ts'
import { FrameReader, type FrameSource, type PacketOptions, rateOf } from './frame-reader.ts'
import type { Headers } from './headers.ts'
import { INSPECTED } from './inspect/inspect.ts'
import { type PacketSink, wantedNames } from './packet-rows.ts'
import { isPlainField } from './parts.ts'
import { TcpTrack } from './tcp-track.ts'

const TCP = 6
const FIN = 1
const RST = 4
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
  readonly #full: Plan
  /** Of flows whose first packet is in no tunnel. */
  readonly #plain: Plan
  /** Fields of applications are wanted. */
  readonly #inspects: boolean
  readonly #tracks: boolean
  readonly #ending: Ending
  #withoutFlow = 0
  #nowUs = 0

  constructor(options: PacketOptions, lifetimes: FlowLifetimes, host: Host, wanted: Needs) {
    this.#reader = new FrameReader(options, host)
    this.#lifetimes = lifetimes
    this.#inner = options.inner
    this.#host = host
    this.#ending = { reason: 0, nowUs: Number.NaN, factor: options.renormalize ? rateOf(options) : 1 }
    this.#keys = new FlowKeys(lifetimes.bidirectional)
    const columns = new Columns()
    const forms = new Forms(columns)
    this.#open = new OpenBatch(forms)
    const names = wantedNames(wanted)
    const fields = allFields().filter(field => names.has(field.name))
    const counted = fields.filter(isCounted)
    const headers = fields.filter(field => isHeader(field, options))
    const layout = new FlowLayout(headers, counted, options, field => columns.of(field))
    this.#store = new FlowStore(layout, headers)
    this.#tracks = fields.some(field => TRACKED.has(field.name))
    this.#inspects = headers.some(field => INSPECTED.has(field.name))
    const ours = fields.filter(field => counted.includes(field) || headers.includes(field))
    const plan = (of: readonly Field[]): Plan => {
      return { form: forms.of(of), columns: of.map(field => columns.of(field)), steps: [], split: undefined }
    }
    this.#full = plan(ours)
    this.#plain = plan(ours.filter(({ name }) => isPlainField(name)))
  }

  *take(block: FrameBlock, source: FrameSource): Generator<Batch> {
    const reader = this.#reader
    const { frame } = reader
    for (let index = 0; index < block.count; index++) {
      if (!reader.read(block, index, source)) continue
      // Captures of several interfaces may be a little out of order; the clock does not go back.
      if (frame.timeUs > this.#nowUs) this.#nowUs = frame.timeUs
      while (this.#expire()) yield this.#open.close()
      if (this.#open.room < ROWS_PER_PACKET) yield this.#open.close()
      this.#add(frame)
    }
    reader.count()
    if (this.#withoutFlow > 0) this.#host.count('packets-dropped/no-flow', this.#withoutFlow)
    this.#withoutFlow = 0
  }

  *flush(): Generator<Batch> {
    if (this.#open.count > 0) yield this.#open.close()
  }

  *tick(nowUs: number): Generator<Batch> {
    this.#nowUs = Math.max(this.#nowUs, nowUs)
    while (this.#expire()) yield this.#open.close()
    if (this.#open.count > 0) yield this.#open.close()
    else yield recordBatch([], Math.floor(this.#nowUs / 1000))
  }

  *finish(): Generator<Batch> {
    for (const list of [CLOSED, OPEN]) {
      for (let id = this.#store.lists.first(list); id >= 0; id = this.#store.lists.first(list)) {
        if (this.#open.room < 1) yield this.#open.close()
        this.#end(id, list === CLOSED ? END_CLOSED : END_FORCED)
      }
    }
    yield* this.flush()
  }

  /** Ends flows without packets for long; true when the batch is full before all are told of. */
  #expire(): boolean {
    const { idleUs, closedUs } = this.#lifetimes
    return (
      this.#endDue(CLOSED, this.#nowUs - closedUs, END_CLOSED) || this.#endDue(OPEN, this.#nowUs - idleUs, END_IDLE)
    )
  }

  #endDue(list: number, untilUs: number, reason: number): boolean {
    const { lists } = this.#store
    for (let id = lists.due(list, untilUs); id >= 0; id = lists.due(list, untilUs)) {
      if (this.#open.room < 1) return true
      this.#end(id, reason)
    }
    return false
  }

  /** Ends up to ROWS_PER_PACKET flows on the way. */
  #add(frame: Frame): void {
    const headers = headersOf(frame, this.#inner)
    if (headers.family === 0) {
      this.#withoutFlow++
      return
    }
    const store = this.#store
    const { timeUs } = frame
    let id = this.#keys.find(headers, frame.ifaceIn)
    if (id >= 0 && (store.numbers(id)[store.at(id) + START] as number) + this.#lifetimes.activeUs <= timeUs) {
      this.#end(id, END_ACTIVE)
      id = this.#keys.find(headers, frame.ifaceIn)
    }
    if (id < 0 && this.#keys.size >= this.#lifetimes.limit) {
      this.#makeRoom()
      id = this.#keys.find(headers, frame.ifaceIn)
    }
    const isKnown = id >= 0
    if (isKnown) store.lists.remove(id)
    else id = this.#begin(frame, headers)
    const numbers = store.numbers(id)
    const at = store.at(id)
    const marks = numbers[at + MARKS] as number
    const isReverse = ((marks & SWAPPED) !== 0) !== this.#keys.isSwapped
    countPacket(numbers, at + (isReverse ? REVERSE : FORWARD), timeUs, frame.bytes, headers.tcpFlags)
    if (isKnown && this.#inspects) store.inspect(id, frame)
    let done = marks & DONE
    if ((marks & IS_TCP) !== 0) {
      if (this.#tracks) this.#track(id).see(frame, headers, isReverse)
      done |= this.#finishes(headers.tcpFlags, isReverse)
      numbers[at + MARKS] = marks | done
    }
    store.touch(id, timeUs, done === DONE ? CLOSED : OPEN)
  }

  #begin(frame: Frame, headers: Headers): number {
    const marks =
      (this.#keys.isSwapped ? SWAPPED : 0) |
      (headers.protocol === TCP ? IS_TCP : 0) |
      (frame.packet.isPlain ? PLAIN : 0)
    const id = this.#store.open(frame, marks)
    this.#keys.add(id)
    return id
  }

  /** A reset ends both directions, a FIN its own; a flow of one direction ends with its own. */
  #finishes(flags: number, isReverse: boolean): number {
    if ((flags & RST) !== 0) return DONE
    if ((flags & FIN) === 0) return 0
    return this.#lifetimes.bidirectional ? (isReverse ? REVERSE_DONE : FORWARD_DONE) : DONE
  }

  #track(id: number): TcpTrack {
    const { tracks } = this.#store
    let track = tracks.get(id)
    if (!track) {
      track = new TcpTrack()
      tracks.set(id, track)
    }
    return track
  }

  #makeRoom(): void {
    const { lists } = this.#store
    const id = lists.first(CLOSED) >= 0 ? lists.first(CLOSED) : lists.first(OPEN)
    this.#host.count('flows-ended-early')
    this.#end(id, END_RESOURCES)
  }

  /** Writes the flow; the batch has room. */
  #end(id: number, reason: number): void {
    const open = this.#open
    open.accept(this.#store.isPlain(id) ? this.#plain : this.#full, true)
    this.#ending.reason = reason
    this.#ending.nowUs = this.#nowUs
    this.#store.close(id, this.#ending, open.count)
    open.add(1, this.#nowUs)
    this.#keys.remove(id)
  }
}

/** Whether a field of the flow is counted, or tells of its end. */
const isCounted = ({ name }: Field): boolean => Object.hasOwn(FLOW_NUMBERS, name)

/** Whether a field of the flow is one of its first packet. */
const isHeader = (field: Field, options: PacketOptions): boolean =>
  !isCounted(field) && !NOT_OF_FLOWS.has(field.name) && isFrameField(field.name, options)
