// Batches to NDJSON octets. For column batches the code is generated, one function a form, beside its interpreted twin.
//
// Generated source holds only numbers computed here and the JSON text of our own rows' names: nothing from the wire.
import type { Batch, NetRecord, Value } from '../contract/record.ts'
import { writeIpv6, writeMac } from '../octets/address-write.ts'
import { OctetBuffer } from '../octets/buffer.ts'
import { writeDotted, writeSeconds, writeWhole, writeWord } from '../octets/digits.ts'
import { smallNumbers, textTable } from '../octets/text-table.ts'
import { jsonText } from '../stream/json.ts'
import { ColumnBatch, type Form, LineBatch } from './batch.ts'
import { type Column, takeValue } from './column.ts'
import { writerSource } from './json-write-source.ts'
import { PROTOCOL_NAMES } from './protocols.ts'

type WriteColumns = (columns: readonly Column[], rows: Int32Array, count: number, out: OctetBuffer) => void

/** More forms than this are written by the interpreted twin: an exporter that changes templates forever must not fill memory. */
const COMPILED_FORMS = 1024

/** Interpreted twin: the line of one row, from the record it stands for. */
export function interpretLine(form: Form, columns: readonly Column[], row: number): string {
  const record: NetRecord = {}
  form.fields.forEach((field, index) => {
    const value = takeValue(field, columns[index] as Column, row)
    if (value !== undefined) record[field.name] = value
  })
  return jsonText(record)
}

/** Whether octets from..to are all ASCII. */
function isAscii(octets: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if ((octets[at] as number) > 126) return false
  return true
}

/** Whole numbers take the tables, anything else goes through String, as JSON.stringify does. */
function number(view: DataView, octets: Uint8Array, at: number, value: number): number {
  if (value >= 0 && value <= Number.MAX_SAFE_INTEGER && Math.floor(value) === value) return writeWhole(view, at, value)
  return ascii(octets, at, JSON.stringify(value), false)
}

/** From here on (the year 2242) neighbouring microseconds share a double, and String alone knows which text it gives. */
const LAST_TIME = 2 ** 33 * 1_000_000

function time(view: DataView, octets: Uint8Array, at: number, microseconds: number): number {
  if (microseconds >= 1_000_000 && microseconds < LAST_TIME) return writeSeconds(view, at, microseconds)
  return ascii(octets, at, JSON.stringify(microseconds / 1e6), false)
}

function ascii(octets: Uint8Array, at: number, text: string, quoted = true): number {
  if (quoted) octets[at++] = 34
  for (let index = 0; index < text.length; index++) octets[at++] = text.charCodeAt(index)
  if (quoted) octets[at++] = 34
  return at
}

/** Protocols whose quoted name fits eight octets; a length of 0 for the others. */
const protocols = textTable(PROTOCOL_NAMES.map(name => JSON.stringify(name)))
const protocolOctets = PROTOCOL_NAMES.map(name => new TextEncoder().encode(JSON.stringify(name)))

function protocol(octets: Uint8Array, at: number, value: number): number {
  const text = protocolOctets[value]
  if (!text) return ascii(octets, at, String(value))
  for (let index = 0; index < text.length; index++) octets[at + index] = text[index] as number
  return at + text.length
}

/** Any value, with room left for the rest of the row. */
function writeValue(out: OctetBuffer, value: Value, tail: number): void {
  if (typeof value === 'string') {
    out.reserve(value.length + 2 + tail)
    const end = plainText(out.octets, out.length, value)
    if (end > 0) {
      out.length = end
      return
    }
  } else if (Array.isArray(value) && plainList(out, value)) {
    out.reserve(tail)
    return
  }
  out.appendText(jsonText(value))
  out.reserve(tail)
}

/** The most octets of a number below 2^32 and a comma, with room for the stores of four octets that write it. */
const LIST_NUMBER_OCTETS = 16

/** Writes a list of numbers below 2^32 and texts that need no escape (AS paths, communities); false when it is none. */
function plainList(out: OctetBuffer, list: readonly Value[]): boolean {
  let octets = 2
  for (const item of list) octets += typeof item === 'string' ? item.length + 3 : LIST_NUMBER_OCTETS
  out.reserve(octets + LIST_NUMBER_OCTETS)
  let at = out.length
  out.octets[at++] = 91
  for (let index = 0; index < list.length; index++) {
    const item = list[index]
    if (index > 0) out.octets[at++] = 44
    if (typeof item === 'number' && item >>> 0 === item) at = writeWord(out.view, at, item)
    else {
      const end = typeof item === 'string' ? plainText(out.octets, at, item) : 0
      if (end === 0) return false
      at = end
    }
  }
  out.octets[at++] = 93
  out.length = at
  return true
}

/** Writes a text that needs no escape; 0 when it does. */
function plainText(octets: Uint8Array, at: number, text: string): number {
  octets[at++] = 34
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 32 || code > 126 || code === 34 || code === 92) return 0
    octets[at++] = code
  }
  octets[at++] = 34
  return at
}

/** Texts of EtherTypes; a few are seen, however many there could be. */
const etypes: string[] = []

function hex(etype: number): string {
  etypes[etype] ??= etype.toString(16)
  return etypes[etype]
}

function interpretedWriter(form: Form): WriteColumns {
  return (columns, rows, count, out) => {
    for (let index = 0; index < count; index++) {
      out.appendText(interpretLine(form, columns, rows[index] as number))
      out.appendText('\n')
    }
  }
}

/** The generated writer of a form; the interpreted twin where generating code is forbidden (--disallow-code-generation-from-strings). */
export function compileWriter(form: Form): WriteColumns {
  const { texts: small, lengths: smallLength } = smallNumbers()
  const helpers = {
    small,
    smallLength,
    protocolText: protocols.texts,
    protocolLength: protocols.lengths,
    word: writeWord,
    number,
    time,
    mac: writeMac,
    protocol,
    ascii,
    isAscii,
    hex,
    dotted: writeDotted,
    ipv6: writeIpv6,
    writeValue,
  }
  try {
    return new Function(...Object.keys(helpers), writerSource(form))(...Object.values(helpers)) as WriteColumns
  } catch {
    return interpretedWriter(form)
  }
}

const writers = new Map<string, WriteColumns>()
const writerOfForm = new WeakMap<Form, WriteColumns>()

function writerOf(form: Form): WriteColumns {
  const known = writerOfForm.get(form)
  if (known) return known
  const key = form.fields.map(field => `${field.name}:${field.type.name}`).join(',')
  let writer = writers.get(key)
  if (!writer) {
    writer = writers.size < COMPILED_FORMS ? compileWriter(form) : interpretedWriter(form)
    writers.set(key, writer)
  }
  writerOfForm.set(form, writer)
  return writer
}

function writeLines(batch: LineBatch, out: OctetBuffer): void {
  const { octets, starts, ends, count } = batch
  let index = 0
  while (index < count) {
    const start = starts[index] as number
    let end = ends[index] as number
    // Neighbours in the input are copied in one piece.
    while (++index < count && starts[index] === end + 1) end = ends[index] as number
    out.reserve(end - start + 1)
    out.octets.set(octets.subarray(start, end), out.length)
    out.length += end - start
    out.octets[out.length++] = 10
  }
}

/** Appends a batch as NDJSON lines; how many. */
export function writeBatch(batch: Batch, out: OctetBuffer): number {
  if (batch instanceof ColumnBatch) writerOf(batch.form)(batch.columns, batch.rows, batch.count, out)
  else if (batch instanceof LineBatch) writeLines(batch, out)
  else for (const record of batch.records) out.appendText(`${jsonText(record)}\n`)
  return batch.count
}

export { OctetBuffer }
