// pre_tag_map: which tag, tag2, label or tos a record gets. The first row that a record meets wins; `jeq=` goes on from there.
import { isProblem, type Problem } from '../contract/problem.ts'
import type { NetRecord } from '../contract/record.ts'
import { type Column, IPV6 } from '../fields/column.ts'
import { fieldOf } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'
import { placesOf } from './condition.ts'
import { columnsOf, type Explanation, explainRules, type TestedRule, testedRules } from './explain.ts'
import type { MapText } from './grammar.ts'
import { jumpTargets, NO_JUMP } from './jumps.ts'
import { key } from './match-key.ts'
import { EXPORTER, FLOW_KEYS } from './match-keys.ts'
import { readMap } from './read-map.ts'
import { badRow, type RowProblem } from './row-problem.ts'
import { RuleIndex } from './rule-index.ts'
import { type RuleGrammar, type Rules, readRules } from './rules.ts'
import { type AddressReader, addressSlot } from './slot.ts'
import { applyAction, emptyOutcome, TAG_SET_KEYS, type TagAction, type TagOutcome } from './tag-action.ts'
import { prefixes } from './value.ts'

export const PRE_TAG_GRAMMAR: RuleGrammar<TagAction> = {
  matchKeys: FLOW_KEYS,
  anyField: true,
  setKeys: TAG_SET_KEYS,
  required: [['set_tag', 'id', 'set_tag2', 'id2', 'set_label', 'set_tos', 'jeq']],
  example: 'set_tag=100 ip=192.0.2.1 in=5',
  draft: () => ({}),
}

/** The router that speaks BMP is what sends. */
const ROUTER = addressSlot('router that speaks BMP', [fieldOf('bmp_router')])
const BMP_TAG_GRAMMAR: RuleGrammar<TagAction> = {
  ...PRE_TAG_GRAMMAR,
  matchKeys: {
    ...FLOW_KEYS,
    ip: key('router: address or prefix', '192.0.2.1', value => prefixes(ROUTER, value, true), false),
  },
  example: 'set_label=core ip=192.0.2.1',
}

const NODE = addressSlot('node that sends telemetry', [fieldOf('telemetry_node')])
export const TELEMETRY_TAG_GRAMMAR: RuleGrammar<TagAction> = {
  ...PRE_TAG_GRAMMAR,
  matchKeys: {
    ...FLOW_KEYS,
    ip: key('node: address or prefix', '192.0.2.1', value => prefixes(NODE, value, true), false),
  },
  example: 'set_tag=100 ip=192.0.2.1',
}

export class PreTagMap {
  readonly file: string
  /** What the rows read: evaluate() takes columns of these, in this order. */
  readonly fields: readonly Field[]
  readonly size: number
  readonly rules: Rules<TagAction>
  #actions: TagAction[]
  #index: RuleIndex
  /** Where a row's jeq goes on, for an IPv4 and for an IPv6 exporter. */
  #jumps4: Int32Array
  #jumps6: Int32Array
  #exporter: AddressReader | undefined
  #words = new Uint32Array(4)
  #tested: TestedRule[] | undefined

  constructor(rules: Rules<TagAction>, jumps4: Int32Array, jumps6: Int32Array) {
    this.file = rules.file
    this.fields = rules.fields
    this.size = rules.rules.length
    this.rules = rules
    this.#actions = rules.rules.map(rule => rule.action)
    this.#index = new RuleIndex(rules.rules, rules.places, rules.texts)
    this.#jumps4 = jumps4
    this.#jumps6 = jumps6
    const sender = [EXPORTER, ROUTER, NODE].find(({ fields }) => fields.every(({ name }) => rules.places.has(name)))
    this.#exporter = sender?.reader(placesOf(sender.fields, rules.places))
  }

  /** Rules that jumps of either family go to. */
  get jumpTargets(): number[] {
    return [...this.#jumps4, ...this.#jumps6].filter(target => target !== NO_JUMP)
  }

  /** Whether any row sets it. */
  sets(name: keyof TagOutcome): boolean {
    return this.#actions.some(action => action[name] !== undefined)
  }

  /** Fills `outcome` with what the row of the columns gets; false when it meets no rule. */
  evaluate(columns: readonly Column[], row: number, outcome: TagOutcome): boolean {
    outcome.tag = outcome.tag2 = outcome.label = outcome.tos = undefined
    let number = this.#index.find(columns, row, 0)
    if (number < 0) return false
    const jumps = this.#jumpsOf(columns, row)
    while (number >= 0) {
      applyAction(this.#actions[number] as TagAction, outcome, true)
      const next = jumps[number] as number
      if (next === NO_JUMP) break
      number = this.#index.find(columns, row, next)
    }
    return true
  }

  #jumpsOf(columns: readonly Column[], row: number): Int32Array {
    return this.#exporter && this.#exporter(columns, row, this.#words) === IPV6 ? this.#jumps6 : this.#jumps4
  }

  /** Which rows a record meets and why, asked one after the other: the twin of evaluate() that a person can follow. */
  explain(record: NetRecord): Explanation<TagOutcome> {
    this.#tested ??= testedRules(this.rules)
    const jumps = this.#jumpsOf(columnsOf(this.fields, record), 0)
    const explanation = explainRules(this.#tested, this.fields, record, number => jumps[number] as number)
    const outcome = emptyOutcome()
    for (const { number } of explanation.hits) applyAction(this.#actions[number] as TagAction, outcome, false)
    return { ...explanation, outcome }
  }
}

/** The map of a file's text: pre_tag_map, and bgp_daemon_tag_map, whose `ip` is the peer. */
export function parsePreTagMap(text: MapText, file: string, bad?: RowProblem[]): PreTagMap | Problem {
  return parseTagMap(text, file, PRE_TAG_GRAMMAR, bad)
}

/** bmp_daemon_tag_map: `ip` is the router. */
export function parseBmpTagMap(text: MapText, file: string, bad?: RowProblem[]): PreTagMap | Problem {
  return parseTagMap(text, file, BMP_TAG_GRAMMAR, bad)
}

/** telemetry_daemon_tag_map: `ip` is the node. */
export function parseTelemetryTagMap(text: MapText, file: string, bad?: RowProblem[]): PreTagMap | Problem {
  return parseTagMap(text, file, TELEMETRY_TAG_GRAMMAR, bad)
}

function parseTagMap(
  text: MapText,
  file: string,
  grammar: RuleGrammar<TagAction>,
  bad: RowProblem[] | undefined,
): PreTagMap | Problem {
  const rules = readRules(text, file, grammar, bad)
  if (isProblem(rules)) return rules
  const jumps4 = jumpTargets(rules.rules, 4)
  const jumps6 = jumpTargets(rules.rules, 6)
  for (const [number, { action, line, text: row }] of rules.rules.entries()) {
    if (action.jeq === undefined || jumps4[number] !== NO_JUMP || jumps6[number] !== NO_JUMP) continue
    const problem = badRow(
      file,
      { line, text: row },
      `no row after this one has label=${action.jeq}`,
      `jumps go forward only: put label=${action.jeq} on a row further down`,
    )
    if (!bad) return problem
    bad.push(problem)
  }
  return new PreTagMap(rules, jumps4, jumps6)
}

export function readPreTagMap(path: string): Promise<PreTagMap | Problem> {
  return readMap(path, parsePreTagMap)
}

export function readBmpTagMap(path: string): Promise<PreTagMap | Problem> {
  return readMap(path, parseBmpTagMap)
}

export function readTelemetryTagMap(path: string): Promise<PreTagMap | Problem> {
  return readMap(path, parseTelemetryTagMap)
}
