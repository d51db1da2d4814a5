// One test on one value: the interpreted reading of a Test. Compiled filters fall back on it for values out of the ordinary.
import type { Value } from '../contract/record.ts'
import { type FieldType, TYPES } from '../fields/types.ts'
import { addressSet } from './addresses.ts'
import type { Test } from './expression.ts'
import { numberSet, RELATIONS } from './numbers.ts'
import { type Address, addressOf, addressText, hasMember, numberOf, parsePrefix, textOf } from './values.ts'

export type ValueTest = (value: Value | undefined) => boolean

/** Members of a list have no type of their own. */
const ANY = TYPES.any

const isAbsent = (value: Value | undefined): boolean => value === undefined || value === null

/** The plain test, or: there is a value and the plain test fails. */
function sign(negated: boolean, plain: ValueTest): ValueTest {
  return negated ? value => !isAbsent(value) && !plain(value) : plain
}

type Tests = { readonly [kind in Test['is']]: (type: FieldType, test: Extract<Test, { is: kind }>) => ValueTest }

const TESTS: Tests = {
  present: () => value => !isAbsent(value),

  numbers: (type, { members, negated }) => {
    const contains = numberSet(members)
    return sign(negated, value => contains(numberOf(type, value)))
  },

  order: (type, { operator, number }) => {
    const holds = RELATIONS[operator]
    return value => holds(numberOf(type, value), number)
  },

  addresses: (_type, { prefixes, exact, negated }) => {
    const contains = addressSet(prefixes)
    const covers = prefixCover(prefixes, exact)
    return sign(negated, value => {
      const address = addressOf(value)
      if (address === undefined) return false
      return String(value).includes('/') ? covers(address) : contains(address.words, 0, address.family)
    })
  },

  texts: (type, { texts, negated }) => {
    const known = new Set<string | undefined>(texts)
    return sign(negated, value => known.has(textOf(type, value)))
  },

  textOrder: (type, { operator, text }) => {
    const order = TEXT_ORDERS[operator]
    return value => {
      const own = textOf(type, value)
      return own !== undefined && order(own, text)
    }
  },

  has: (type, { numbers, texts, negated }) => {
    const isNumber = numberSet(numbers)
    const known = new Set<string | undefined>(texts)
    const isWanted = (member: Value): boolean =>
      known.has(textOf(ANY, member)) || (numbers.length > 0 && isNumber(numberOf(ANY, member)))
    return sign(negated, value => hasMember(type, value, isWanted))
  },

  pattern: (type, { source, flags, negated }) => {
    const pattern = new RegExp(source, flags)
    const matches = (text: string | undefined): boolean => text !== undefined && pattern.test(text)
    return sign(negated, value =>
      Array.isArray(value)
        ? hasMember(type, value, member => matches(textOf(ANY, member)))
        : matches(textOf(type, value)),
    )
  },
}

const TEXT_ORDERS = {
  '<': (a: string, b: string) => a < b,
  '<=': (a: string, b: string) => a <= b,
  '>': (a: string, b: string) => a > b,
  '>=': (a: string, b: string) => a >= b,
}

/** `address/length`, canonical, as Test.addresses has it. */
export function prefixText(address: Address): string {
  return `${addressText(address)}/${address.length}`
}

/** For values that are prefixes: whether one of the set's is the same (exact) or covers all of it. */
function prefixCover(prefixes: readonly string[], exact: boolean): (prefix: Address) => boolean {
  if (exact) {
    const same = new Set(prefixes)
    return prefix => same.has(prefixText(prefix))
  }
  const covers = prefixes.map(text => ({ length: parsePrefix(text)?.length ?? 0, contains: addressSet([text]) }))
  return ({ words, family, length }) => covers.some(cover => cover.length <= length && cover.contains(words, 0, family))
}

/** The test on a value of a field of this type. */
export function valueTest<Kind extends Test['is']>(type: FieldType, test: Extract<Test, { is: Kind }>): ValueTest {
  const make = TESTS[test.is as Kind]
  return make(type, test)
}
