// A map whose rows each say one thing: the first row that a record meets answers.
import type { NetRecord } from '../contract/record.ts'
import type { Column } from '../fields/column.ts'
import type { Field } from '../fields/field.ts'
import { type Explanation, explainRules, type TestedRule, testedRules } from './explain.ts'
import type { MapOf } from './map-of.ts'
import { RuleIndex } from './rule-index.ts'
import type { Rules } from './rules.ts'

export class RuleMap<Answer, Action = Answer> implements MapOf<Answer> {
  readonly file: string
  readonly size: number
  readonly fields: readonly Field[]
  readonly rules: Rules<Action>
  readonly #answers: readonly Answer[]
  readonly #index: RuleIndex
  #tested: TestedRule[] | undefined

  /** `answers`: one for each rule. */
  constructor(rules: Rules<Action>, answers: readonly Answer[]) {
    this.rules = rules
    this.file = rules.file
    this.size = rules.rules.length
    this.fields = rules.fields
    this.#answers = answers
    this.#index = new RuleIndex(rules.rules, rules.places, rules.texts)
  }

  match(columns: readonly Column[], row: number): Answer | undefined {
    const number = this.#index.find(columns, row, 0)
    return number < 0 ? undefined : this.#answers[number]
  }

  answerOf(number: number): Answer | undefined {
    return this.#answers[number]
  }

  /** Which row a record meets and why, asked one after the other: the twin of match() that a person can follow. */
  explain(record: NetRecord): Explanation<Answer | undefined> {
    this.#tested ??= testedRules(this.rules)
    const explanation = explainRules(this.#tested, this.fields, record, () => -1)
    const [hit] = explanation.hits
    return { ...explanation, outcome: hit && this.#answers[hit.number] }
  }
}
