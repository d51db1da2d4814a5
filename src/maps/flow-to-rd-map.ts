// flow_to_rd_map: the route distinguisher whose table a flow is looked up in. `id=0:0:0` is the global table.
import { isProblem, type Problem } from '../contract/problem.ts'
import type { MapText } from './grammar.ts'
import { fields, key, type MatchKeys } from './match-key.ts'
import { FLOW_KEYS } from './match-keys.ts'
import { readMap } from './read-map.ts'
import type { RowProblem } from './row-problem.ts'
import { RuleMap } from './rule-map.ts'
import { type RuleGrammar, readRules } from './rules.ts'
import { parseRd } from './set-value.ts'
import { codeSlot } from './slot.ts'
import { decimal, numbers } from './value.ts'

/** The VRF id at the ingress; where that is none or 0, at the egress. */
const VRF_ID = codeSlot(
  'VRF id',
  fields('vrf_id_ingress', 'vrf_id_egress'),
  read => read.number(0) || read.number(1) || 0,
)
const BOTTOM = codeSlot('bottom label', fields('mpls_label_bottom', 'mpls_label_stack'), read => {
  if (read.has(0)) return read.number(0)
  const stack = read.value(1)
  return Array.isArray(stack) ? Number(stack.at(-1)) : Number.NaN
})

export const FLOW_TO_RD_KEYS = {
  ...FLOW_KEYS,
  mpls_vpn_id: key('VRF id at the ingress, else at the egress', '5', value =>
    numbers(VRF_ID, value, decimal, 'a whole number'),
  ),
  mpls_label_bottom: key('bottom MPLS label', '24001', value => numbers(BOTTOM, value, decimal, 'a whole number')),
} satisfies MatchKeys

interface RdAction {
  rd: string
}

export const FLOW_TO_RD_GRAMMAR: RuleGrammar<RdAction> = {
  matchKeys: FLOW_TO_RD_KEYS,
  anyField: true,
  setKeys: {
    id: (action, value) => {
      const rd = parseRd(value)
      action.rd = rd ?? ''
      return rd === undefined ? 'a route distinguisher is TYPE:ADMINISTRATOR:NUMBER (0:0:0 = global table)' : undefined
    },
  },
  required: [['id']],
  example: 'id=0:65000:100 ip=192.0.2.1 in=5',
  draft: () => ({ rd: '' }),
}

/** Answers `type:administrator:number` as records have it; GLOBAL_RD is the global table. */
export class FlowToRdMap extends RuleMap<string, RdAction> {}

export function parseFlowToRdMap(text: MapText, file: string, bad?: RowProblem[]): FlowToRdMap | Problem {
  const rules = readRules(text, file, FLOW_TO_RD_GRAMMAR, bad)
  if (isProblem(rules)) return rules
  return new FlowToRdMap(
    rules,
    rules.rules.map(rule => rule.action.rd),
  )
}

export function readFlowToRdMap(path: string): Promise<FlowToRdMap | Problem> {
  return readMap(path, parseFlowToRdMap)
}
