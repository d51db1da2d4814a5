// Lines of NDJSON to columns of the wanted fields: a generated scanner that walks the octets once, beside its
// interpreted twin (JSON.parse). The scanner verifies all that it assumes (whole keys, the JSON grammar without white
// space or escapes) and hands any other line to the twin, so both accept and give the same.
//
// Generated source holds only lengths and octets of our own or the user's field names.
import type { Value } from '../contract/record.ts'
import type { LineBatch } from './batch.ts'
import { type Column, clearColumn, IPV4, ODD, putValue } from './column.ts'
import type { Field } from './field.ts'
import { skipNumber, skipString, skipValue } from './scan-text.ts'

/** Fills the columns and the indices of readable lines; returns how many those are. */
export type Scan = (batch: LineBatch, columns: readonly Column[], rows: Int32Array) => number

/** Fills one line by the general parser; false when it is no record. */
function generalLine(batch: LineBatch, fields: readonly Field[], columns: readonly Column[], index: number): boolean {
  const record = batch.record(index)
  if (!record) return false
  fields.forEach((field, position) => {
    const value = Object.hasOwn(record, field.name) ? record[field.name] : undefined
    putValue(field, columns[position] as Column, index, value)
  })
  return true
}

/** The twin: every line by the general parser. */
export function interpretScan(fields: readonly Field[]): Scan {
  return (batch, columns, rows) => {
    let kept = 0
    for (let index = 0; index < batch.count; index++) {
      if (generalLine(batch, fields, columns, index)) rows[kept++] = index
    }
    return kept
  }
}

const decoder = new TextDecoder()

/** Puts the JSON value that starts at `at`; returns the position after it, or -1. */
function putAny(field: Field, column: Column, row: number, octets: Uint8Array, at: number): number {
  const end = skipValue(octets, at)
  if (end < 0) return -1
  const text = decoder.decode(octets.subarray(at, end))
  // A long number may need to be a BigInt, which JSON.parse would round.
  const value: Value = /^-?\d{16,}$/.test(text) && !Number.isSafeInteger(Number(text)) ? BigInt(text) : JSON.parse(text)
  if (column.lane === 'value' && typeof value === 'object' && /\d{16}/.test(text)) return -1
  if (column.lane !== 'value') column.other.delete(row)
  putValue(field, column, row, value)
  return end
}

/** Whole digits of at most 15 places are read in place; anything else by putAny. */
const PUT_NUMBER = (index: number) => `
        let q = p, x = 0, d;
        while ((d = o[q] - 48) >= 0 && d <= 9) { x = x * 10 + d; q++ }
        const n = q - p; d = o[q];
        if (n > 0 && n < 16 && (d === 44 || d === 125) && (n === 1 || o[p] !== 48)) { n${index}[i] = x; p = q }
        else { p = putAny(fields[${index}], columns[${index}], i, o, p); if (p < 0) break parse }`

/** Seconds with up to six decimals become microseconds in place. */
const PUT_TIME = (index: number) => `
        let q = p, x = 0, d;
        while ((d = o[q] - 48) >= 0 && d <= 9) { x = x * 10 + d; q++ }
        const n = q - p; let m = 6;
        if (o[q] === 46) { q++; while (m > 0 && (d = o[q] - 48) >= 0 && d <= 9) { x = x * 10 + d; q++; m-- } if (m === 6) m = -1 }
        d = o[q];
        if (n > 0 && n < 11 && m >= 0 && (d === 44 || d === 125) && (n === 1 || o[p] !== 48)) {
          while (m-- > 0) x *= 10;
          n${index}[i] = x; p = q
        } else { p = putAny(fields[${index}], columns[${index}], i, o, p); if (p < 0) break parse }`

/** Dotted decimal is read in place. */
const PUT_ADDRESS = (index: number) => `
        let q = p + 1, x = 0, a = 0, dots = 0, n = 0, d;
        if (o[p] === 34) for (;;) {
          d = o[q++];
          if (d >= 48 && d <= 57) { a = a * 10 + d - 48; n++; if (a > 255) { n = 9; break } }
          else if (d === 46 && n > 0 && n < 4) { x = x * 256 + a; a = 0; n = 0; dots++ }
          else break;
        }
        if (d === 34 && dots === 3 && n > 0 && n < 4) { w${index}[4 * i] = x * 256 + a; f${index}[i] = ${IPV4}; p = q }
        else { p = putAny(fields[${index}], columns[${index}], i, o, p); if (p < 0) break parse }`

/** Short names of frequent protocols, packed into one word. */
const FREQUENT_PROTOCOLS: readonly [string, number][] = [
  ['tcp', 6],
  ['udp', 17],
]
const PUT_PROTOCOL = (index: number) => {
  const tests = FREQUENT_PROTOCOLS.map(([name, number]) => {
    const [a, b, c] = [...name].map(letter => letter.charCodeAt(0))
    return `if (o[p] === 34 && o[p + 1] === ${a} && o[p + 2] === ${b} && o[p + 3] === ${c} && o[p + 4] === 34) { n${index}[i] = ${number}; p += 5 }`
  })
  return `
        ${tests.join(' else ')}
        else { p = putAny(fields[${index}], columns[${index}], i, o, p); if (p < 0) break parse }`
}

const PUT_ANY = (index: number) => `
        p = putAny(fields[${index}], columns[${index}], i, o, p); if (p < 0) break parse`

function putSource(field: Field, index: number): string {
  if (field.type.lane === 'address') return PUT_ADDRESS(index)
  switch (field.type.name) {
    case 'unsigned':
    case 'counter':
    case 'real':
      return PUT_NUMBER(index)
    case 'time':
      return PUT_TIME(index)
    case 'protocol':
      return PUT_PROTOCOL(index)
    default:
      return PUT_ANY(index)
  }
}

/** A test that the key at k is this field's name, octet by octet. */
function keyTest(name: string): string {
  const octets = new TextEncoder().encode(name)
  return [...octets].map((octet, at) => `o[k + ${at}] === ${octet}`).join(' && ')
}

/** The cases of `switch (key length)`, one branch a field. */
function keyCases(fields: readonly Field[]): string {
  const byLength = Map.groupBy(fields.keys(), index => new TextEncoder().encode(fields[index]?.name).length)
  const cases = [...byLength].map(([length, indexes]) => {
    const branches = indexes.map(index => {
      const field = fields[index] as Field
      return `if (${keyTest(field.name)}) { ${putSource(field, index)} \n        break put }`
    })
    return `      case ${length}: ${branches.join(' else ')} break;`
  })
  return cases.join('\n')
}

const LOCALS = {
  number: (index: number) => `const n${index} = columns[${index}].numbers;`,
  address: (index: number) => `const w${index} = columns[${index}].words, f${index} = columns[${index}].family;`,
  value: () => '',
}

/** The generated text of a scanner (also shown by --explain). */
export function scanSource(fields: readonly Field[]): string {
  return `'use strict';
return function (batch, columns, rows) {
  const o = batch.octets, starts = batch.starts, ends = batch.ends, count = batch.count;
  ${fields.map((field, index) => LOCALS[field.type.lane](index)).join(' ')}
  clear(columns, count);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    let p = starts[i];
    const e = ends[i];
    parse: {
      if (o[p++] !== 123) break parse;
      if (o[p] === 125 && p + 1 === e) { rows[kept++] = i; continue }
      for (;;) {
        if (o[p] !== 34) break parse;
        const k = p + 1;
        let q = k, c;
        while ((c = o[q]) !== 34) { if (c === 92 || c < 32) break parse; q++ }
        if (o[q + 1] !== 58) break parse;
        p = q + 2;
        put: {
          switch (q - k) {
${keyCases(fields)}
          }
          c = o[p];
          if (c === 34) {
            do { c = o[++p]; if (c === 92 || c < 32) break parse } while (c !== 34);
            p++;
          } else if (c >= 49 && c <= 57) {
            do { c = o[++p] } while (c >= 48 && c <= 57);
            if (c === 46 || c === 69 || c === 101) { while ((c = o[--p]) >= 48 && c <= 57); p = skipNumber(o, p + 1); if (p < 0) break parse }
          } else { p = skipValue(o, p); if (p < 0) break parse }
        }
        const t = o[p++];
        if (t === 44) continue;
        if (t === 125 && p === e) { rows[kept++] = i; continue line }
        break parse;
      }
    }
    if (general(batch, fields, columns, i)) rows[kept++] = i;
  }
  return kept;
}`.replace('for (let i = 0; i < count; i++)', 'line: for (let i = 0; i < count; i++)')
}

function clear(columns: readonly Column[], count: number): void {
  for (const column of columns) clearColumn(column, count)
}

/** The generated scanner, or its twin where generating code is forbidden. */
export function compileScan(fields: readonly Field[]): Scan {
  try {
    const make = new Function(
      'fields',
      'putAny',
      'skipNumber',
      'skipString',
      'skipValue',
      'clear',
      'general',
      scanSource(fields),
    )
    const general = generalLine
    return make(
      fields,
      putAny,
      skipNumber,
      skipString,
      skipValue,
      clear,
      (batch: LineBatch, names: Field[], columns: Column[], row: number) => {
        for (const column of columns) if (column.lane !== 'value') column.other.delete(row)
        return general(batch, names, columns, row)
      },
    ) as Scan
  } catch {
    return interpretScan(fields)
  }
}

export { ODD }
