// A filter as plain data. Field names are JSON keys; constants are already in the units of their field's lane.

export type Order = '<' | '<=' | '>' | '>='
export type Relation = '==' | '!=' | Order
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<<' | '>>'

/** A number, or an inclusive range. BigInt only above 2^53. */
export type NumberMember = number | bigint | readonly [from: number, to: number]

/**
 * What is asked of one field's value. An absent value fails every test. A negated test holds when the value is there
 * and the plain test fails.
 */
export type Test =
  | { readonly is: 'present' }
  | { readonly is: 'numbers'; readonly members: readonly NumberMember[]; readonly negated: boolean }
  | { readonly is: 'order'; readonly operator: Order; readonly number: number | bigint }
  /** Inside any of the prefixes `address/length`; `exact`: a value that is a prefix itself must be the same one. */
  | {
      readonly is: 'addresses'
      readonly prefixes: readonly string[]
      readonly exact: boolean
      readonly negated: boolean
    }
  | { readonly is: 'texts'; readonly texts: readonly string[]; readonly negated: boolean }
  | { readonly is: 'textOrder'; readonly operator: Order; readonly text: string }
  /** A list with any of these among its members. */
  | {
      readonly is: 'has'
      readonly numbers: readonly NumberMember[]
      readonly texts: readonly string[]
      readonly negated: boolean
    }
  | { readonly is: 'pattern'; readonly source: string; readonly flags: string; readonly negated: boolean }

/** Something with a number for a value; absent when one of its fields is. */
export type Term =
  | { readonly is: 'number'; readonly number: number | bigint }
  | { readonly is: 'field'; readonly field: string }
  /** 1 to 4 octets of an address (family 4 or 6, within one 32-bit word) or of a MAC address (family 48). */
  | {
      readonly is: 'octets'
      readonly field: string
      readonly family: 4 | 6 | 48
      readonly offset: number
      readonly size: number
    }
  | {
      readonly is: 'arithmetic'
      readonly operator: ArithmeticOperator
      readonly left: Term
      readonly right: Term
    }

export type Expression =
  | { readonly is: 'and' | 'or'; readonly of: readonly Expression[] }
  | { readonly is: 'not'; readonly of: Expression }
  | { readonly is: 'test'; readonly field: string; readonly test: Test }
  | { readonly is: 'compare'; readonly operator: Relation; readonly left: Term; readonly right: Term }
  /** Two fields with the same canonical text. */
  | { readonly is: 'same'; readonly left: string; readonly right: string; readonly negated: boolean }

/** All of these. */
export function and(...parts: Expression[]): Expression {
  return join('and', parts)
}

/** Any of these. */
export function or(...parts: Expression[]): Expression {
  return join('or', parts)
}

/** Parts of the same kind are taken in. */
export function join(is: 'and' | 'or', parts: readonly Expression[]): Expression {
  const of = parts.flatMap(part => (part.is === is ? part.of : [part]))
  return of.length === 1 ? (of[0] as Expression) : { is, of }
}

export function not(of: Expression): Expression {
  return { is: 'not', of }
}

export function test(field: string, of: Test): Expression {
  return { is: 'test', field, test: of }
}

/** The field is any of these numbers. */
export function isNumber(field: string, ...members: NumberMember[]): Expression {
  return test(field, { is: 'numbers', members, negated: false })
}

export function isPresent(field: string): Expression {
  return test(field, { is: 'present' })
}

/** The JSON keys that an expression reads, each once, in order of appearance. */
export function fieldsRead(expression: Expression): string[] {
  const names = new Set<string>()
  collect(expression, names)
  return [...names]
}

function collect(expression: Expression, names: Set<string>): void {
  switch (expression.is) {
    case 'and':
    case 'or':
      for (const part of expression.of) collect(part, names)
      return
    case 'not':
      collect(expression.of, names)
      return
    case 'test':
      names.add(expression.field)
      return
    case 'same':
      names.add(expression.left).add(expression.right)
      return
    case 'compare':
      collectTerm(expression.left, names)
      collectTerm(expression.right, names)
  }
}

function collectTerm(term: Term, names: Set<string>): void {
  if (term.is === 'field' || term.is === 'octets') names.add(term.field)
  else if (term.is === 'arithmetic') {
    collectTerm(term.left, names)
    collectTerm(term.right, names)
  }
}
