// bgp_agent_map and bmp_agent_map: whose routes the flows of an exporter are looked up in.
//
// Several rows with the same conditions are one ordered list: the first whose session is up answers, the next take over
// when it is down (pmacct looks at the first row only).
import { isProblem, type Problem } from '../contract/problem.ts'
import type { MapText } from './grammar.ts'
import { FLOW_KEYS } from './match-keys.ts'
import { type Parse, readMap } from './read-map.ts'
import type { RowProblem } from './row-problem.ts'
import { RuleMap } from './rule-map.ts'
import { type Rule, type RuleGrammar, readRules, type SetKey } from './rules.ts'
import { parseAddress, wholeNumber } from './set-value.ts'

/** A peer or BMP station to look flows up with. */
export interface AgentCandidate {
  /** Address of the session or router id, canonical text. */
  address: string
  /** Port of the peer's end, where several sessions come from one address. */
  port: number | undefined
}

const LARGEST_PORT = 65_535

const setAddress: SetKey<AgentCandidate> = (candidate, value) => {
  const address = parseAddress(value)
  candidate.address = address ?? ''
  return address === undefined ? 'an address of a session or a router id' : undefined
}

const setPort: SetKey<AgentCandidate> = (candidate, value) => {
  candidate.port = wholeNumber(value, LARGEST_PORT)
  return candidate.port === undefined ? 'a port is a whole number 0..65535' : undefined
}

function grammar(kind: 'bgp' | 'bmp'): RuleGrammar<AgentCandidate> {
  return {
    matchKeys: FLOW_KEYS,
    anyField: true,
    setKeys: { [`${kind}_ip`]: setAddress, [`${kind}_port`]: setPort },
    required: [[`${kind}_ip`]],
    example: `${kind}_ip=198.51.100.1 ip=192.0.2.1`,
    draft: () => ({ address: '', port: undefined }),
  }
}

export const BGP_AGENT_GRAMMAR = grammar('bgp')
export const BMP_AGENT_GRAMMAR = grammar('bmp')

/** Answers the candidates in the order of their rows, the same array each time. */
export class AgentMap extends RuleMap<readonly AgentCandidate[], AgentCandidate> {
  /** Whether two rules are candidates of one list. */
  takesOver(number: number, before: number): boolean {
    return this.answerOf(number) === this.answerOf(before)
  }
}

/** For each rule the list that it shares with the rules of the same conditions. */
function candidatesOf(rules: readonly Rule<AgentCandidate>[]): AgentCandidate[][] {
  const lists = new Map<string, AgentCandidate[]>()
  return rules.map(({ conditions, action }) => {
    const asked = conditions
      .map(({ key, value }) => `${key}=${value}`)
      .sort()
      .join('\n')
    const list = lists.get(asked) ?? []
    lists.set(asked, list)
    list.push(action)
    return list
  })
}

function parser(of: RuleGrammar<AgentCandidate>): Parse<AgentMap> {
  return (text: MapText, file: string, bad?: RowProblem[]): AgentMap | Problem => {
    const rules = readRules(text, file, of, bad)
    return isProblem(rules) ? rules : new AgentMap(rules, candidatesOf(rules.rules))
  }
}

export const parseBgpAgentMap = parser(BGP_AGENT_GRAMMAR)
export const parseBmpAgentMap = parser(BMP_AGENT_GRAMMAR)

export function readBgpAgentMap(path: string): Promise<AgentMap | Problem> {
  return readMap(path, parseBgpAgentMap)
}

export function readBmpAgentMap(path: string): Promise<AgentMap | Problem> {
  return readMap(path, parseBmpAgentMap)
}
