// Messages of NetFlow v9 (RFC 3954 section 5) and IPFIX (RFC 7011 section 3): sets of records, up to a length.
import { HEADER_OCTETS, IPFIX } from '../message.ts'
import type { ExportOptions, Give } from './options.ts'
import type { Uptime } from './times.ts'

const SET_HEADER_OCTETS = 4
/** Of a set of v9. */
const MOST_PADDING = 3
const FIRST_DATA_SET = 256

export class MessageBuilder {
  readonly #version: number
  readonly #options: ExportOptions
  readonly #give: Give
  readonly #uptime: Uptime
  readonly #octets: Uint8Array
  readonly #view: DataView
  readonly #headerOctets: number
  #at: number
  #setAt = 0
  /** -1 = none is open. */
  #setId = -1
  /** Records of the message; those that are data; those that are flows. */
  #records = 0
  #data = 0
  #flows = 0
  #sequence = 0
  nowMs = 0
  /** Given so far, and what they had. */
  messages = 0
  octets = 0
  flows = 0

  constructor(version: number, options: ExportOptions, give: Give, uptime: Uptime) {
    this.#version = version
    this.#options = options
    this.#give = give
    this.#uptime = uptime
    this.#octets = new Uint8Array(options.messageOctets)
    this.#view = new DataView(this.#octets.buffer)
    this.#headerOctets = HEADER_OCTETS[version] as number
    this.#at = this.#headerOctets
  }

  /** Whether a message can have a record of so many octets. */
  holds(octets: number): boolean {
    return this.#headerOctets + SET_HEADER_OCTETS + octets + MOST_PADDING <= this.#octets.length
  }

  /** Adds a record to a set; it must be one that a message holds. */
  put(setId: number, octets: Uint8Array, length: number, isFlow: boolean): void {
    if (this.#at + SET_HEADER_OCTETS + length + MOST_PADDING > this.#octets.length) this.flush()
    if (this.#setId !== setId) this.#openSet(setId)
    for (let index = 0; index < length; index++) this.#octets[this.#at + index] = octets[index] as number
    this.#at += length
    this.#records++
    if (setId >= FIRST_DATA_SET) this.#data++
    if (isFlow) this.#flows++
    // One template a set: readers of v9 take what pads a set for the beginning of another.
    if (setId < FIRST_DATA_SET) this.#closeSet()
  }

  #openSet(id: number): void {
    this.#closeSet()
    this.#setAt = this.#at
    this.#setId = id
    this.#view.setUint16(this.#at, id)
    this.#at += SET_HEADER_OCTETS
  }

  /** Sets of v9 are padded to words (RFC 3954 section 5.3); those of IPFIX may be as they are. */
  #closeSet(): void {
    if (this.#setAt === 0) return
    while (this.#version !== IPFIX && this.#at % 4 !== 0) this.#octets[this.#at++] = 0
    this.#view.setUint16(this.#setAt + 2, this.#at - this.#setAt)
    this.#setAt = 0
    this.#setId = -1
  }

  flush(): void {
    this.#closeSet()
    if (this.#records === 0) return
    if (this.#version === IPFIX) this.#ipfixHeader()
    else this.#netflow9Header()
    this.#give(this.#octets.slice(0, this.#at), this.#flows, this.#data)
    this.messages++
    this.octets += this.#at
    this.flows += this.#flows
    this.#at = this.#headerOctets
    this.#setId = -1
    this.#records = this.#data = this.#flows = 0
  }

  #ipfixHeader(): void {
    const view = this.#view
    view.setUint16(0, this.#version)
    view.setUint16(2, this.#at)
    view.setUint32(4, Math.floor(this.nowMs / 1000))
    view.setUint32(8, this.#sequence)
    view.setUint32(12, this.#options.domain)
    // Data records so far (RFC 7011 section 3.1), those of options too.
    this.#sequence = (this.#sequence + this.#data) >>> 0
  }

  #netflow9Header(): void {
    const view = this.#view
    view.setUint16(0, this.#version)
    view.setUint16(2, this.#records)
    // Whole seconds of both clocks belong together.
    view.setUint32(4, this.#uptime.at(this.nowMs) - (this.nowMs % 1000))
    view.setUint32(8, Math.floor(this.nowMs / 1000))
    view.setUint32(12, this.#sequence)
    view.setUint32(16, this.#options.domain)
    this.#sequence = (this.#sequence + 1) >>> 0
  }
}
