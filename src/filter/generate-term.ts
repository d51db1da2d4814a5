// Source text of terms: a number or BigInt, NaN where there is none.
import type { Value } from '../contract/record.ts'
import { IPV4, IPV6 } from '../fields/column.ts'
import type { Field } from '../fields/field.ts'
import type { ArithmeticOperator, Term } from './expression.ts'
import { type Generator, numberSource } from './generator.ts'
import { ARITHMETIC } from './numbers.ts'
import { fieldNumber, macOctets, wordOctets } from './term-value.ts'

/** May be a BigInt: for relations. */
export function generateTerm(term: Term, generator: Generator): string {
  switch (term.is) {
    case 'number':
      return numberSource(term.number, generator)
    case 'field':
      return generateField(term.field, generator, value => value)
    case 'octets':
      return generateOctets(term, generator)
    case 'arithmetic':
      return generateArithmetic(term, generator)
  }
}

/** Always a double: for arithmetic. */
function generateDouble(term: Term, generator: Generator): string {
  if (term.is === 'field') return generateField(term.field, generator, Number)
  if (term.is === 'number') return numberSource(Number(term.number), generator)
  return generateTerm(term, generator)
}

const WRITTEN_OUT: ReadonlySet<ArithmeticOperator> = new Set(['+', '-', '*', '%'])

function generateArithmetic(term: Extract<Term, { is: 'arithmetic' }>, generator: Generator): string {
  const left = generateDouble(term.left, generator)
  const right = generateDouble(term.right, generator)
  if (WRITTEN_OUT.has(term.operator)) return `(${left} ${term.operator} ${right})`
  return `${generator.constant(ARITHMETIC[term.operator])}(${left}, ${right})`
}

function generateField(
  name: string,
  generator: Generator,
  finish: (number: number | bigint) => number | bigint,
): string {
  const index = generator.column(name)
  const { type } = generator.fields[index] as Field
  const number = generator.constant((value: Value | undefined) => finish(fieldNumber(type, value)))
  if (type.lane === 'value') return `${number}(v${index}[r])`
  const plain = type.name === 'time' ? 'n / 1e6' : 'n'
  return `((n = n${index}[r]) === Infinity ? ${number}(o${index}.get(r)) : ${plain})`
}

/** Odd addresses and odd MAC addresses have no octets. */
function generateOctets(term: Extract<Term, { is: 'octets' }>, generator: Generator): string {
  const index = generator.column(term.field)
  if (term.family === 48) {
    return `((n = n${index}[r]) === Infinity ? NaN : ${generator.constant(macOctets)}(n, ${generator.constant(term)}))`
  }
  const word = `w${index}[4 * r + ${Math.floor(term.offset / 4)}]`
  const octets = `${generator.constant(wordOctets)}(${word}, ${generator.constant(term)})`
  return `(f${index}[r] === ${term.family === 4 ? IPV4 : IPV6} ? ${octets} : NaN)`
}
