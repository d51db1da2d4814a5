// Source text of one test: direct on the lanes where that is quick, by the value's test for everything else.
import { type Column, IPV4, IPV6, ODD_ADDRESS, takeValue } from '../fields/column.ts'
import type { Field } from '../fields/field.ts'
import type { Lane } from '../fields/types.ts'
import { addressSet, maskWord } from './addresses.ts'
import type { NumberMember, Order, Test } from './expression.ts'
import { type Generator, numberSource } from './generator.ts'
import { numberSet } from './numbers.ts'
import { type ValueTest, valueTest } from './test-value.ts'
import { parsePrefix } from './values.ts'

/** More members than these are looked up in a set. */
const MOST_WRITTEN_OUT = 8

export function generateTest(name: string, test: Test, generator: Generator): string {
  const index = generator.column(name)
  const field = generator.fields[index] as Field
  const holds = valueTest(field.type, test)
  const quick = QUICK[field.type.lane](index, test, generator, holds)
  return quick ?? `${generator.constant(byValue(field, holds))}(c${index}, r)`
}

function byValue(field: Field, holds: ValueTest) {
  return (column: Column, row: number): boolean => holds(takeValue(field, column, row))
}

type Quick = (index: number, test: Test, generator: Generator, holds: ValueTest) => string | undefined

const QUICK: { readonly [lane in Lane]: Quick } = {
  number: (index, test, generator, holds) => {
    const plain = numberCondition(test, generator)
    if (plain === undefined) return undefined
    return `(n = n${index}[r]) === Infinity ? ${generator.constant(holds)}(o${index}.get(r)) : ${plain}`
  },
  address: (index, test, generator, holds) => {
    const plain = addressCondition(index, test, generator)
    if (plain === undefined) return undefined
    return `(f = f${index}[r]) === ${ODD_ADDRESS} ? ${generator.constant(holds)}(o${index}.get(r)) : ${plain}`
  },
  value: (index, _test, generator, holds) => `${generator.constant(holds)}(v${index}[r])`,
}

/** On n, which is NaN where the value is absent. */
function numberCondition(test: Test, generator: Generator): string | undefined {
  switch (test.is) {
    case 'present':
      return 'n === n'
    case 'numbers': {
      const inside = numbersCondition(test.members, generator)
      return test.negated ? `n === n && !(${inside})` : inside
    }
    case 'order':
      return `n ${ORDER_SOURCE[test.operator]} ${numberSource(test.number, generator)}`
    default:
      return undefined
  }
}

const ORDER_SOURCE: { readonly [order in Order]: string } = { '<': '<', '<=': '<=', '>': '>', '>=': '>=' }

function numbersCondition(members: readonly NumberMember[], generator: Generator): string {
  if (members.length > MOST_WRITTEN_OUT) return `${generator.constant(numberSet(members))}(n)`
  const conditions = members.map(member => {
    if (typeof member === 'number') return `n === ${numberSource(member, generator)}`
    if (typeof member === 'bigint') return `n == ${numberSource(member, generator)}`
    return `n >= ${numberSource(member[0], generator)} && n <= ${numberSource(member[1], generator)}`
  })
  return conditions.join(' || ') || 'false'
}

/** On f, the row's address family, 0 where the value is absent. */
function addressCondition(index: number, test: Test, generator: Generator): string | undefined {
  if (test.is === 'present') return 'f !== 0'
  if (test.is !== 'addresses') return undefined
  const inside =
    test.prefixes.length > MOST_WRITTEN_OUT
      ? `${generator.constant(addressSet(test.prefixes))}(w${index}, 4 * r, f)`
      : test.prefixes.map(prefix => prefixCondition(index, prefix)).join(' || ') || 'false'
  return test.negated ? `f !== 0 && !(${inside})` : inside
}

function prefixCondition(index: number, text: string): string {
  const prefix = parsePrefix(text)
  if (!prefix) throw new Error(`not a prefix: ${text}`)
  const words = prefix.family === 4 ? [0] : [0, 1, 2, 3]
  const conditions = words.flatMap(word => {
    const mask = maskWord(prefix.length, word)
    const network = ((prefix.words[word] as number) & mask) | 0
    return mask === 0 ? [] : [`(w${index}[4 * r + ${word}] & ${mask | 0}) === ${network}`]
  })
  return [`f === ${prefix.family === 4 ? IPV4 : IPV6}`, ...conditions].join(' && ')
}
