// The generated text of JSON writers: one function a form, straight stores, no loops over fields.
//
// It holds only numbers computed here and the JSON text of our own rows' names: nothing from the wire.
import { eightOctets, SMALL_NUMBERS } from '../octets/text-table.ts'
import type { Form } from './batch.ts'
import type { Field } from './field.ts'
import type { TypeName } from './types.ts'

/** The most octets one value of a lane of fixed size takes. */
const WIDEST_VALUE = 64

/**
 * The octets of `,"name":` as generated stores at p, eight at a time: as the double that has these octets, since there
 * are no 64-bit integer stores without BigInts. ASCII never makes a NaN; a name that is not ASCII goes octet by octet.
 */
function keyStores(name: string): string {
  const octets = new TextEncoder().encode(`,${JSON.stringify(name)}:`)
  const { length } = octets
  const view = new DataView(octets.buffer)
  const stores: string[] = []
  if (octets.some(octet => octet > 126)) stores.push(...Array.from(octets, (octet, at) => `b[p + ${at}] = ${octet}`))
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

/** Whether row r has what row l has of a context field, or neither has anything. */
function sameAs(field: Field, index: number, l: string): string {
  switch (field.type.lane) {
    case 'number':
      return `(n${index}[r] === n${index}[${l}] ? n${index}[r] !== Infinity : n${index}[r] !== n${index}[r] && n${index}[${l}] !== n${index}[${l}])`
    case 'address':
      return `f${index}[r] === f${index}[${l}] && f${index}[r] < 255 && w${index}[4 * r] === w${index}[4 * ${l}] && (f${index}[r] !== 6 ||
        w${index}[4 * r + 1] === w${index}[4 * ${l} + 1] && w${index}[4 * r + 2] === w${index}[4 * ${l} + 2] && w${index}[4 * r + 3] === w${index}[4 * ${l} + 3])`
    case 'value':
      return `x${index}[r] === x${index}[${l}]`
  }
}

/**
 * A run of context fields: where they are those of the row before, their text is copied, eight octets at a time; up to
 * seven too many, which are written over. A copied octet above 126 could make a double a NaN and change: so a run that
 * has one is not copied.
 */
function contextSource(run: number, sources: readonly string[], fields: readonly (readonly [Field, number])[]): string {
  const [l, from, size, plain] = [`last${run}`, `from${run}`, `size${run}`, `plain${run}`]
  return `if (${l} >= 0 && ${fields.map(([field, index]) => sameAs(field, index, l)).join(' && ')} &&
      (${plain} || (${plain} = isAscii(b, ${from}, ${from} + ${size})))) {
      if (p + ${size} + tail > b.length) { out.length = p; out.reserve(${size} + tail); b = out.octets; v = out.view }
      for (let q = 0; q < ${size}; q += 8) v.setFloat64(p + q, v.getFloat64(${from} + q, true), true);
      // The row that the text comes from may have begun with it.
      if (${size} > 0) b[p] = 44;
      ${from} = p; p += ${size};
    } else {
      ${from} = p;
      ${sources.join('\n      ')}
      ${size} = p - ${from};
      ${l} = r; ${plain} = false;
    }`
}

/** Fields in their order, neighbouring context fields together. */
function runs(fields: readonly Field[]): (readonly (readonly [Field, number])[])[] {
  const found: (readonly [Field, number])[][] = []
  fields.forEach((field, index) => {
    const before = found.at(-1)?.at(-1)?.[0]
    if (field.context && before?.context) found.at(-1)?.push([field, index])
    else found.push([[field, index]])
  })
  return found
}

/** The generated text of a form's writer. */
export function writerSource(form: Form): string {
  const widest = form.fields.reduce((sum, field) => sum + field.name.length + 4 + WIDEST_VALUE, 16)
  const parts = runs(form.fields).map((run, number) => {
    const sources = run.map(([field, index]) => fieldSource(field, index))
    const shared = run.length > 1 || (run[0]?.[0].context && run[0][0].type.lane === 'value')
    return shared ? contextSource(number, sources, run) : sources.join('')
  })
  return `'use strict';
return function (columns, rows, count, out) {
  const tail = ${widest};
  ${form.fields.map((field, index) => LANE_LOCALS[field.type.lane](index)).join('\n  ')}
  let b = out.octets, v = out.view, p = out.length;
  ${parts.map((_, number) => `let last${number} = -1, from${number} = 0, size${number} = 0, plain${number} = false;`).join(' ')}
  for (let i = 0; i < count; i++) {
    const r = rows[i];
    if (p + tail > b.length) { out.length = p; out.reserve(tail); b = out.octets; v = out.view }
    const start = p;
    ${parts.join('\n    ')}
    if (p === start) { b[p++] = 123 } else b[start] = 123;
    b[p] = 125; b[p + 1] = 10; p += 2;
  }
  out.length = p;
}`
}
