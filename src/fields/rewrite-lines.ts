// Lines of a batch written anew, one after the other, into octets of their own: for stages that put members into lines.
import type { Value } from '../contract/record.ts'
import { OctetBuffer } from '../octets/buffer.ts'
import { jsonText } from '../stream/json.ts'
import { LineBatch } from './batch.ts'

const LINE_FEED = 10

/**
 * The lines that the first `count` of `rows` name, as `write` appends them. `moreOctets`: by how much a line grows, about.
 */
export function rewriteLines(
  batch: LineBatch,
  rows: Int32Array,
  count: number,
  moreOctets: number,
  write: (row: number, out: OctetBuffer) => void,
): LineBatch {
  const first = batch.starts[rows[0] ?? 0] as number
  const last = batch.ends[rows[count - 1] ?? 0] as number
  const out = new OctetBuffer(Math.max(0, last - first) + moreOctets * count + 64)
  const starts = new Int32Array(count)
  const ends = new Int32Array(count)
  const numbers = new Int32Array(count)
  for (let index = 0; index < count; index++) {
    const row = rows[index] as number
    starts[index] = out.length
    numbers[index] = batch.numbers[row] as number
    write(row, out)
    ends[index] = out.length
    out.reserve(1)
    out.octets[out.length++] = LINE_FEED
  }
  return new LineBatch(out.octets, starts, ends, numbers, count, batch.context)
}

const encoder = new TextEncoder()

/** JSON of values that come again, ready to be written: as many as `limit`. */
export class ValueTexts {
  readonly #limit: number
  readonly #texts = new Map<Value, Uint8Array>()

  constructor(limit: number) {
    this.#limit = limit
  }

  of(value: Value): Uint8Array {
    let octets = this.#texts.get(value)
    if (!octets) {
      octets = encoder.encode(jsonText(value))
      if (this.#texts.size >= this.#limit) this.#texts.clear()
      this.#texts.set(value, octets)
    }
    return octets
  }
}
