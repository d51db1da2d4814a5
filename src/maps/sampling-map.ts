// sampling_map: the sampling rate of an exporter, or of one of its interfaces, whatever the exporter says itself.
import { isProblem, type Problem } from '../contract/problem.ts'
import { type AddressColumn, type Column, makeColumn, type NumberColumn } from '../fields/column.ts'
import type { MapText } from './grammar.ts'
import { EXPORTER_KEYS } from './match-keys.ts'
import { readMap } from './read-map.ts'
import type { RowProblem } from './row-problem.ts'
import { RuleMap } from './rule-map.ts'
import { type RuleGrammar, type Rules, readRules } from './rules.ts'

interface SamplingAction {
  rate: number
}

export const SAMPLING_GRAMMAR: RuleGrammar<SamplingAction> = {
  matchKeys: EXPORTER_KEYS,
  anyField: false,
  setKeys: {
    id: (action, value) => {
      action.rate = Number(value)
      return /^\d{1,10}$/.test(value) && action.rate > 0 ? undefined : 'a sampling rate is a whole number from 1 on'
    },
  },
  required: [['id'], ['ip']],
  example: 'id=1024 ip=192.0.2.1 in=5',
  draft: () => ({ rate: 0 }),
}

/** Answers the rate. */
export class SamplingMap extends RuleMap<number, SamplingAction> {
  /** One row, for questions that do not come in columns. */
  readonly #columns: Column[]

  constructor(rules: Rules<SamplingAction>) {
    super(
      rules,
      rules.rules.map(rule => rule.action.rate),
    )
    this.#columns = rules.fields.map(field => makeColumn(field, 1))
  }

  /** The rate for an exporter (four words from words[at], family 4 or 6) and interfaces, NaN = not known; 0 = no row of the map fits. */
  rate(family: 4 | 6, words: Uint32Array, at: number, ifaceIn: number, ifaceOut: number): number {
    this.fields.forEach((field, place) => {
      const column = this.#columns[place] as AddressColumn | NumberColumn
      if (column.lane === 'number') column.numbers[0] = field.name === 'iface_in' ? ifaceIn : ifaceOut
      else {
        column.family[0] = family
        for (let word = 0; word < 4; word++) column.words[word] = words[at + word] as number
      }
    })
    return this.match(this.#columns, 0) ?? 0
  }
}

export function parseSamplingMap(text: MapText, file: string, bad?: RowProblem[]): SamplingMap | Problem {
  const rules = readRules(text, file, SAMPLING_GRAMMAR, bad)
  return isProblem(rules) ? rules : new SamplingMap(rules)
}

export function readSamplingMap(path: string): Promise<SamplingMap | Problem> {
  return readMap(path, parseSamplingMap)
}
