// The records of one delivery, as text or as objects, whichever they came as; the other form is made when it is asked for.
import type { DeliveryBatch } from '../../contract/backend.ts'
import { type Batch, type NetRecord, RECORDS_PER_BATCH, recordBatch } from '../../contract/record.ts'
import { LineBatch, type LineContext } from '../../fields/batch.ts'
import { jsonText, parsedRecord } from '../../stream/json.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Lines were read once before they came here. */
const CONTEXT: LineContext = {
  clock: { nowMs: 0 },
  onBadLine: problem => {
    throw new Error(`a line of a delivery is no record: ${problem.message}`)
  },
  newestMs: () => 0,
}

/** Text of whole lines, and where each ends (at its line feed). */
export interface Lines {
  readonly octets: Uint8Array
  readonly ends: Int32Array
}

/** Where the lines of a text end. */
export function lineEnds(octets: Uint8Array, count: number): Int32Array {
  const ends = new Int32Array(count)
  for (let index = 0, from = 0; index < count; index++) {
    from = octets.indexOf(10, from)
    ends[index] = from++
  }
  return ends
}

export class Parcel implements DeliveryBatch {
  readonly id: string
  readonly count: number
  readonly takenMs: number
  attempt = 0
  /** When an attempt failed first, on the clock of the courier; undefined = none did. */
  failingSinceMs: number | undefined
  #octets: Uint8Array | undefined
  #ends: Int32Array | undefined
  #records: readonly NetRecord[] | undefined
  #lines: readonly string[] | undefined

  constructor(id: string, takenMs: number, content: Lines | readonly NetRecord[]) {
    this.id = id
    this.takenMs = takenMs
    if ('ends' in content) {
      this.count = content.ends.length
      this.#octets = content.octets
      this.#ends = content.ends
    } else {
      this.count = content.length
      this.#records = content
    }
  }

  get octets(): Uint8Array {
    this.#octets ??= encoder.encode((this.#records ?? []).map(record => `${jsonText(record)}\n`).join(''))
    return this.#octets
  }

  get records(): readonly NetRecord[] {
    this.#records ??= this.lines.map(line => parsedRecord(line) as NetRecord)
    return this.#records
  }

  get lines(): readonly string[] {
    this.#lines ??= this.#records
      ? this.#records.map(record => jsonText(record))
      : decoder.decode(this.octets).split('\n').slice(0, this.count)
    return this.#lines
  }

  *batches(): Iterable<Batch> {
    for (let from = 0; from < this.count; from += RECORDS_PER_BATCH) {
      const to = Math.min(from + RECORDS_PER_BATCH, this.count)
      if (this.#octets) yield this.#lineBatch(this.#octets, from, to)
      else yield recordBatch(this.records.slice(from, to), 0)
    }
  }

  #lineBatch(octets: Uint8Array, from: number, to: number): Batch {
    this.#ends ??= lineEnds(octets, this.count)
    const ends = this.#ends.subarray(from, to)
    const starts = new Int32Array(to - from)
    const numbers = new Int32Array(to - from)
    for (let index = 0; index < starts.length; index++) {
      starts[index] = from + index === 0 ? 0 : (this.#ends[from + index - 1] as number) + 1
      numbers[index] = from + index + 1
    }
    return new LineBatch(octets, starts, ends, numbers, to - from, CONTEXT)
  }

  /** The JSON text of one record, where the record itself may never have been made. */
  lineOf(index: number): string {
    return this.lines[index] as string
  }
}
