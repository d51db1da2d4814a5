// Batches of a stream cut into deliveries: by count, by octets, and by how long the first record has waited.
import type { DeliveryForm } from '../../contract/backend.ts'
import type { Batch, NetRecord } from '../../contract/record.ts'
import { LineBatch, subset } from '../../fields/batch.ts'
import { OctetBuffer, writeBatch } from '../../fields/json-write.ts'
import { type Picker, picker } from '../../fields/picker.ts'
import { jsonText } from '../../stream/json.ts'
import type { Lines } from './parcel.ts'

export interface Cut {
  readonly records: number
  readonly octets: number
}

/** What a parcel is made of. */
export type Content = Lines | readonly NetRecord[]

export const contentCount = (content: Content): number => ('ends' in content ? content.ends.length : content.length)

const BUFFER_OCTETS = 1 << 16

/** Takes batches, gives contents that are full. */
export interface Assembler {
  /** Records that wait for their delivery to be full. */
  readonly count: number
  /** Contents that became full, in order. A batch may be used again after that. */
  add(batch: Batch): Content[]
  /** What waits, full or not; undefined when nothing does. */
  rest(): Content | undefined
}

/** Only lines that are records: the others are reported and counted by the batch itself. */
function readable(batch: Batch, check: Picker): Batch {
  if (!(batch instanceof LineBatch)) return batch
  const { rows, count } = check(batch)
  return count === batch.count ? batch : subset(batch, rows, count)
}

class TextAssembler implements Assembler {
  readonly #cut: Cut
  readonly #check = picker([])
  #buffer = new OctetBuffer(BUFFER_OCTETS)
  /** Ends of the lines in the buffer. */
  #ends: number[] = []

  constructor(cut: Cut) {
    this.#cut = cut
  }

  get count(): number {
    return this.#ends.length
  }

  add(batch: Batch): Content[] {
    const full: Content[] = []
    const buffer = this.#buffer
    let at = buffer.length
    let from = 0
    const count = writeBatch(readable(batch, this.#check), buffer)
    for (let index = 0; index < count; index++) {
      const end = buffer.octets.indexOf(10, at)
      const isTooLong = end + 1 - from > this.#cut.octets && this.#ends.length > 0
      if (isTooLong || this.#ends.length === this.#cut.records) {
        full.push(this.#take(from, at))
        from = at
      }
      this.#ends.push(end - from)
      at = end + 1
    }
    if (this.#ends.length === this.#cut.records) {
      full.push(this.#take(from, at))
      from = at
    }
    if (from > 0) {
      buffer.octets.copyWithin(0, from, buffer.length)
      buffer.length -= from
    }
    return full
  }

  #take(from: number, to: number): Lines {
    const ends = Int32Array.from(this.#ends)
    this.#ends = []
    return { octets: this.#buffer.octets.slice(from, to), ends }
  }

  rest(): Content | undefined {
    if (this.#ends.length === 0) return undefined
    const content = this.#take(0, this.#buffer.length)
    this.#buffer.length = 0
    return content
  }
}

/** Octets a record: of the lines where there are some, else those of the first record, which the others resemble. */
function octetsEach(batch: Batch): number {
  if (batch instanceof LineBatch && batch.count > 0) {
    const [first = 0] = batch.starts
    return Math.ceil(((batch.ends[batch.count - 1] as number) - first) / batch.count) + 1
  }
  return batch.records.length > 0 ? jsonText(batch.records[0] as NetRecord).length + 1 : 0
}

class RecordAssembler implements Assembler {
  readonly #cut: Cut
  #records: NetRecord[] = []
  #octets = 0

  constructor(cut: Cut) {
    this.#cut = cut
  }

  get count(): number {
    return this.#records.length
  }

  add(batch: Batch): Content[] {
    const full: Content[] = []
    const each = octetsEach(batch)
    for (const record of batch.records) {
      const isTooLong = this.#octets + each > this.#cut.octets && this.#records.length > 0
      if (isTooLong) full.push(...this.#take())
      this.#records.push(record)
      this.#octets += each
      if (this.#records.length === this.#cut.records) full.push(...this.#take())
    }
    return full
  }

  #take(): Content[] {
    const records = this.#records
    this.#records = []
    this.#octets = 0
    return records.length > 0 ? [records] : []
  }

  rest(): Content | undefined {
    return this.#take()[0]
  }
}

export function assembler(form: DeliveryForm, cut: Cut): Assembler {
  return form === 'octets' ? new TextAssembler(cut) : new RecordAssembler(cut)
}
