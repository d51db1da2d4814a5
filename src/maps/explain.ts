// Rules asked one after the other, with a note of what each answered.
import type { NetRecord } from '../contract/record.ts'
import { type Column, makeColumn, putValue, takeValue } from '../fields/column.ts'
import type { Field } from '../fields/field.ts'
import { type Condition, fieldsOfMatch, makeTest, type Test } from './condition.ts'
import type { Rules } from './rules.ts'

/** Rows that were met but for one condition: shown up to this many. */
const MAX_MISSES = 20

export interface Hit {
  /** The rule's number, from 0, and where it stands. */
  readonly number: number
  readonly line: number
  readonly text: string
  /** Each condition with what the record has: `in=3 (iface_in 3)`. */
  readonly because: readonly string[]
}

export interface Miss {
  readonly line: number
  readonly text: string
  /** The condition that failed, with what the record has. */
  readonly failed: string
}

export interface Explanation<Outcome> {
  readonly hits: readonly Hit[]
  /** The first rows that failed in one condition only. */
  readonly misses: readonly Miss[]
  readonly outcome: Outcome
}

export interface TestedRule {
  readonly line: number
  readonly text: string
  readonly conditions: readonly Condition[]
  readonly tests: readonly Test[]
}

/** Each rule with its conditions as tests. */
export function testedRules({ rules, places, texts }: Rules<unknown>): TestedRule[] {
  return rules.map(({ line, text, conditions }) => ({
    line,
    text,
    conditions,
    tests: conditions.map(condition => makeTest(condition, places, texts)),
  }))
}

/** Follows the rules as the map does; `jump` says where a rule that was met goes on (-1: nowhere). */
export function explainRules(
  rules: readonly TestedRule[],
  fields: readonly Field[],
  record: NetRecord,
  jump: (number: number) => number,
): Omit<Explanation<unknown>, 'outcome'> {
  const columns = columnsOf(fields, record)
  const hits: Hit[] = []
  const misses: Miss[] = []
  let number = 0
  while (number >= 0 && number < rules.length) {
    const { line, text, conditions, tests } = rules[number] as TestedRule
    const failed = conditions.filter((_, place) => !tests[place]?.(columns, 0))
    if (failed.length === 0) {
      hits.push({ number, line, text, because: conditions.map(condition => described(condition, record)) })
      number = jump(number)
    } else {
      if (failed.length === 1 && misses.length < MAX_MISSES) {
        misses.push({ line, text, failed: described(failed[0] as Condition, record) })
      }
      number++
    }
  }
  return { hits, misses }
}

/** One row of columns with a record in it. */
export function columnsOf(fields: readonly Field[], record: NetRecord): Column[] {
  return fields.map(field => {
    const column = makeColumn(field, 1)
    putValue(field, column, 0, record[field.name])
    return column
  })
}

/** `in=3 (iface_in 5)`; values as the record shows them. */
function described({ key, value, match }: Condition, record: NetRecord): string {
  const found = fieldsOfMatch(match).map(field => {
    const column = makeColumn(field, 1)
    putValue(field, column, 0, record[field.name])
    const shown = takeValue(field, column, 0)
    return `${field.name} ${shown === undefined ? 'absent' : Array.isArray(shown) ? shown.join(',') : String(shown)}`
  })
  return `${key}=${value} (${found.join(', ')})`
}
