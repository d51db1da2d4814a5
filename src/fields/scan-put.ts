// How generated scanners read the value of a wanted field: the frequent forms in place, any other by putAny.
import type { Value } from '../contract/record.ts'
import { type Column, IPV4, putValue } from './column.ts'
import type { Field } from './field.ts'
import { skipValue } from './scan-text.ts'

const decoder = new TextDecoder()

/** Puts the JSON value that starts at `at`; returns the position after it, or -1. */
export function putAny(field: Field, column: Column, row: number, octets: Uint8Array, at: number): number {
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
const PUT_NUMBER = (index: number, miss: string) => `
        let q = p, x = 0, d;
        while ((d = o[q] - 48) >= 0 && d <= 9) { x = x * 10 + d; q++ }
        const n = q - p; d = o[q];
        if (n > 0 && n < 16 && (d === 44 || d === 125) && (n === 1 || o[p] !== 48)) { n${index}[i] = x; p = q }
        else { p = putAny(fields[${index}], columns[${index}], i, o, p); if (p < 0) ${miss} }`

/** Seconds with up to six decimals become microseconds in place. */
const PUT_TIME = (index: number, miss: string) => `
        let q = p, x = 0, d;
        while ((d = o[q] - 48) >= 0 && d <= 9) { x = x * 10 + d; q++ }
        const n = q - p; let m = 6;
        if (o[q] === 46) { q++; while (m > 0 && (d = o[q] - 48) >= 0 && d <= 9) { x = x * 10 + d; q++; m-- } if (m === 6) m = -1 }
        d = o[q];
        if (n > 0 && n < 11 && m >= 0 && (d === 44 || d === 125) && (n === 1 || o[p] !== 48)) {
          while (m-- > 0) x *= 10;
          n${index}[i] = x; p = q
        } else { p = putAny(fields[${index}], columns[${index}], i, o, p); if (p < 0) ${miss} }`

/** Dotted decimal is read in place. */
const PUT_ADDRESS = (index: number, miss: string) => `
        let q = p + 1, x = 0, a = 0, dots = 0, n = 0, d;
        if (o[p] === 34) for (;;) {
          d = o[q++];
          if (d >= 48 && d <= 57) { a = a * 10 + d - 48; n++; if (a > 255) { n = 9; break } }
          else if (d === 46 && n > 0 && n < 4) { x = x * 256 + a; a = 0; n = 0; dots++ }
          else break;
        }
        if (d === 34 && dots === 3 && n > 0 && n < 4) { w${index}[4 * i] = x * 256 + a; f${index}[i] = ${IPV4}; p = q }
        else { p = putAny(fields[${index}], columns[${index}], i, o, p); if (p < 0) ${miss} }`

/** Short names of frequent protocols, packed into one word. */
const FREQUENT_PROTOCOLS: readonly [string, number][] = [
  ['tcp', 6],
  ['udp', 17],
]
const PUT_PROTOCOL = (index: number, miss: string) => {
  const tests = FREQUENT_PROTOCOLS.map(([name, number]) => {
    const [a, b, c] = [...name].map(letter => letter.charCodeAt(0))
    return `if (o[p] === 34 && o[p + 1] === ${a} && o[p + 2] === ${b} && o[p + 3] === ${c} && o[p + 4] === 34) { n${index}[i] = ${number}; p += 5 }`
  })
  return `
        ${tests.join(' else ')}
        else { p = putAny(fields[${index}], columns[${index}], i, o, p); if (p < 0) ${miss} }`
}

const PUT_ANY = (index: number, miss: string) => `
        p = putAny(fields[${index}], columns[${index}], i, o, p); if (p < 0) ${miss};`

/** Source that reads the value at p into the field's column and moves p past it; `miss` is done when it cannot. */
export function putSource(field: Field, index: number, miss: string): string {
  if (field.type.lane === 'address') return PUT_ADDRESS(index, miss)
  switch (field.type.name) {
    case 'unsigned':
    case 'counter':
    case 'real':
      return PUT_NUMBER(index, miss)
    case 'time':
      return PUT_TIME(index, miss)
    case 'protocol':
      return PUT_PROTOCOL(index, miss)
    default:
      return PUT_ANY(index, miss)
  }
}

const LOCALS = {
  number: (index: number) => `const n${index} = columns[${index}].numbers;`,
  address: (index: number) => `const w${index} = columns[${index}].words, f${index} = columns[${index}].family;`,
  value: (index: number) => `const x${index} = columns[${index}].values;`,
}

/** Source that names the arrays of a field's column. */
export function locals(field: Field, index: number): string {
  return LOCALS[field.type.lane](index)
}
