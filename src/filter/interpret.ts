// A filter read straight from its expression, on records: the twin that a person can check.
import type { NetRecord } from '../contract/record.ts'
import { fieldOf } from '../fields/dictionary.ts'
import type { Expression } from './expression.ts'
import { RELATIONS } from './numbers.ts'
import { termNumber } from './term-value.ts'
import { valueTest } from './test-value.ts'
import { textOf } from './values.ts'

export type RecordTest = (record: NetRecord) => boolean

export function interpret(expression: Expression): RecordTest {
  switch (expression.is) {
    case 'and': {
      const parts = expression.of.map(interpret)
      return record => parts.every(part => part(record))
    }
    case 'or': {
      const parts = expression.of.map(interpret)
      return record => parts.some(part => part(record))
    }
    case 'not': {
      const part = interpret(expression.of)
      return record => !part(record)
    }
    case 'test': {
      const field = fieldOf(expression.field)
      const holds = valueTest(field.type, expression.test)
      return record => holds(record[field.name])
    }
    case 'compare': {
      const holds = RELATIONS[expression.operator]
      const left = termNumber(expression.left)
      const right = termNumber(expression.right)
      return record => holds(left(record), right(record))
    }
    case 'same':
      return sameFields(expression)
  }
}

function sameFields(expression: Extract<Expression, { is: 'same' }>): RecordTest {
  const left = fieldOf(expression.left)
  const right = fieldOf(expression.right)
  return record => {
    const a = textOf(left.type, record[left.name])
    const b = textOf(right.type, record[right.name])
    return a !== undefined && b !== undefined && (a === b) !== expression.negated
  }
}
