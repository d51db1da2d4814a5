// A message of NetFlow v5, v9 or IPFIX in parts: what every receiver needs, and each data record; and a message of some of them.
import { isProblem } from '../../contract/problem.ts'
import { Layout, Positions } from './layout.ts'
import {
  emptyHeader,
  HEADER_OCTETS,
  IPFIX,
  type MessageHeader,
  NETFLOW5,
  NETFLOW5_RECORD_OCTETS,
  NETFLOW9,
  readHeader,
} from './message.ts'
import type { Template } from './template.ts'

/** Rows that one walk of a layout finds at most. */
const ROOM = 512
const SET_HEADER_OCTETS = 4
const FIRST_DATA_SET = 256
const SEQUENCE_AT: { readonly [version: number]: number } = { [NETFLOW5]: 16, [NETFLOW9]: 12, [IPFIX]: 8 }

/** A set that goes to everybody, or one data record. */
interface Part {
  readonly start: number
  readonly end: number
  /** Of its set; 0 = in a message without sets. */
  readonly set: number
  readonly isRecord: boolean
}

export type FindTemplate = (id: number) => Template | undefined

export class MessageParts {
  readonly header: MessageHeader = emptyHeader()
  readonly parts: Part[] = []
  /** Data records among them. */
  records = 0
  /** Records of options, which go to everybody. */
  options = 0
  /** Data sets whose template is not known: they are in no part. */
  unknown = 0
  readonly #positions = new Positions()
  #octets: Uint8Array = new Uint8Array(0)
  #start = 0

  /** False when it is no such message, or a damaged one. */
  read(
    octets: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    find: (header: MessageHeader) => FindTemplate,
  ): boolean {
    this.parts.length = this.records = this.options = this.unknown = 0
    this.#octets = octets
    this.#start = start
    const content = readHeader(view, start, end, this.header)
    if (isProblem(content)) return false
    const { version } = this.header
    const from = start + (HEADER_OCTETS[version] as number)
    if (version === NETFLOW5) return this.#fixed(view, from, content)
    const templates = find(this.header)
    let at = from
    while (content - at >= SET_HEADER_OCTETS) {
      const id = view.getUint16(at)
      const next = at + view.getUint16(at + 2)
      if (next < at + SET_HEADER_OCTETS || next > content) return false
      if (id < FIRST_DATA_SET) this.parts.push({ start: at, end: next, set: id, isRecord: false })
      else this.#data(templates(id), id, at, next)
      at = next
    }
    return true
  }

  #fixed(view: DataView, from: number, content: number): boolean {
    const count = view.getUint16(this.#start + 2)
    if (from + count * NETFLOW5_RECORD_OCTETS > content) return false
    for (let index = 0; index < count; index++) {
      const start = from + index * NETFLOW5_RECORD_OCTETS
      this.parts.push({ start, end: start + NETFLOW5_RECORD_OCTETS, set: 0, isRecord: true })
    }
    this.records = count
    return true
  }

  #data(template: Template | undefined, set: number, at: number, end: number): void {
    if (!template) {
      this.unknown++
      return
    }
    template.layout ??= new Layout(template.fields, this.#positions)
    const { layout } = template
    const starts = this.#positions.get(0)
    if (template.options) this.parts.push({ start: at, end, set, isRecord: false })
    let from = at + SET_HEADER_OCTETS
    for (;;) {
      const count = layout.walk(this.#octets, from, end, ROOM)
      if (count === 0) return
      from = layout.next
      if (template.options) this.options += count
      else {
        for (let index = 0; index < count; index++) {
          const next = index + 1 < count ? (starts[index + 1] as number) : layout.broken ? -1 : from
          if (next > 0) this.parts.push({ start: starts[index] as number, end: next, set, isRecord: true })
          if (next > 0) this.records++
        }
      }
      if (layout.broken) return
    }
  }

  /** What the sequence number of the message's version counts in it: v5 flows, v9 messages, IPFIX data records. */
  units(kept: number): number {
    if (this.header.version === NETFLOW9) return kept + this.#common > 0 ? 1 : 0
    return this.header.version === IPFIX ? kept + this.options : kept
  }

  get #common(): number {
    return this.parts.length - this.records
  }

  /**
   * The message with the data records that `keeps` says, by their number, and `sequence`; undefined when nothing would be in it.
   * What is for everybody stays.
   */
  rebuild(keeps: (record: number) => boolean, sequence: number): { octets: Uint8Array; kept: number } | undefined {
    const { version } = this.header
    const headerOctets = HEADER_OCTETS[version] as number
    // Each record may open a set of its own and be padded.
    const most = this.parts.reduce((sum, { start, end }) => sum + end - start + 8, headerOctets)
    const made = new Uint8Array(most)
    const view = new DataView(made.buffer)
    made.set(this.#octets.subarray(this.#start, this.#start + headerOctets))
    let [at, setAt, set, number, kept] = [headerOctets, 0, 0, 0, 0]
    const close = () => {
      if (setAt === 0) return
      while (version === NETFLOW9 && at % 4 !== 0) at++
      view.setUint16(setAt + 2, at - setAt)
      setAt = 0
    }
    for (const part of this.parts) {
      if (part.isRecord && !keeps(number++)) continue
      if (!part.isRecord || (version !== NETFLOW5 && (setAt === 0 || set !== part.set))) {
        close()
        if (part.isRecord) {
          setAt = at
          set = part.set
          view.setUint16(at, set)
          at += SET_HEADER_OCTETS
        }
      }
      made.set(this.#octets.subarray(part.start, part.end), at)
      at += part.end - part.start
      if (part.isRecord) kept++
    }
    close()
    if (kept === 0 && this.#common === 0) return undefined
    // v5 and v9 count records, IPFIX octets.
    if (version === IPFIX) view.setUint16(2, at)
    else view.setUint16(2, Math.max(0, view.getUint16(2) - (this.records - kept)))
    view.setUint32(SEQUENCE_AT[version] as number, sequence >>> 0)
    return { octets: made.subarray(0, at), kept }
  }
}
