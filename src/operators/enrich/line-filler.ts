// Fields filled into lines: members that they replace are left out, new ones stand at the end; all else stays as it is.
import type { LineBatch } from '../../fields/batch.ts'
import { takeValue } from '../../fields/column.ts'
import type { Picked } from '../../fields/picker.ts'
import { rewriteLines, ValueTexts } from '../../fields/rewrite-lines.ts'
import { skipValue } from '../../fields/scan-text.ts'
import type { OctetBuffer } from '../../octets/buffer.ts'
import { jsonText } from '../../stream/json.ts'
import { Words } from '../../wire/rib/members.ts'
import { type FilledField, fillRecord } from './filled-batch.ts'

/** Texts of values kept ready: paths and communities repeat. */
const MAX_TEXTS = 50_000
/** By how much a line grows, about. */
const MORE_OCTETS = 256

const QUOTE = 34
const COMMA = 44
const COLON = 58
const BACKSLASH = 92
const OPENING = 123
const CLOSING = 125

const encoder = new TextEncoder()

export class LineFiller {
  readonly #filled: readonly FilledField[]
  readonly #keys: readonly Uint8Array[]
  readonly #names: Words
  readonly #texts = new ValueTexts(MAX_TEXTS)

  constructor(filled: readonly FilledField[]) {
    this.#filled = filled
    this.#keys = filled.map(({ field }) => encoder.encode(`,${JSON.stringify(field.name)}:`))
    this.#names = new Words(filled.map(({ field }) => [field.name, 1] as const))
  }

  fill(batch: LineBatch, picked: Picked): LineBatch {
    return rewriteLines(batch, picked.rows, picked.count, MORE_OCTETS, (row, out) => {
      const begin = out.length
      if (this.#splice(batch, row, out)) return
      out.length = begin
      this.#rewrite(batch, row, out)
    })
  }

  /** False when the line is no compact JSON. */
  #splice(batch: LineBatch, row: number, out: OctetBuffer): boolean {
    const { octets } = batch
    const start = batch.starts[row] as number
    const end = batch.ends[row] as number
    const begin = out.length
    if (octets[start] !== OPENING || octets[end - 1] !== CLOSING) return false
    let kept = start + 1
    let at = start + 1
    while (at < end - 1) {
      const keyEnd = endOfKey(octets, at, end)
      if (keyEnd < 0) return false
      const next = skipValue(octets, keyEnd + 2)
      if (next < 0 || next >= end) return false
      if (this.#names.get(octets, at + 1, keyEnd) !== 0) {
        keep(octets, kept, at, out)
        kept = next + 1
      }
      at = next + 1
      if (octets[next] !== COMMA && next !== end - 1) return false
    }
    keep(octets, kept, end, out)
    this.#append(row, out, begin)
    return true
  }

  /** Members of a row's values, each behind a comma; the first of them makes the line's brace. */
  #append(row: number, out: OctetBuffer, begin: number): void {
    this.#filled.forEach(({ field, column }, place) => {
      const value = takeValue(field, column, row)
      if (value === undefined) return
      out.append(this.#keys[place] as Uint8Array)
      out.append(this.#texts.of(value))
    })
    out.reserve(2)
    if (out.length === begin) out.octets[out.length++] = OPENING
    else out.octets[begin] = OPENING
    out.octets[out.length++] = CLOSING
  }

  #rewrite(batch: LineBatch, row: number, out: OctetBuffer): void {
    const record = batch.record(row)
    if (!record) return
    fillRecord(record, this.#filled, row)
    out.appendText(jsonText(record))
  }
}

/** Copies members from..to (with the comma or brace at `to` - 1 left out) behind a comma. */
function keep(octets: Uint8Array, from: number, to: number, out: OctetBuffer): void {
  if (to - 1 <= from) return
  out.reserve(to - from)
  out.octets[out.length++] = COMMA
  out.append(octets.subarray(from, to - 1))
}

/** Where a key's closing quote stands that is followed by a colon, -1 = there is none. */
function endOfKey(octets: Uint8Array, at: number, end: number): number {
  if (octets[at] !== QUOTE) return -1
  let keyEnd = at + 1
  for (let octet = octets[keyEnd]; octet !== QUOTE; octet = octets[++keyEnd]) {
    if (keyEnd >= end || octet === BACKSLASH) return -1
  }
  return octets[keyEnd + 1] === COLON ? keyEnd : -1
}
