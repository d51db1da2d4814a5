// The grammar: and, or and not over pcap-filter primitives and comparisons of fields.
//
// As in libpcap, `and` and `or` have the same precedence and go from left to right; `not` binds tightest.
import { isProblem, type Problem, ProblemError } from '../contract/problem.ts'
import { Cursor } from './cursor.ts'
import { type Expression, isPresent, join, not } from './expression.ts'
import { SERVICES } from './names.ts'
import { type Item, parseOperand } from './operand.ts'
import { PRIMITIVE_WORDS, parseId, parsePrimitive } from './primitive.ts'
import type { Qualifier } from './primitive-id.ts'
import { parseListMember, parseRelation } from './relation.ts'

/** Characters of a filter. */
export const MAX_FILTER_LENGTH = 256 * 1024
/** Parentheses and `not` within one another, and changes between `and` and `or` on one level. */
export const MAX_FILTER_DEPTH = 200

/** A filter as data, or what is wrong with it (filter/syntax, filter/type, filter/unknown-field, filter/not-in-records). */
export function parse(text: string): Expression | Problem {
  try {
    return new Parser(text).whole()
  } catch (error) {
    if (error instanceof ProblemError) return error.problem
    throw error
  }
}

/** For what is known to be right: our own filters and tests. */
export function parseOrThrow(text: string): Expression {
  const expression = parse(text)
  if (isProblem(expression)) throw new ProblemError(expression)
  return expression
}

class Parser {
  readonly cursor: Cursor
  readonly #parenthesised = (): Item => this.#inParentheses()
  #depth = 0
  /** Of the primitive before, for ids that follow without one: `port 80 or 443`. */
  #qualifier: Qualifier | undefined

  constructor(text: string) {
    if (text.length > MAX_FILTER_LENGTH) {
      const message = `a filter may have ${MAX_FILTER_LENGTH} characters, this one has ${text.length}`
      throw new ProblemError({ code: 'filter/too-large', message })
    }
    this.cursor = new Cursor(text)
  }

  whole(): Expression {
    if (this.cursor.peek().kind === 'end') this.cursor.expected('a condition', 'for example: port 53 and bytes > 1000')
    const expression = this.#asCondition(this.#chain())
    if (this.cursor.peek().kind !== 'end') this.#expectJoint()
    return expression
  }

  #expectJoint(): never {
    return this.cursor.expected('"and", "or" or the end')
  }

  /** Conditions joined by and/or; or a lone operand, when it stands in parentheses of arithmetic. */
  #chain(): Item {
    const item = this.#negation()
    let joint = this.#joint()
    if (!joint) return item
    let current: { is: 'and' | 'or'; of: Expression[] } = { is: joint, of: [this.#asCondition(item)] }
    const depth = this.#depth
    while (joint) {
      if (joint !== current.is) {
        this.#deeper()
        current = { is: joint, of: [join(current.is, current.of)] }
      }
      current.of.push(this.#asCondition(this.#negation()))
      joint = this.#joint()
    }
    this.#depth = depth
    return { expression: join(current.is, current.of) }
  }

  #deeper(): void {
    if (++this.#depth <= MAX_FILTER_DEPTH) return
    const message = `a filter may be nested ${MAX_FILTER_DEPTH} deep`
    this.cursor.fail(this.cursor.peek(), { code: 'filter/too-large', message })
  }

  #joint(): 'and' | 'or' | undefined {
    if (this.cursor.skipWord('and') || this.cursor.skipSymbol('&&')) return 'and'
    return this.cursor.skipWord('or') || this.cursor.skipSymbol('||') ? 'or' : undefined
  }

  #negation(): Item {
    if (!this.cursor.skipWord('not') && !this.cursor.skipSymbol('!')) return this.#primary()
    this.#deeper()
    const expression = not(this.#asCondition(this.#negation()))
    this.#depth--
    return { expression }
  }

  #primary(): Item {
    const { cursor } = this
    if (this.#qualifier && this.#isId(this.#qualifier)) return { expression: parseId(cursor, this.#qualifier) }
    this.#qualifier = undefined
    const { kind, text } = cursor.peek()
    if (kind === 'word' && PRIMITIVE_WORDS.has(text) && !cursor.isOperator(1) && !cursor.isSymbol('[', 1)) {
      const { expression, qualifier } = parsePrimitive(cursor)
      this.#qualifier = qualifier
      return { expression }
    }
    const member = parseListMember(cursor)
    if (member) return { expression: member }
    return this.#comparison()
  }

  /** An id that goes with the qualifier of the primitive before. */
  #isId({ kind: wanted }: Qualifier): boolean {
    const { cursor } = this
    const { kind, text } = cursor.peek()
    if (kind === 'address' || kind === 'prefix' || kind === 'mac') return !cursor.isOperator(1)
    if (kind === 'symbol') return text === '\\'
    if (kind === 'number' || kind === 'dotted') {
      const goesOn = wanted === 'net' ? cursor.isSymbol('/', 1) : wanted === 'portrange' && cursor.isSymbol('-', 1)
      return goesOn || !cursor.isOperator(1)
    }
    const isPort = wanted === 'port' || wanted === 'portrange'
    return kind === 'word' && isPort && SERVICES.has(text) && !cursor.isOperator(1)
  }

  #comparison(): Item {
    const { cursor } = this
    const operand = parseOperand(cursor, this.#parenthesised)
    if ('expression' in operand) return operand
    return cursor.isOperator(0) ? { expression: parseRelation(cursor, operand, this.#parenthesised) } : operand
  }

  /** After the opening parenthesis. */
  #inParentheses(): Item {
    this.#deeper()
    const item = this.#chain()
    this.cursor.expectSymbol(')')
    this.#depth--
    this.#qualifier = undefined
    return item
  }

  /** A field by itself asks whether it is there. */
  #asCondition(item: Item): Expression {
    if ('expression' in item) return item.expression
    if (item.field && !item.isGuess) return isPresent(item.field.name)
    return this.cursor.fail(item.token, {
      code: item.isGuess ? 'filter/unknown-field' : 'filter/syntax',
      message: item.isGuess
        ? `"${item.token.text}" is no field and no keyword`
        : 'expected a comparison, this is a value',
      hint: item.isGuess
        ? `a field of that name goes into backticks: \`${item.token.text}\``
        : 'write: bytes / packets > 1000',
    })
  }
}
