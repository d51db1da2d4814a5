// Values with a number: fields, constants, byte accesses and arithmetic on them.
import type { Field } from '../fields/field.ts'
import { accessOf, isHeader, PACKET_LENGTH } from './accessor.ts'
import { isNumeric } from './comparison.ts'
import type { Cursor } from './cursor.ts'
import type { ArithmeticOperator, Expression, Term } from './expression.ts'
import { fieldOfToken } from './field-name.ts'
import { BYTE_CONSTANTS } from './names.ts'
import { ARITHMETIC } from './numbers.ts'
import type { Token } from './scanner.ts'

/** A number-like value; `field` when it is a field by itself. */
export interface Operand {
  readonly term: Term
  readonly field?: Field
  /** The field is an unquoted word that nothing knows. */
  readonly isGuess?: boolean
  /** What must hold for byte accesses in it to mean anything. */
  readonly guards: readonly Expression[]
  readonly token: Token
}

/** Signs of arithmetic in a filter: each may be a level of nesting. */
const MAX_CALCULATIONS = 500

export type Item = { readonly expression: Expression } | Operand

/** Parses what follows an opening parenthesis, and the closing one. */
export type Parenthesised = () => Item

/** As in pcap-filter(7), where `tcp[13] & 2 != 0` needs no parentheses. */
const PRECEDENCE: { readonly [operator in ArithmeticOperator]: number } = {
  '|': 1,
  '^': 1,
  '&': 1,
  '<<': 2,
  '>>': 2,
  '+': 3,
  '-': 3,
  '*': 4,
  '/': 4,
  '%': 4,
}

export function arithmeticAt(cursor: Cursor, ahead = 0): ArithmeticOperator | undefined {
  const { kind, text } = cursor.peek(ahead)
  return kind === 'symbol' && Object.hasOwn(PRECEDENCE, text) ? (text as ArithmeticOperator) : undefined
}

/** A sum of products and so on; or the condition, when it is one in parentheses. */
export function parseOperand(cursor: Cursor, parenthesised: Parenthesised, above = 0): Item {
  let left = parseAtom(cursor, parenthesised)
  for (;;) {
    const operator = arithmeticAt(cursor)
    if (operator === undefined || PRECEDENCE[operator] <= above) return left
    const sign = cursor.take()
    const right = parseOperand(cursor, parenthesised, PRECEDENCE[operator])
    left = calculate(cursor, sign, operator, asNumber(cursor, left, sign), asNumber(cursor, right, sign))
  }
}

/** The operand, if arithmetic can be done on it. */
function asNumber(cursor: Cursor, item: Item, sign: Token): Operand {
  if ('expression' in item) return cursor.fail(sign, { message: `"${sign.text}" needs a number on either side` })
  if (item.field && !isNumeric(item.field)) {
    const message = `${item.field.name} is no number: ${item.field.type.json}`
    const hint = 'texts with other characters than letters, digits and _ go into quotes'
    cursor.fail(item.token, { code: 'filter/type', message, hint })
  }
  return item
}

function calculate(cursor: Cursor, sign: Token, operator: ArithmeticOperator, left: Operand, right: Operand): Operand {
  if (++cursor.calculations > MAX_CALCULATIONS) {
    const message = `a filter may have ${MAX_CALCULATIONS} signs of arithmetic`
    cursor.fail(sign, { code: 'filter/too-large', message })
  }
  const { token } = left
  const guards = [...left.guards, ...right.guards]
  if (left.term.is !== 'number' || right.term.is !== 'number') {
    return { term: { is: 'arithmetic', operator, left: left.term, right: right.term }, guards, token }
  }
  const number = ARITHMETIC[operator](Number(left.term.number), Number(right.term.number))
  if (!Number.isFinite(number)) cursor.fail(sign, { message: 'this has no result' })
  return { term: { is: 'number', number }, guards, token }
}

function parseAtom(cursor: Cursor, parenthesised: Parenthesised): Item {
  const token = cursor.peek()
  const constant = token.number ?? (token.kind === 'word' ? BYTE_CONSTANTS.get(token.text) : undefined)
  if (constant !== undefined) return { term: { is: 'number', number: constant }, guards: [], token: cursor.take() }
  if (cursor.skipSymbol('(')) return parenthesised()
  if (cursor.skipSymbol('-')) return negative(cursor, token, parenthesised)
  if (token.kind === 'word' && isHeader(token.text) && cursor.isSymbol('[', 1)) return parseAccess(cursor)
  if (cursor.isWord('len')) return { term: PACKET_LENGTH, guards: [], token: cursor.take() }
  if (token.kind !== 'word' && token.kind !== 'key' && token.kind !== 'quoted') return expectedCondition(cursor)
  const { field, isGuess } = fieldOfToken(cursor, cursor.take())
  return { term: { is: 'field', field: field.name }, field, isGuess, guards: [], token }
}

function negative(cursor: Cursor, sign: Token, parenthesised: Parenthesised): Operand {
  const zero: Operand = { term: { is: 'number', number: 0 }, guards: [], token: sign }
  let negated = true
  while (cursor.skipSymbol('-')) negated = !negated
  const operand = asNumber(cursor, parseAtom(cursor, parenthesised), sign)
  return calculate(cursor, sign, negated ? '-' : '+', zero, operand)
}

const HINTS: { readonly [kind in Token['kind']]?: string } = {
  address: 'write: host ADDRESS, or: ip_src == ADDRESS',
  prefix: 'write: net PREFIX, or: ip_src in PREFIX',
  mac: 'write: ether host MAC',
}

function expectedCondition(cursor: Cursor): never {
  return cursor.expected('a condition: a field, a number or a word of pcap-filter', HINTS[cursor.peek().kind])
}

/** `tcp[13]`, `ip[12:4]`. */
function parseAccess(cursor: Cursor): Operand {
  const token = cursor.take()
  cursor.take()
  const index = cursor.peek().kind === 'index' ? cursor.take().text : cursor.expected('an offset')
  cursor.expectSymbol(']')
  const access = accessOf(token.text, index)
  return 'message' in access ? cursor.fail(token, access) : { term: access.term, guards: [access.guard], token }
}
