// The shape of a line: which keys it has in which order, and whether each value was a text or a number. Lines of the
// same shape are scanned by straight code: a key is compared eight octets at a time, a value is read or passed over.
import type { Field } from './field.ts'
import { locals, putSource } from './scan-put.ts'
import { skipValue } from './scan-text.ts'

/** Keys of a line beyond which no code is generated for it. */
export const LONGEST_SHAPE = 100
/** A longer key makes a line have no shape. */
const LONGEST_KEY_OCTETS = 128

interface Place {
  /** Octets of `,"key":`, or of `{"key":` at the first place. */
  readonly length: number
  /** What is compared, and where in Shape.words it is expected; the last piece may overlap the one before. */
  readonly pieces: readonly { readonly at: number; readonly octets: 4 | 8; readonly word: number }[]
  /** Position of the wanted field, -1 = not wanted. */
  readonly slot: number
  readonly isText: boolean
}

export interface Shape {
  /** Keys in order: what tells shapes apart. */
  readonly key: string
  readonly places: readonly Place[]
  /** Pieces of the keys: eight octets as the double that they are, or four as a whole number; big-endian. */
  readonly words: Float64Array
}

const decoder = new TextDecoder()

/** Where a run of octets is cut to be compared in pieces. */
function cut(length: number): { at: number; octets: 4 | 8 }[] {
  const octets = length < 8 ? 4 : 8
  const starts = Array.from({ length: Math.ceil(length / octets) }, (_, piece) =>
    Math.min(piece * octets, length - octets),
  )
  return starts.map(at => ({ at, octets }))
}

/** The shape of a line of compact JSON; undefined when it is none, or has too long keys. */
export function readShape(octets: Uint8Array, from: number, to: number, fields: readonly Field[]): Shape | undefined {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  const places: Place[] = []
  const words: number[] = []
  const names: string[] = []
  if (octets[from] !== 123 || octets[from + 1] !== 34) return undefined
  for (let start = from; ; ) {
    const valueAt = octets.indexOf(34, start + 2) + 2
    const length = valueAt - start
    if (valueAt < 2 || valueAt > to || length > LONGEST_KEY_OCTETS) return undefined
    const name = decoder.decode(octets.subarray(start + 2, valueAt - 2))
    const pieces = cut(length).map(({ at, octets }) => {
      const value = octets === 8 ? view.getFloat64(start + at) : view.getUint32(start + at)
      return { at, octets, word: words.push(value) - 1 }
    })
    const slot = fields.findIndex(field => field.name === name)
    places.push({ length, pieces, slot, isText: octets[valueAt] === 34 })
    names.push(name)
    start = skipValue(octets, valueAt)
    if (start < 0 || start >= to) return undefined
    if (octets[start] === 125) return { key: names.join('\n'), places, words: Float64Array.from(words) }
    if (octets[start] !== 44 || octets[start + 1] !== 34) return undefined
  }
}

/** Octets that must follow a line so that four can be read at its end. */
const SLACK_OCTETS = 8

/**
 * Source that moves p past a value that nobody wants, four octets at a time.
 * Digits: a mark in the top bit of each octet that is none, exact; the first is found by the leading zeros of the word.
 * Texts: a mark for a quote, a backslash or a control character, exact for the first from the low end.
 */
function skipSource(isText: boolean): string {
  if (isText) {
    return `if (o[p] === 34) {
        let m, x, y, u;
        p++;
        for (;;) {
          u = v.getInt32(p, true); x = u ^ 0x22222222; y = u ^ 0x5c5c5c5c;
          m = ((x - 0x01010101) & ~x | (y - 0x01010101) & ~y | (u - 0x20202020) & ~u) & 0x80808080;
          if (m !== 0) break;
          p += 4;
        }
        p += (31 - Math.clz32(m & -m)) >> 3;
        if (o[p++] !== 34) return i;
      } else { p = skipValue(o, p); if (p < 0) return i }`
  }
  return `{ const s = p;
      if (o[p] > 48 && o[p] < 58) {
        let m, u;
        for (;;) {
          u = v.getInt32(p) ^ 0x30303030;
          m = (u | ((u & 0x7f7f7f7f) + 0x76767676)) & 0x80808080;
          if (m !== 0) break;
          p += 4;
        }
        p += Math.clz32(m) >> 3;
        c = o[p];
        if (c !== 44 && c !== 125) { p = skipNumber(o, s); if (p < 0) return i }
      } else { p = skipValue(o, p); if (p < 0) return i } }`
}

function placeSource(place: Place, index: number, last: boolean, fields: readonly Field[]): string {
  const tests = place.pieces.map(
    ({ at, octets, word }) => `v.${octets === 8 ? 'getFloat64' : 'getUint32'}(p + ${at}) !== w[${word}]`,
  )
  const value =
    place.slot < 0 ? skipSource(place.isText) : `{ ${putSource(fields[place.slot] as Field, place.slot, 'return i')} }`
  return `// ${index}
      if (p + ${place.length} > e || ${tests.join(' || ')}) return i;
      p += ${place.length};
      ${value}
      ${last ? 'if (o[p] !== 125 || p + 1 !== e) return i;' : ''}`
}

/** Lines looked at to find what neighbours have in common. */
const NEIGHBOURS = 33
/** A shorter common start is not worth a comparison. */
const SHORTEST_COMMON_OCTETS = 48

/** Places of a line that its neighbour starts with, octet by octet. */
function commonPlaces(octets: Uint8Array, a: number, aEnd: number, b: number, shape: Shape): number {
  let length = 0
  while (a + length < aEnd && octets[a + length] === octets[b + length]) length++
  let at = a
  for (let place = 0; place < shape.places.length; place++) {
    at = skipValue(octets, at + (shape.places[place] as Place).length)
    // What ends the value must be common too.
    if (at >= a + length) return at - a > SHORTEST_COMMON_OCTETS ? place : 0
  }
  return 0
}

/**
 * How many leading places most lines share with the line before: records of one message begin with what is the message's.
 * `starts` and `ends` are lines of the shape, from `index` on.
 */
export function sharedPlaces(
  octets: Uint8Array,
  lines: { readonly starts: Int32Array; readonly ends: Int32Array; readonly count: number },
  index: number,
  shape: Shape,
): number {
  const counts: number[] = []
  const last = Math.min(lines.count, index + NEIGHBOURS) - 1
  for (let line = index; line < last; line++) {
    const [start, end] = [lines.starts[line] as number, lines.ends[line] as number]
    if (readShape(octets, start, end, [])?.key !== shape.key) continue
    counts.push(commonPlaces(octets, start, end, lines.starts[line + 1] as number, shape))
  }
  return counts.sort((a, b) => b - a)[counts.length >> 1] ?? 0
}

/** Source that gives row i the value of row i - 1. */
function copySource(field: Field, index: number): string {
  switch (field.type.lane) {
    case 'number':
      return `n${index}[i] = n${index}[i - 1];`
    case 'address':
      return `f${index}[i] = f${index}[i - 1]; for (let a = 4 * i; a < 4 * i + 4; a++) w${index}[a] = w${index}[a - 4];`
    case 'value':
      return `x${index}[i] = x${index}[i - 1];`
  }
}

/** What of a wanted field's row cannot be copied: values that stand beside the lane. */
function oddTest(field: Field, index: number): string[] {
  if (field.type.lane === 'number') return [`n${index}[i - 1] === Infinity`]
  return field.type.lane === 'address' ? [`f${index}[i - 1] === 255`] : []
}

/** Leading places: passed over in one comparison where they are those of the line before. */
function sharedSource(shape: Shape, shared: number, places: readonly string[], fields: readonly Field[]): string {
  if (shared === 0) return places.join('\n      ')
  const slots = shape.places.slice(0, shared).flatMap(({ slot }) => (slot < 0 ? [] : [slot]))
  const odd = slots.flatMap(slot => oddTest(fields[slot] as Field, slot))
  // Eight octets at a time, as doubles: equal doubles are equal octets, but for zeros, which valid JSON has not.
  return `let q = 0;
      if (i > first && p + size <= e${odd.map(test => ` && !(${test})`).join('')}) {
        while (q < size - 8 && v.getFloat64(p + q) === v.getFloat64(before + q)) q += 8;
        if (q >= size - 8 && v.getFloat64(p + size - 8) === v.getFloat64(before + size - 8)) q = size; else q = 0;
      }
      if (q > 0) {
        ${slots.map(slot => copySource(fields[slot] as Field, slot)).join(' ')}
        before = p; p += size;
      } else {
      before = p;
      ${places.slice(0, shared).join('\n      ')}
      size = p - before;
      }
      ${places.slice(shared).join('\n      ')}`
}

/** The generated text of a shape's scanner. */
export function shapeSource(shape: Shape, fields: readonly Field[], shared = 0): string {
  const places = shape.places.map((place, index) =>
    placeSource(place, index, index === shape.places.length - 1, fields),
  )
  return `'use strict';
return function (batch, columns, i, shape) {
  const o = batch.octets, v = new DataView(o.buffer, o.byteOffset, o.byteLength);
  const starts = batch.starts, ends = batch.ends, count = batch.count, w = shape.words;
  ${fields.map(locals).join(' ')}
  const first = i, limit = o.length - ${SLACK_OCTETS};
  let before = 0, size = 0;
  for (; i < count; i++) {
      let p = starts[i], c = 0;
      const e = ends[i];
      if (e > limit) return i;
      ${sharedSource(shape, shared, places, fields)}
  }
  return i;
}`
}
