// bgp_peer_dst_ip_map: another BGP next hop in place of the flow's, before paths are chosen by it.
import { isProblem, type Problem } from '../contract/problem.ts'
import type { MapText } from './grammar.ts'
import { FLOW_KEYS } from './match-keys.ts'
import { readMap } from './read-map.ts'
import type { RowProblem } from './row-problem.ts'
import { RuleMap } from './rule-map.ts'
import { type RuleGrammar, readRules } from './rules.ts'
import { parseAddress } from './set-value.ts'

interface NextHopAction {
  address: string
}

export const PEER_DST_IP_GRAMMAR: RuleGrammar<NextHopAction> = {
  matchKeys: FLOW_KEYS,
  anyField: true,
  setKeys: {
    id: (action, value) => {
      const address = parseAddress(value)
      action.address = address ?? ''
      return address === undefined ? 'id is an IP address' : undefined
    },
  },
  required: [['id']],
  example: 'id=198.51.100.1 ip=192.0.2.1 bgp_nexthop=198.51.100.9',
  draft: () => ({ address: '' }),
}

/** Answers an IP address, canonical text. */
export class PeerDstIpMap extends RuleMap<string, NextHopAction> {}

export function parsePeerDstIpMap(text: MapText, file: string, bad?: RowProblem[]): PeerDstIpMap | Problem {
  const rules = readRules(text, file, PEER_DST_IP_GRAMMAR, bad)
  if (isProblem(rules)) return rules
  return new PeerDstIpMap(
    rules,
    rules.rules.map(rule => rule.action.address),
  )
}

export function readPeerDstIpMap(path: string): Promise<PeerDstIpMap | Problem> {
  return readMap(path, parsePeerDstIpMap)
}
