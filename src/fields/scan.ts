// Lines of NDJSON to columns of the wanted fields, at three speeds, all accepting and giving the same:
//   the twin (interpretScan): JSON.parse of every line;
//   the scanner: generated, walks the octets of any line of compact JSON once;
//   the shape scanner: generated for lines that have the same keys in the same order, as one writer's mostly have.
// Each verifies all that it assumes (whole keys, the JSON grammar without white space or escapes) and hands a line that
// is not so to the next slower one.
//
// Generated source holds only positions and lengths; names and octets of keys are compared as data.
import type { LineBatch } from './batch.ts'
import { type Column, clearColumn, putValue } from './column.ts'
import type { Field } from './field.ts'
import { locals, putAny, putSource } from './scan-put.ts'
import { LONGEST_SHAPE, readShape, type Shape, shapeSource, sharedPlaces } from './scan-shape.ts'
import { skipNumber, skipValue } from './scan-text.ts'

/** Fills the columns and the indices of readable lines; returns how many those are. */
export type Scan = (batch: LineBatch, columns: readonly Column[], rows: Int32Array) => number

/** Scans one line; false where the general parser must decide. */
type ScanLine = (batch: LineBatch, columns: readonly Column[], index: number) => boolean

/** Scans lines from `index` on while they have the shape; returns the first that has not. */
type ScanShape = (batch: LineBatch, columns: readonly Column[], index: number, shape: Shape) => number

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

/** The generated text of the scanner of any line. */
export function scanSource(fields: readonly Field[]): string {
  const byLength = Map.groupBy(fields.keys(), index => new TextEncoder().encode(fields[index]?.name).length)
  const cases = [...byLength].map(([length, indexes]) => {
    const tests = indexes.map(
      index =>
        `if (same(o, k, names[${index}])) { ${putSource(fields[index] as Field, index, 'return false')} break put }`,
    )
    return `case ${length}: ${tests.join(' else ')} break;`
  })
  return `'use strict';
return function (batch, columns, i) {
  const o = batch.octets, e = batch.ends[i];
  let p = batch.starts[i];
  ${fields.map(locals).join(' ')}
  if (o[p++] !== 123) return false;
  if (o[p] === 125) return p + 1 === e;
  for (;;) {
    if (o[p] !== 34) return false;
    const k = p + 1;
    let q = k, c;
    while ((c = o[q]) !== 34) { if (c === 92 || c < 32) return false; q++ }
    if (o[q + 1] !== 58) return false;
    p = q + 2;
    put: {
      switch (q - k) {
        ${cases.join('\n        ')}
      }
      p = skipValue(o, p); if (p < 0) return false;
    }
    const t = o[p++];
    if (t === 44) continue;
    return t === 125 && p === e;
  }
}`
}

function same(octets: Uint8Array, at: number, name: Uint8Array): boolean {
  for (let index = 0; index < name.length; index++) if (octets[at + index] !== name[index]) return false
  return true
}

/** Shapes compiled for one scanner; a writer has a handful. */
const SHAPES = 16
/** Lines that miss every known shape before another is learned. */
const MISSES_BEFORE_LEARNING = 32

/** The generated scanner, or its twin where generating code is forbidden. */
export function compileScan(fields: readonly Field[]): Scan {
  const encoder = new TextEncoder()
  const helpers = { fields, names: fields.map(({ name }) => encoder.encode(name)), putAny, same, skipNumber, skipValue }
  const make = (source: string) => new Function(...Object.keys(helpers), source)(...Object.values(helpers))
  let scanLine: ScanLine
  try {
    scanLine = make(scanSource(fields)) as ScanLine
  } catch {
    return interpretScan(fields)
  }
  const shapes = new Map<string, { shape: Shape; scan: ScanShape }>()
  let current: { shape: Shape; scan: ScanShape } | undefined
  let misses = MISSES_BEFORE_LEARNING - 1

  /** Takes the shape of a line as the one to expect, compiling it when it is new. */
  function learn(batch: LineBatch, index: number): void {
    misses = 0
    const shape = readShape(batch.octets, batch.starts[index] as number, batch.ends[index] as number, fields)
    if (!shape || shape.places.length > LONGEST_SHAPE) return
    let known = shapes.get(shape.key)
    if (!known && shapes.size < SHAPES) {
      const shared = sharedPlaces(batch.octets, batch, index, shape)
      known = { shape, scan: make(shapeSource(shape, fields, shared)) as ScanShape }
      shapes.set(shape.key, known)
    }
    if (known) current = known
  }

  return (batch, columns, rows) => {
    for (const column of columns) clearColumn(column, batch.count)
    let kept = 0
    for (let index = 0; index < batch.count; index++) {
      if (current) {
        const next = current.scan(batch, columns, index, current.shape)
        while (index < next) rows[kept++] = index++
        if (index === batch.count) break
      }
      if (++misses >= MISSES_BEFORE_LEARNING) learn(batch, index)
      // What a faster scanner put before it gave the line up must not stay.
      for (let at = 0; at < columns.length; at++) putValue(fields[at] as Field, columns[at] as Column, index, undefined)
      if (scanLine(batch, columns, index)) rows[kept++] = index
      else {
        for (let at = 0; at < columns.length; at++)
          putValue(fields[at] as Field, columns[at] as Column, index, undefined)
        if (generalLine(batch, fields, columns, index)) rows[kept++] = index
      }
    }
    return kept
  }
}
