// bgp_peer_src_as_map, bgp_src_local_pref_map, bgp_src_med_map: what the side that a flow came from is given, because
// the routes of the source say how traffic goes there, not how it comes from there. `id=bgp` takes it from them all the same.
import { isProblem, type Problem } from '../contract/problem.ts'
import type { Field } from '../fields/field.ts'
import { TYPES } from '../fields/types.ts'
import { key, type MatchKeys } from './match-key.ts'
import { FLOW_KEYS } from './match-keys.ts'
import { type Parse, readMap } from './read-map.ts'
import { RuleMap } from './rule-map.ts'
import { type RuleGrammar, readRules } from './rules.ts'
import { LARGEST_U32, parseAs, wholeNumber } from './set-value.ts'
import { addressSlot, numberSlot, zeroWhenAbsent } from './slot.ts'
import { decimal, numbers, prefixes } from './value.ts'

/** `bgp`: what the route of the flow's source says. */
export type SourceValue = number | 'bgp'

/**
 * Of the route to the flow's *source* (a reverse look-up): who asks one of these maps gives columns of these, beside
 * the record's own fields.
 */
export const SOURCE_NEXT_HOP: Field = {
  name: 'source_bgp_nexthop',
  type: TYPES.address,
  role: 'key',
  summary: 'BGP next hop of the route to the source',
}
export const SOURCE_PEER_AS: Field = {
  name: 'source_peer_as',
  type: TYPES.unsigned,
  role: 'key',
  summary: 'first AS on the route to the source',
}

const NEXT_HOP = addressSlot(SOURCE_NEXT_HOP.name, [SOURCE_NEXT_HOP])
const PEER_AS = zeroWhenAbsent(numberSlot(`${SOURCE_PEER_AS.name} or 0`, [SOURCE_PEER_AS]))

export const SOURCE_KEYS = {
  ...FLOW_KEYS,
  bgp_nexthop: key(`${SOURCE_NEXT_HOP.summary}`, '192.0.2.1', value => prefixes(NEXT_HOP, value)),
  peer_dst_as: key(`${SOURCE_PEER_AS.summary}`, '64496', value => numbers(PEER_AS, value, decimal, 'an AS')),
} satisfies MatchKeys

interface SourceAction {
  value: SourceValue
}

function grammar(what: string, example: string, read: (text: string) => number | undefined): RuleGrammar<SourceAction> {
  return {
    matchKeys: SOURCE_KEYS,
    anyField: true,
    setKeys: {
      id: (action, text) => {
        const value = text === 'bgp' ? text : read(text)
        action.value = value ?? 'bgp'
        return value === undefined ? `id is ${what}, or bgp` : undefined
      },
    },
    required: [['id']],
    example,
    draft: () => ({ value: 'bgp' }),
  }
}

const u32 = (text: string): number | undefined => wholeNumber(text, LARGEST_U32)

export const PEER_SRC_AS_GRAMMAR = grammar('an AS', 'id=64496 ip=192.0.2.1 in=5', parseAs)
export const SRC_LOCAL_PREF_GRAMMAR = grammar('a local preference', 'id=100 ip=192.0.2.1 in=5', u32)
export const SRC_MED_GRAMMAR = grammar('a MED', 'id=10 ip=192.0.2.1 in=5', u32)

export class SourceMap extends RuleMap<SourceValue, SourceAction> {}

function parser(of: RuleGrammar<SourceAction>): Parse<SourceMap> {
  return (text, file, bad) => {
    const rules = readRules(text, file, of, bad)
    if (isProblem(rules)) return rules
    return new SourceMap(
      rules,
      rules.rules.map(rule => rule.action.value),
    )
  }
}

export const parsePeerSrcAsMap = parser(PEER_SRC_AS_GRAMMAR)
export const parseSrcLocalPrefMap = parser(SRC_LOCAL_PREF_GRAMMAR)
export const parseSrcMedMap = parser(SRC_MED_GRAMMAR)

export function readPeerSrcAsMap(path: string): Promise<SourceMap | Problem> {
  return readMap(path, parsePeerSrcAsMap)
}

export function readSrcLocalPrefMap(path: string): Promise<SourceMap | Problem> {
  return readMap(path, parseSrcLocalPrefMap)
}

export function readSrcMedMap(path: string): Promise<SourceMap | Problem> {
  return readMap(path, parseSrcMedMap)
}
