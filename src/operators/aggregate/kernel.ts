// Rows of columns into a table: generated for the fields at hand. Its interpreted twin is interpret.ts.
//
// Generated source holds only positions of fields; names and values never enter it.
import type { Value } from '../../contract/record.ts'
import { type Column, ROWS } from '../../fields/column.ts'
import type { Field } from '../../fields/field.ts'
import type { Table } from './table.ts'

/** How a field is combined over the records of a key; `first`: the number that the first record had. */
export type Combine = 'sum' | 'min' | 'max' | 'or' | 'count' | 'first'

export interface SumField {
  /** The field that is read; undefined for the count of records. */
  readonly field: Field | undefined
  readonly combine: Combine
  /** The field that is written. */
  readonly output: Field
}

/**
 * Adds rows[from..to) to the table. `columns` are the key fields', then the sums' in order (none for a count).
 * `entries`, when given, receives the entry of each row. The table has room (Table.reserve).
 */
export type Kernel = (
  table: Table,
  columns: readonly Column[],
  rows: Int32Array,
  from: number,
  to: number,
  entries: Int32Array | undefined,
) => void

const put = (word: string): string => `w = ${word}; k[n++] = w; h = Math.imul(h ^ w, 0x9e3779b1); h ^= h >>> 15;`

function keySource(field: Field, index: number): string {
  const shape = `shape${index >> 4}`
  const bits = 2 * (index & 15)
  const mark = (tag: number): string => `${shape} |= ${(tag << bits) | 0};`
  switch (field.type.lane) {
    case 'number':
      return `{ const x = n${index}[r];
      if (x === x) {
        const u = x >>> 0;
        if (u === x) { ${mark(1)} ${put('u')} }
        else if (x === Infinity) { ${mark(3)} ${put(`table.intern(o${index}.get(r))`)} }
        else { ${mark(2)} double[0] = x; ${put('halves[0]')} ${put('halves[1]')} }
      } }`
    case 'address':
      return `{ const f = f${index}[r];
      if (f === 4) { ${mark(1)} ${put(`w${index}[4 * r]`)} }
      else if (f === 6) { ${mark(2)} const a = 4 * r; ${[0, 1, 2, 3].map(word => put(`w${index}[a + ${word}]`)).join(' ')} }
      else if (f !== 0) { ${mark(3)} ${put(`table.intern(o${index}.get(r))`)} } }`
    case 'value':
      return `{ const x = x${index}[r]; if (x !== undefined) { ${mark(1)} ${put('table.intern(x)')} } }`
  }
}

/** Beyond this a sum of doubles may no longer be exact. */
const EXACT = 'Number.MAX_SAFE_INTEGER'

function sumSource(sum: SumField, index: number, column: number): string {
  const at = `s[a + ${index}]`
  if (sum.combine === 'count') return `{ const b = ${at}; ${at} = b === b ? b + 1 : 1 }`
  const value = `const x = n${column}[r];`
  switch (sum.combine) {
    case 'sum':
      return `{ ${value} if (x === x) { const b = ${at};
      if (x === Infinity) table.addBig(${index}, e, o${column}.get(r));
      else if (b !== b) ${at} = x;
      else { const t = b + x; if (t <= ${EXACT}) ${at} = t; else table.addBig(${index}, e, x) } } }`
    case 'min':
      return `{ ${value} if (x === Infinity) table.leastBig(${index}, e, o${column}.get(r));
      else if (x === x) { const b = ${at}; if (!(b <= x)) ${at} = x } }`
    case 'max':
      return `{ ${value} if (x === Infinity) table.greatestBig(${index}, e, o${column}.get(r));
      else if (x === x) { const b = ${at}; if (!(b >= x)) ${at} = x } }`
    case 'first':
      return ''
    case 'or':
      return `{ ${value} if (x === x && x !== Infinity) { const b = ${at}; ${at} = b === b ? (b | x) >>> 0 : x } }`
  }
}

const LOCALS = {
  number: (index: number) => `const n${index} = columns[${index}].numbers, o${index} = columns[${index}].other;`,
  address: (index: number) =>
    `const w${index} = columns[${index}].words, f${index} = columns[${index}].family, o${index} = columns[${index}].other;`,
  value: (index: number) => `const x${index} = columns[${index}].values;`,
}

/** The sums of a new entry. */
function startSource(keys: readonly Field[], sums: readonly SumField[]): string {
  let column = keys.length
  const starts = sums.map((sum, index) => {
    const first = sum.field ? `n${column++}[r]` : 'NaN'
    return `s[e * ${sums.length} + ${index}] = ${sum.combine === 'first' ? first : 'NaN'};`
  })
  return starts.join(' ')
}

/** The generated text. */
export function kernelSource(keys: readonly Field[], sums: readonly SumField[]): string {
  const shapes = Array.from({ length: (keys.length >> 4) + 1 }, (_, index) => `shape${index}`)
  let column = keys.length
  const sumLines: string[] = []
  const locals = keys.map((field, index) => LOCALS[field.type.lane](index))
  sums.forEach((sum, index) => {
    sumLines.push(sumSource(sum, index, column))
    if (sum.field) locals.push(LOCALS.number(column++))
  })
  const stride = shapes.length + 4 * keys.length
  return `'use strict';
const k = new Uint32Array(${ROWS * stride}), hashes = new Int32Array(${ROWS}), sizes = new Int32Array(${ROWS}), likely = new Int32Array(${ROWS});
const double = new Float64Array(1), halves = new Uint32Array(double.buffer);
return function (table, columns, rows, from, to, entries) {
  ${locals.join('\n  ')}
  const slots = table.slots, mask = (slots.length >> 1) - 1, keyAt = table.keyAt, keys = table.keys, s = table.sums;
  let count = table.entries, words = table.keyWords, touched = 0;
  // Keys and hashes of all rows first; then the memory they will need is touched, row after row without waiting, so that
  // a table larger than the caches is fetched in parallel; then the look-ups.
  for (let i = from; i < to; i++) {
    const r = rows[i], base = (i - from) * ${stride};
    let ${shapes.map(shape => `${shape} = 0`).join(', ')}, n = base + ${shapes.length}, h = 0x2545f491, w = 0;
    ${keys.map(keySource).join('\n    ')}
    ${shapes.map((shape, index) => `k[base + ${index}] = ${shape}; h = Math.imul(h ^ ${shape}, 0x85ebca6b);`).join(' ')}
    h ^= h >>> 13; h = Math.imul(h, 0xc2b2ae35); h ^= h >>> 16;
    hashes[i - from] = h; sizes[i - from] = n - base;
  }
  const total = to - from;
  for (let i = 0; i < total; i++) likely[i] = slots[2 * (hashes[i] & mask) + 1];
  for (let i = 0; i < total; i++) if (likely[i] > 0) { const e = likely[i] - 1; touched ^= s[e * ${sums.length}]; likely[i] = keyAt[e] + 1 }
  for (let i = 0; i < total; i++) if (likely[i] > 0) touched ^= keys[likely[i] - 1];
  table.touched = touched;
  for (let i = from; i < to; i++) {
    const r = rows[i], base = (i - from) * ${stride}, n = sizes[i - from], h = hashes[i - from];
    let slot = h & mask, e;
    for (;;) {
      e = slots[2 * slot + 1] - 1;
      if (e < 0) {
        e = count++;
        slots[2 * slot] = h; slots[2 * slot + 1] = e + 1; keyAt[e] = words;
        for (let j = 0; j < n; j++) keys[words++] = k[base + j];
        ${startSource(keys, sums)}
        break;
      }
      if (slots[2 * slot] === h) {
        const at = keyAt[e];
        let j = 0;
        while (j < n && keys[at + j] === k[base + j]) j++;
        if (j === n) break;
      }
      slot = (slot + 1) & mask;
    }
    const a = e * ${sums.length};
    if (entries !== undefined) entries[i] = e;
    ${sumLines.join('\n    ')}
  }
  table.entries = count; table.keyWords = words;
}`
}

export function compileKernel(keys: readonly Field[], sums: readonly SumField[]): Kernel {
  return new Function(kernelSource(keys, sums))() as Kernel
}

/** Columns that a kernel reads, in its order. */
export function kernelFields(keys: readonly Field[], sums: readonly SumField[]): Field[] {
  return [...keys, ...sums.flatMap(sum => (sum.field ? [sum.field] : []))]
}

export type { Value }
