// sampling_map: the sampling rate of an exporter, or of one of its interfaces, whatever the exporter says itself.
import { isProblem, type Problem } from '../contract/problem.ts'
import { type AddressColumn, type Column, makeColumn, type NumberColumn } from '../fields/column.ts'
import type { Field } from '../fields/field.ts'
import { readMap } from './grammar.ts'
import { EXPORTER_KEY, IN_KEY, OUT_KEY } from './match-keys.ts'
import { RuleIndex } from './rule-index.ts'
import { type RuleGrammar, type Rules, readRules } from './rules.ts'

interface SamplingAction {
  rate: number
}

const GRAMMAR: RuleGrammar<SamplingAction> = {
  matchKeys: { ip: EXPORTER_KEY, in: IN_KEY, out: OUT_KEY },
  anyField: false,
  setKeys: {
    id: (action, value) => {
      action.rate = Number(value)
      return /^\d{1,10}$/.test(value) && action.rate > 0 ? undefined : 'a sampling rate is a whole number from 1 on'
    },
  },
  required: [['id'], ['ip']],
  draft: () => ({ rate: 0 }),
}

export class SamplingMap {
  readonly file: string
  readonly size: number
  readonly fields: readonly Field[]
  #rates: number[]
  #index: RuleIndex
  /** One row, for questions that do not come in columns. */
  #columns: Column[]

  constructor(rules: Rules<SamplingAction>) {
    this.file = rules.file
    this.size = rules.rules.length
    this.fields = rules.fields
    this.#rates = rules.rules.map(rule => rule.action.rate)
    this.#index = new RuleIndex(rules.rules, rules.places, rules.texts)
    this.#columns = rules.fields.map(field => makeColumn(field, 1))
  }

  /** The rate for a row of columns of `fields`; 0 = no row of the map fits. */
  evaluate(columns: readonly Column[], row: number): number {
    const number = this.#index.find(columns, row, 0)
    return number < 0 ? 0 : (this.#rates[number] as number)
  }

  /** The rate for an exporter (four words from words[at], family 4 or 6) and interfaces, NaN = not known. */
  rate(family: 4 | 6, words: Uint32Array, at: number, ifaceIn: number, ifaceOut: number): number {
    this.fields.forEach((field, place) => {
      const column = this.#columns[place] as AddressColumn | NumberColumn
      if (column.lane === 'number') column.numbers[0] = field.name === 'iface_in' ? ifaceIn : ifaceOut
      else {
        column.family[0] = family
        for (let word = 0; word < 4; word++) column.words[word] = words[at + word] as number
      }
    })
    return this.evaluate(this.#columns, 0)
  }
}

export function parseSamplingMap(text: string, file: string): SamplingMap | Problem {
  const rules = readRules(text, file, GRAMMAR)
  return isProblem(rules) ? rules : new SamplingMap(rules)
}

export function readSamplingMap(path: string): Promise<SamplingMap | Problem> {
  return readMap(path, parseSamplingMap)
}
