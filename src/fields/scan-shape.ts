// The shape of a line: which keys it has in which order, and whether each value was a text or a number. Lines of the
// same shape are scanned by straight code: a key is compared four octets at a time, a value is read or passed over.
import type { Field } from './field.ts'
import { locals, putSource } from './scan-put.ts'
import { skipValue } from './scan-text.ts'

/** Keys of a line beyond which no code is generated for it. */
export const LONGEST_SHAPE = 100
/** A longer key makes a line have no shape. */
const LONGEST_KEY_OCTETS = 128

interface Place {
  /** Octets of `"key":`. */
  readonly length: number
  /** Where its words start in Shape.words; the last word is its last four octets. */
  readonly wordAt: number
  /** Position of the wanted field, -1 = not wanted. */
  readonly slot: number
  readonly isText: boolean
}

export interface Shape {
  /** Keys in order: what tells shapes apart. */
  readonly key: string
  readonly places: readonly Place[]
  readonly words: Uint32Array
}

const decoder = new TextDecoder()

/** The shape of a line of compact JSON; undefined when it is none, or has too long keys. */
export function readShape(octets: Uint8Array, from: number, to: number, fields: readonly Field[]): Shape | undefined {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  const places: Place[] = []
  const words: number[] = []
  const names: string[] = []
  if (octets[from] !== 123 || octets[from + 1] !== 34) return undefined
  for (let at = from + 1; ; ) {
    const valueAt = octets.indexOf(34, at + 1) + 2
    const length = valueAt - at
    if (valueAt < 2 || valueAt > to || length < 4 || length > LONGEST_KEY_OCTETS) return undefined
    const name = decoder.decode(octets.subarray(at + 1, valueAt - 2))
    places.push({
      length,
      wordAt: words.length,
      slot: fields.findIndex(field => field.name === name),
      isText: octets[valueAt] === 34,
    })
    names.push(name)
    for (let word = at; word < valueAt - 4; word += 4) words.push(view.getUint32(word))
    words.push(view.getUint32(valueAt - 4))
    at = skipValue(octets, valueAt)
    if (at < 0 || at >= to) return undefined
    const next = octets[at++]
    if (next === 125) return { key: names.join('\n'), places, words: Uint32Array.from(words) }
    if (next !== 44 || octets[at] !== 34) return undefined
  }
}

const DIGIT = (read: string) => `((c = ${read}) - 48) >>> 0 <= 9`

/** Source that moves p past a value that nobody wants. */
function skipSource(isText: boolean): string {
  if (isText) {
    return `if (o[p] === 34) { while ((c = o[++p]) !== 34) if (c === 92 || c < 32) return i; p++ }
      else { p = skipValue(o, p); if (p < 0) return i }`
  }
  return `{ const s = p; if (o[p] > 48 && ${DIGIT('o[p]')}) {
        while (${DIGIT('o[++p]')});
        if (c !== 44 && c !== 125) { p = skipNumber(o, s); if (p < 0) return i }
      } else { p = skipValue(o, p); if (p < 0) return i } }`
}

function placeSource(place: Place, index: number, last: boolean, fields: readonly Field[]): string {
  const count = Math.ceil(place.length / 4)
  const tests = Array.from({ length: count }, (_, word) => {
    const at = word === count - 1 ? place.length - 4 : 4 * word
    return `v.getUint32(p + ${at}) !== w[${place.wordAt + word}]`
  })
  const value =
    place.slot < 0 ? skipSource(place.isText) : `{ ${putSource(fields[place.slot] as Field, place.slot, 'return i')} }`
  const end = last ? 'if (o[p] !== 125 || p + 1 !== e) return i;' : 'if (o[p++] !== 44) return i;'
  return `// ${index}
      if (p + ${place.length} > e || ${tests.join(' || ')}) return i;
      p += ${place.length};
      ${value}
      ${end}`
}

/** Lines looked at to find what neighbours have in common. */
const NEIGHBOURS = 33
/** A shorter common start is not worth a comparison. */
const SHORTEST_COMMON_OCTETS = 48

/** Places of a line that its neighbour starts with, octet by octet. */
function commonPlaces(octets: Uint8Array, a: number, aEnd: number, b: number, shape: Shape): number {
  let length = 0
  while (a + length < aEnd && octets[a + length] === octets[b + length]) length++
  let at = a + 1
  for (let place = 0; place < shape.places.length; place++) {
    at = skipValue(octets, at + (shape.places[place] as Place).length) + 1
    if (at > a + length) return at - a > SHORTEST_COMMON_OCTETS ? place : 0
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
  const first = i;
  let before = 0, size = 0;
  for (; i < count; i++) {
      let p = starts[i], c = 0;
      const e = ends[i];
      if (o[p++] !== 123) return i;
      ${sharedSource(shape, shared, places, fields)}
  }
  return i;
}`
}
