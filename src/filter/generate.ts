// Source text of a compiled filter. Variables: r = row; nI, oI = numbers and others of column I; wI, fI = words and
// families; vI = values; K = constants; n, f, x, y = scratch.
import { takeValue } from '../fields/column.ts'
import type { Field } from '../fields/field.ts'
import type { Expression, Relation } from './expression.ts'
import { generateTerm } from './generate-term.ts'
import { generateTest } from './generate-test.ts'
import type { Generator } from './generator.ts'
import { textOf } from './values.ts'

export interface Generated {
  readonly source: string
  readonly constants: readonly unknown[]
}

/** The body of a function of K that returns a Select. */
export function generate(expression: Expression, fields: readonly Field[]): Generated {
  const constants: unknown[] = []
  const generator: Generator = {
    fields,
    constant: value => `k${constants.push(value) - 1}`,
    column: name => fields.findIndex(field => field.name === name),
  }
  const condition = generateExpression(expression, generator)
  const known = constants.map((_, index) => `const k${index} = K[${index}]`)
  const source = `'use strict'
${known.join('\n')}
return function select(picked, out) {
  const { columns, rows, count } = picked
  ${fields.map(bindColumn).join('\n  ')}
  let kept = 0, n = 0, f = 0, x = 0, y = 0
  for (let i = 0; i < count; i++) {
    const r = rows[i]
    if (${condition}) out[kept++] = r
  }
  return kept
}`
  return { source, constants }
}

function bindColumn(field: Field, index: number): string {
  const names = { number: 'numbers: nI, other: oI', address: 'words: wI, family: fI, other: oI', value: 'values: vI' }
  const column = `const cI = columns[I]; const { ${names[field.type.lane]} } = cI`
  return column.replaceAll('I', String(index))
}

/** Numbers are never NaN when their relations hold, except that NaN is unequal to all: != asks for both. */
const RELATION_SOURCE: { readonly [relation in Relation]: (left: string, right: string) => string } = {
  '==': (left, right) => `${left} == ${right}`,
  '!=': (left, right) => `((x = ${left}) == x && (y = ${right}) == y && x != y)`,
  '<': (left, right) => `${left} < ${right}`,
  '<=': (left, right) => `${left} <= ${right}`,
  '>': (left, right) => `${left} > ${right}`,
  '>=': (left, right) => `${left} >= ${right}`,
}

function generateExpression(expression: Expression, generator: Generator): string {
  switch (expression.is) {
    case 'and':
    case 'or': {
      const joint = expression.is === 'and' ? ' && ' : ' || '
      return `(${expression.of.map(part => generateExpression(part, generator)).join(joint)})`
    }
    case 'not':
      return `!${generateExpression(expression.of, generator)}`
    case 'test':
      return `(${generateTest(expression.field, expression.test, generator)})`
    case 'compare': {
      const left = generateTerm(expression.left, generator)
      return `(${RELATION_SOURCE[expression.operator](left, generateTerm(expression.right, generator))})`
    }
    case 'same':
      return generateSame(expression, generator)
  }
}

function generateSame({ left, right, negated }: Extract<Expression, { is: 'same' }>, generator: Generator): string {
  const text = (name: string): string => {
    const index = generator.column(name)
    const field = generator.fields[index] as Field
    return `${generator.constant(textReader(field))}(c${index}, r)`
  }
  const operator = negated ? '!==' : '==='
  return `((x = ${text(left)}) !== undefined && (y = ${text(right)}) !== undefined && x ${operator} y)`
}

function textReader(field: Field) {
  return (column: Parameters<typeof takeValue>[1], row: number) => textOf(field.type, takeValue(field, column, row))
}
