// Comparisons: what follows the left side.

import type { Field } from '../fields/field.ts'
import { comparesFields, hasAnyOf, isAnyOf, isOrdered, matches } from './comparison.ts'
import type { Cursor } from './cursor.ts'
import { and, type Expression, type Order, type Relation } from './expression.ts'
import { fieldOfToken, isKnown } from './field-name.ts'
import type { Complain, Literal } from './literal.ts'
import { arithmeticAt, type Operand, type Parenthesised, parseOperand } from './operand.ts'
import type { Token } from './scanner.ts'

/** Kinds of token that are constants by themselves. */
const CONSTANTS: ReadonlySet<Token['kind']> = new Set([
  'bare',
  'quoted',
  'number',
  'dotted',
  'address',
  'prefix',
  'mac',
  'time',
])

const JOINED: ReadonlySet<Token['kind']> = new Set(['word', 'bare', 'number', 'dotted'])

const FLIPPED: { readonly [relation in Relation]: Relation } = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

const complainAt =
  (cursor: Cursor): Complain =>
  ({ token }, complaint) =>
    cursor.fail(token, complaint)

/** `CONSTANT in LIST`, `CONSTANT not in LIST`; undefined when it is something else. */
export function parseListMember(cursor: Cursor): Expression | undefined {
  const negated = cursor.isWord('not', 1)
  const keyword = negated ? 2 : 1
  const list = cursor.peek(keyword + 1)
  if (!CONSTANTS.has(cursor.peek().kind) || !cursor.isWord('in', keyword)) return undefined
  if (list.kind !== 'word' && list.kind !== 'key') return undefined
  const literal = { token: cursor.take() }
  for (let skipped = 0; skipped < keyword; skipped++) cursor.take()
  return hasAnyOf(fieldOfToken(cursor, cursor.take()).field, [literal], negated, complainAt(cursor))
}

/** The comparison of `left` with what follows. */
export function parseRelation(cursor: Cursor, left: Operand, parenthesised: Parenthesised): Expression {
  const negated = cursor.skipWord('not')
  const operator = cursor.take()
  const word = operator.text.toLowerCase()
  const complain = complainAt(cursor)
  if (word === 'in')
    return isAnyOf(fieldOn(cursor, left, operator), parseLiterals(cursor), { exact: false, negated }, complain)
  if (word === 'has') return hasAnyOf(fieldOn(cursor, left, operator), parseLiterals(cursor), negated, complain)
  if (word === '~' || word === '!~') {
    const { kind } = cursor.peek()
    if (kind !== 'pattern' && kind !== 'quoted') cursor.expected('a pattern /.../')
    return matches(fieldOn(cursor, left, operator), { token: cursor.take() }, word === '!~', complain)
  }
  const relation = (word === '=' ? '==' : word) as Relation
  return guarded(left.guards, parseRight(cursor, left, relation, parenthesised))
}

function guarded(guards: readonly Expression[], expression: Expression): Expression {
  const parts = guards.filter(guard => guard.is !== 'and' || guard.of.length > 0)
  return parts.length === 0 ? expression : and(...parts, expression)
}

function fieldOn(cursor: Cursor, left: Operand, operator: Token): Field {
  return left.field ?? cursor.fail(operator, { message: `"${operator.text}" needs a field on its left` })
}

function parseRight(cursor: Cursor, left: Operand, relation: Relation, parenthesised: Parenthesised): Expression {
  if (left.field && isConstant(cursor, left.field))
    return compareConstant(cursor, left.field, relation, takeJoined(cursor))
  refuseRange(cursor, relation)
  const right = parseOperand(cursor, parenthesised)
  if ('expression' in right) return cursor.expected('a value, not a condition')
  return guarded(right.guards, compareOperands(cursor, left, relation, right))
}

/** Whether the next token is meant as a constant: any word that is not a field, and for texts one that is another type's. */
function isConstant(cursor: Cursor, field: Field): boolean {
  const token = cursor.peek()
  if (token.kind === 'number' || token.kind === 'dotted') return arithmeticAt(cursor, 1) === undefined
  if (token.kind !== 'word') return CONSTANTS.has(token.kind)
  if (!isKnown(token.text)) return !cursor.isSymbol('[', 1)
  return field.type.name === 'text' && fieldOfToken(cursor, token).field.type.name !== 'text'
}

/** `port_dst == 80-90` is no subtraction. */
function refuseRange(cursor: Cursor, relation: Relation): void {
  const [from, to] = [cursor.peek(), cursor.peek(2)]
  if (from.kind !== 'number' || to.kind !== 'number' || !cursor.isSymbol('-', 1)) return
  if (relation !== '==' && relation !== '!=') return
  const word = relation === '==' ? 'in' : 'not in'
  cursor.fail(from, { message: 'this looks like a range', hint: `write: ${word} ${from.text}-${to.text}` })
}

function compareConstant(cursor: Cursor, field: Field, relation: Relation, token: Token): Expression {
  const complain = complainAt(cursor)
  if (relation === '==' || relation === '!=') {
    return isAnyOf(field, [{ token }], { exact: true, negated: relation === '!=' }, complain)
  }
  return isOrdered(field, relation satisfies Order, { token }, complain)
}

function compareOperands(cursor: Cursor, left: Operand, relation: Relation, right: Operand): Expression {
  if (left.field && right.field) {
    const expression = comparesFields(left.field, relation, right.field)
    return 'message' in expression ? cursor.fail(right.token, expression) : expression
  }
  // A constant is best compared in the field's own units, as a test.
  const [field, constant] = left.field ? [left.field, right] : [right.field, left]
  if (field && constant.term.is === 'number' && field.type.name !== 'etype') {
    const { number } = constant.term
    const flipped = left.field ? relation : FLIPPED[relation]
    return compareConstant(cursor, field, flipped, { ...constant.token, kind: 'number', text: String(number), number })
  }
  return { is: 'compare', operator: relation, left: left.term, right: right.term }
}

/** One constant, or several in parentheses with commas between. */
function parseLiterals(cursor: Cursor): Literal[] {
  if (!cursor.skipSymbol('(')) return [parseLiteral(cursor)]
  const literals = [parseLiteral(cursor)]
  while (cursor.skipSymbol(',')) literals.push(parseLiteral(cursor))
  if (!cursor.skipSymbol(')')) cursor.expected('"," or ")"')
  return literals
}

function parseLiteral(cursor: Cursor): Literal {
  const token = takeLiteral(cursor)
  if (token.kind !== 'number' || !cursor.skipSymbol('-')) return { token }
  if (cursor.peek().kind !== 'number') cursor.expected('the end of the range')
  return { token, to: cursor.take() }
}

function takeLiteral(cursor: Cursor): Token {
  const sign = cursor.peek()
  if (cursor.skipSymbol('-')) {
    const { number } = cursor.peek()
    if (number === undefined) return cursor.expected('a number')
    return { ...cursor.take(), start: sign.start, number: -number, text: String(-number) }
  }
  const isLiteral = CONSTANTS.has(sign.kind) || sign.kind === 'word'
  return isLiteral ? takeJoined(cursor) : cursor.expected('a constant')
}

/** A word with all that follows it without a blank, over hyphens and slashes: `no-export`, `ge-0/0/1`. */
function takeJoined(cursor: Cursor): Token {
  const first = cursor.take()
  if (first.kind !== 'word' && first.kind !== 'bare') return first
  let { end } = first
  while (
    cursor.peek().start === end &&
    (cursor.isSymbol('-') || cursor.isSymbol('/')) &&
    JOINED.has(cursor.peek(1).kind)
  ) {
    cursor.take()
    end = cursor.take().end
  }
  return end === first.end
    ? first
    : { kind: 'bare', text: cursor.text.slice(first.start, end), start: first.start, end }
}
