// Destinations that are more than a prefix, of which a prefix or address is a part: EVPN (types 2 and 5), BGP-LS prefixes.
import { holds, type Prefix, parsePrefix } from '../../lookup/prefix.ts'
import { NO_PREFIX } from '../../lookup/route-prefixes.ts'
import { parsedRecord } from '../../stream/json.ts'
import type { Match } from './query.ts'
import type { Rib } from './rib.ts'

interface Part {
  readonly id: number
  readonly prefix: Prefix
}

const within = (outer: Prefix, inner: Prefix): boolean => {
  const [a, b, c, d] = inner.words
  return outer.family === inner.family && outer.length <= inner.length && holds(outer, a, b, c, d)
}

const FITS: { readonly [match in Match]: (asked: Prefix, known: Prefix) => boolean } = {
  exact: (asked, known) => asked.length === known.length && within(asked, known),
  longest: (asked, known) => within(known, asked),
  less: (asked, known) => within(known, asked),
  more: within,
}

/** Ids of the destinations in scopes that a question means, by scope, the longest prefix first. They are not indexed. */
export function textDestinations(rib: Rib, scopes: ReadonlySet<number>, asked: Prefix, match: Match): Part[] {
  const { table } = rib
  const { prefixes, texts } = table
  const decoder = new TextDecoder()
  const found: Part[] = []
  for (let id = 1; id < prefixes.end; id++) {
    if (prefixes.length(id) !== NO_PREFIX || !scopes.has(prefixes.scope(id)) || table.first(id) === 0) continue
    const record = parsedRecord(`{${decoder.decode(texts.octets(prefixes.word(id, 0)))}}`)
    const text = record?.ip_prefix ?? record?.evpn_ip ?? record?.ip_reach
    const prefix = typeof text === 'string' ? parsePrefix(text) : undefined
    if (prefix && FITS[match](asked, prefix)) found.push({ id, prefix })
  }
  return found.sort((a, b) => prefixes.scope(a.id) - prefixes.scope(b.id) || b.prefix.length - a.prefix.length)
}
