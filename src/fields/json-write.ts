// Batches to NDJSON octets. For column batches the code is generated, one function a form, beside its interpreted twin.
//
// Generated source holds only numbers computed here and the JSON text of our own rows' names: nothing from the wire.
import type { Batch, NetRecord, Value } from '../contract/record.ts'
import { writeIpv6, writeMac } from '../octets/address-write.ts'
import { OctetBuffer } from '../octets/buffer.ts'
import { writeDotted, writeSeconds, writeWhole, writeWord } from '../octets/digits.ts'
import { eightOctets, SMALL_NUMBERS, smallNumbers, textTable } from '../octets/text-table.ts'
import { jsonText } from '../stream/json.ts'
import { ColumnBatch, type Form, LineBatch } from './batch.ts'
import { type Column, takeValue } from './column.ts'
import type { Field } from './field.ts'
import { PROTOCOL_NAMES } from './protocols.ts'
import type { TypeName } from './types.ts'

type WriteColumns = (columns: readonly Column[], rows: Int32Array, count: number, out: OctetBuffer) => void

/** The most octets one value of a lane of fixed size takes. */
const WIDEST_VALUE = 64
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

/**
 * The octets of `,"name":` as generated stores at p, eight at a time: as the double that has these octets, since there
 * are no 64-bit integer stores without BigInts. ASCII never makes a NaN; a name that is not ASCII goes octet by octet.
 */
function keyStores(name: string): string {
  const octets = new TextEncoder().encode(`,${JSON.stringify(name)}:`)
  const { length } = octets
  const view = new DataView(octets.buffer)
  const stores: string[] = []
  if (octets.some(octet => octet > 126)) octets.forEach((octet, at) => stores.push(`b[p + ${at}] = ${octet}`))
  else if (length < 8) {
    for (const at of [0, length - 4]) stores.push(`v.setUint32(p + ${at}, ${view.getUint32(at, true)}, true)`)
  } else {
    for (let at = 0; at < length; at += 8) {
      const from = Math.min(at, length - 8)
      stores.push(`v.setFloat64(p + ${from}, ${view.getFloat64(from, true)}, true)`)
    }
  }
  return `${stores.join('; ')}; p += ${length};`
}

const NUMBER = `const u = n >>> 0;
      if (u === n) { if (u < ${SMALL_NUMBERS}) { v.setFloat64(p, small[u], true); p += smallLength[u] } else p = word(v, p, u) }
      else p = number(v, b, p, n)`

/** How the lane's number n of a type is written. */
const NUMBER_WRITERS: { readonly [name in TypeName]?: string } = {
  unsigned: NUMBER,
  counter: NUMBER,
  real: NUMBER,
  time: 'p = time(v, b, p, n)',
  mac: 'b[p++] = 34; p = mac(v, p, n); b[p++] = 34',
  protocol:
    'const l = protocolLength[n]; if (l > 0) { v.setFloat64(p, protocolText[n], true); p += l } else p = protocol(b, p, n)',
  etype: `if (n === 0x800) { v.setFloat64(p, ${eightOctets('"800"')}, true); p += 5 }
      else if (n === 0x86dd) { v.setFloat64(p, ${eightOctets('"86dd"')}, true); p += 6 } else p = ascii(b, p, hex(n))`,
  direction: 'b[p] = 34; b[p + 1] = n; b[p + 2] = 34; p += 3',
}

const VALUE = (value: string): string =>
  `out.length = p; writeValue(out, ${value}, tail); p = out.length; b = out.octets; v = out.view`

function fieldSource(field: Field, index: number): string {
  const key = keyStores(field.name)
  switch (field.type.lane) {
    case 'number':
      return `{ const n = n${index}[r]; if (n === n) { ${key} if (n === Infinity) { ${VALUE(`o${index}.get(r)`)} } else { ${NUMBER_WRITERS[field.type.name]} } } }`
    case 'address':
      return `{ const f = f${index}[r]; if (f !== 0) { ${key} const w = w${index}; const a = 4 * r;
        if (f === 4) { b[p++] = 34; p = dotted(v, p, w[a]); b[p++] = 34 }
        else if (f === 6) { b[p++] = 34; p = ipv6(v, p, w[a], w[a + 1], w[a + 2], w[a + 3]); b[p++] = 34 }
        else { ${VALUE(`o${index}.get(r)`)} } } }`
    case 'value':
      return `{ const x = x${index}[r]; if (x !== undefined) { ${key} ${VALUE('x')} } }`
  }
}

const LANE_LOCALS = {
  number: (index: number) => `const n${index} = columns[${index}].numbers, o${index} = columns[${index}].other;`,
  address: (index: number) =>
    `const w${index} = columns[${index}].words, f${index} = columns[${index}].family, o${index} = columns[${index}].other;`,
  value: (index: number) => `const x${index} = columns[${index}].values;`,
}

/** Whether row r has the same value of a context field as the row before. */
function sameAsBefore(field: Field, index: number): string {
  return field.type.lane === 'number'
    ? `n${index}[r] === n${index}[last] && n${index}[r] !== Infinity`
    : `f${index}[r] === f${index}[last] && f${index}[r] === 4 && w${index}[4 * r] === w${index}[4 * last]`
}

/**
 * The context fields at the front of a form: where they are those of the row before, their text is copied, eight octets
 * at a time; up to seven too many, which are written over. ASCII is never a NaN, so doubles carry the octets as they are.
 */
function contextSource(fields: readonly Field[]): string {
  const write = fields.map(fieldSource).join('\n      ')
  if (fields.length < 2) return write
  return `if (last >= 0 && ${fields.map(sameAsBefore).join(' && ')}) {
      for (let q = 0; q < size; q += 8) v.setFloat64(p + q, v.getFloat64(from + q, true), true);
      from = p; p += size;
    } else {
      from = p;
      ${write}
      if (p > from) b[from] = 123;
      size = p - from; last = r;
    }`
}

/** The generated text of a form's writer. */
export function writerSource(form: Form): string {
  const widest = form.fields.reduce((sum, field) => sum + field.name.length + 4 + WIDEST_VALUE, 16)
  const others = form.fields.findIndex(field => !field.context || field.type.lane === 'value')
  const context = others < 0 ? form.fields.length : others
  return `'use strict';
return function (columns, rows, count, out) {
  const tail = ${widest};
  ${form.fields.map((field, index) => LANE_LOCALS[field.type.lane](index)).join('\n  ')}
  let b = out.octets, v = out.view, p = out.length, last = -1, from = 0, size = 0;
  for (let i = 0; i < count; i++) {
    const r = rows[i];
    if (p + tail > b.length) { out.length = p; out.reserve(tail); b = out.octets; v = out.view }
    const start = p;
    ${contextSource(form.fields.slice(0, context))}
    ${form.fields
      .slice(context)
      .map((field, index) => fieldSource(field, index + context))
      .join('\n    ')}
    if (p === start) { b[p++] = 123 } else b[start] = 123;
    b[p] = 125; b[p + 1] = 10; p += 2;
  }
  out.length = p;
}`
}

/** Whole numbers take the tables, anything else goes through String, as JSON.stringify does. */
function number(view: DataView, octets: Uint8Array, at: number, value: number): number {
  if (value >= 0 && value <= Number.MAX_SAFE_INTEGER && Math.floor(value) === value) return writeWhole(view, at, value)
  return ascii(octets, at, JSON.stringify(value), false)
}

/** Within this many microseconds a time has at most ten digits of seconds; what lies outside goes through String. */
const LAST_TIME = 9_999_999_999_000_000

function time(view: DataView, octets: Uint8Array, at: number, microseconds: number): number {
  if (microseconds >= 1_000_000 && microseconds <= LAST_TIME) return writeSeconds(view, at, microseconds)
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
  }
  out.appendText(jsonText(value))
  out.reserve(tail)
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
