// Comparisons of a field with constants or with another field, as the field's type has them.
import type { Field } from '../fields/field.ts'
import { TYPES } from '../fields/types.ts'
import { and, type Expression, isPresent, not, type Order, or, type Relation, type Test, test } from './expression.ts'
import type { Complaint } from './failure.ts'
import { type Complain, type Literal, numberLiteral, numberMember, prefixLiteral } from './literal.ts'

/** Types that arithmetic and field-to-field order know. */
const NUMERIC: ReadonlySet<string> = new Set(['unsigned', 'counter', 'real', 'time', 'protocol', 'etype', 'any'])
/** Types in whose numbers there is no order that means something. */
const WITHOUT_ORDER: ReadonlySet<string> = new Set(['mac', 'direction', 'address', 'list'])
const WITH_MEMBERS: ReadonlySet<string> = new Set(['list', 'text', 'any'])

export function isNumeric(field: Field): boolean {
  return NUMERIC.has(field.type.name)
}

export interface Membership {
  /** `==`: a value that is a prefix must be the same prefix; `in`: it may be a part. */
  readonly exact: boolean
  readonly negated: boolean
}

/** The field is any of the constants. */
export function isAnyOf(field: Field, literals: readonly Literal[], how: Membership, complain: Complain): Expression {
  const [first] = literals as [Literal]
  const { name, type } = field
  if (type.name === 'list') {
    const hint = `write: ${name} has "..."`
    return complain(first, { code: 'filter/type', message: `${name} is a list, not one value`, hint })
  }
  if (type.lane === 'number') return test(name, numbersTest(field, literals, how, complain))
  if (type.lane === 'address') return test(name, addressesTest(name, literals, how, complain))
  return anyKind(field, literals, how, complain)
}

function numbersTest(field: Field, literals: readonly Literal[], { negated }: Membership, complain: Complain): Test {
  return { is: 'numbers', members: literals.map(literal => numberMember(field, literal, complain)), negated }
}

function addressesTest(name: string, literals: readonly Literal[], how: Membership, complain: Complain): Test {
  return { is: 'addresses', prefixes: literals.map(literal => prefixLiteral(name, literal, complain)), ...how }
}

/** Values of text fields, and of fields of unknown type, which each constant compares in its own way. */
function anyKind(field: Field, literals: readonly Literal[], how: Membership, complain: Complain): Expression {
  const groups = { numbers: [] as Literal[], addresses: [] as Literal[], texts: [] as Literal[] }
  for (const literal of literals) groups[kindOf(field, literal, how)].push(literal)
  const plain = { ...how, negated: false }
  const tests: Test[] = []
  if (groups.numbers.length > 0) tests.push(numbersTest(asReal(field), groups.numbers, plain, complain))
  if (groups.addresses.length > 0) tests.push(addressesTest(field.name, groups.addresses, plain, complain))
  if (groups.texts.length > 0) {
    tests.push({ is: 'texts', texts: groups.texts.map(({ token }) => token.text), negated: false })
  }
  const [only] = tests
  if (tests.length === 1 && only) return test(field.name, { ...only, negated: how.negated } as Test)
  const any = or(...tests.map(part => test(field.name, part)))
  return how.negated ? and(isPresent(field.name), not(any)) : any
}

/** Constants for fields of unknown type, and for members of lists, are plain numbers. */
function asReal(field: Field): Field {
  return { ...field, type: TYPES.real }
}

function kindOf({ type }: Field, { token, to }: Literal, { exact }: Membership): 'numbers' | 'addresses' | 'texts' {
  if (type.name === 'any' && (to || token.number !== undefined)) return 'numbers'
  if (token.kind === 'prefix' && !exact) return 'addresses'
  return type.name === 'any' && (token.kind === 'prefix' || token.kind === 'address') ? 'addresses' : 'texts'
}

/** The field is below or above the constant. */
export function isOrdered(field: Field, operator: Order, literal: Literal, complain: Complain): Expression {
  const { name, type } = field
  if (WITHOUT_ORDER.has(type.name)) complain(literal, unordered(field))
  const isText = type.name === 'text' || (type.name === 'any' && literal.token.number === undefined)
  if (isText) return test(name, { is: 'textOrder', operator, text: literal.token.text })
  return test(name, {
    is: 'order',
    operator,
    number: numberLiteral(type.name === 'any' ? asReal(field) : field, literal, complain),
  })
}

function unordered(field: Field): Complaint {
  const hint = field.type.name === 'address' ? `write: ${field.name} in 10.0.0.0/8` : undefined
  const message = `${field.name} has no order: compare it with == or !=`
  return { code: 'filter/type', message, ...(hint === undefined ? {} : { hint }) }
}

/** The list has any of the constants among its members. */
export function hasAnyOf(field: Field, literals: readonly Literal[], negated: boolean, complain: Complain): Expression {
  const [first] = literals as [Literal]
  if (!WITH_MEMBERS.has(field.type.name)) {
    const hint = `write: ${field.name} in (...)`
    complain(first, { code: 'filter/type', message: `${field.name} is one value, not a list`, hint })
  }
  const isNumber = ({ token, to }: Literal): boolean => token.number !== undefined || to !== undefined
  const numbers = literals.filter(isNumber).map(literal => numberMember(asReal(field), literal, complain))
  const texts = literals.filter(literal => !isNumber(literal)).map(({ token }) => token.text)
  return test(field.name, { is: 'has', numbers, texts, negated })
}

/** The field's text, or a member of the list, matches. */
export function matches(field: Field, literal: Literal, negated: boolean, complain: Complain): Expression {
  const { text: source, flags = '' } = literal.token
  if (!/^i?$/.test(flags)) complain(literal, { message: `a pattern may have the flag i, not "${flags}"` })
  try {
    new RegExp(source, flags)
  } catch {
    complain(literal, { message: `"${source}" is no regular expression` })
  }
  return test(field.name, { is: 'pattern', source, flags, negated })
}

/** Two fields against each other. */
export function comparesFields(left: Field, operator: Relation, right: Field): Expression | Complaint {
  const untyped = [left, right].filter(({ type }) => type.name === 'any').length
  const isEquality = operator === '==' || operator === '!='
  if (isNumeric(left) && isNumeric(right) && !(untyped === 2 && isEquality)) {
    return {
      is: 'compare',
      operator,
      left: { is: 'field', field: left.name },
      right: { is: 'field', field: right.name },
    }
  }
  const sameKind = left.type.name === right.type.name || untyped > 0
  const isList = left.type.name === 'list' || right.type.name === 'list'
  if (!sameKind || isList) {
    const message = `${left.name} (${left.type.name}) and ${right.name} (${right.type.name}) cannot be compared`
    return { code: 'filter/type', message, hint: 'put the right side into quotes if a text is meant' }
  }
  if (!isEquality) return unordered(left)
  return { is: 'same', left: left.name, right: right.name, negated: operator === '!=' }
}
