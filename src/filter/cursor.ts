// A place in the tokens of a filter, and what the two grammars ask of it.
import { type Complaint, fail } from './failure.ts'
import { scan, type Token } from './scanner.ts'

const RELATIONS: ReadonlySet<string> = new Set(['==', '=', '!=', '<', '<=', '>', '>=', '~', '!~'])
const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>'])

export class Cursor {
  readonly text: string
  readonly tokens: readonly Token[]
  /** Signs of arithmetic so far. */
  calculations = 0
  #at = 0

  constructor(text: string) {
    this.text = text
    this.tokens = scan(text)
  }

  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.#at + ahead, this.tokens.length - 1)] as Token
  }

  take(): Token {
    const token = this.peek()
    this.#at++
    return token
  }

  isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === 'symbol' && token.text === symbol
  }

  /** One of these words, which are keywords in lower and in upper case. */
  isWord(word: string, ahead = 0): boolean {
    const { kind, text } = this.peek(ahead)
    return kind === 'word' && (text === word || text === word.toUpperCase())
  }

  /** Takes the symbol if it is next. */
  skipSymbol(symbol: string): boolean {
    const found = this.isSymbol(symbol)
    if (found) this.take()
    return found
  }

  skipWord(word: string): boolean {
    const found = this.isWord(word)
    if (found) this.take()
    return found
  }

  expectSymbol(symbol: string): void {
    if (!this.skipSymbol(symbol)) this.expected(`"${symbol}"`)
  }

  /** Whether the token there goes on with a comparison or arithmetic: then what stands before it is a value. */
  isOperator(ahead: number): boolean {
    const { kind, text } = this.peek(ahead)
    if (kind === 'symbol') return RELATIONS.has(text) || ARITHMETIC.has(text)
    const after = this.isWord('not', ahead) ? ahead + 1 : ahead
    return this.isWord('in', after) || this.isWord('has', after)
  }

  /** Fails at the next token. */
  expected(what: string, hint?: string): never {
    const token = this.peek()
    const found = token.kind === 'end' ? 'the end' : `"${this.text.slice(token.start, token.end)}"`
    return this.fail(token, { message: `expected ${what}, found ${found}`, ...(hint === undefined ? {} : { hint }) })
  }

  fail(token: Token, complaint: Complaint): never {
    return fail(this.text, token.start, complaint)
  }
}
