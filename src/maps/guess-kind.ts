// Which kind of map a file is: by keys that only one kind has, else by words of its name, else by what its rows look like.
import { type MapText, mapLines, readTokens } from './grammar.ts'
import type { KindName } from './kinds.ts'

/** Rows that are looked at. */
const LOOKED_AT = 100

const BY_KEY: readonly (readonly [key: string, kind: KindName])[] = [
  ['bgp_ip', 'bgp_agent_map'],
  ['bmp_ip', 'bmp_agent_map'],
  ['bgp_dst', 'bgp_daemon_xconnect_map'],
  ['field_type', 'aggregate_primitives'],
  ['semantics', 'aggregate_primitives'],
  ['element', 'aggregate_primitives'],
  ['set_tag', 'pre_tag_map'],
  ['set_tag2', 'pre_tag_map'],
  ['set_label', 'pre_tag_map'],
  ['set_tos', 'pre_tag_map'],
  ['id2', 'pre_tag_map'],
  ['jeq', 'pre_tag_map'],
  ['balance-alg', 'tee_receivers'],
  ['counter', 'counter_map'],
  ['node', 'interface_map'],
  ['prefix', 'networks_file'],
  ['origin_as', 'networks_file'],
]

const BY_NAME: readonly (readonly [name: RegExp, kind: KindName])[] = [
  [/(^|[^a-z])tee([^a-z]|$)|receivers/, 'tee_receivers'],
  [/bgp.*tag/, 'bgp_daemon_tag_map'],
  [/bmp.*tag/, 'bmp_daemon_tag_map'],
  [/telemetry.*tag/, 'telemetry_daemon_tag_map'],
  [/sampl|rates?([^a-z]|$)/, 'sampling_map'],
  [/(^|[^a-z])rd([^a-z]|$)|vrf/, 'flow_to_rd_map'],
  [/dst_?ip|next_?hop/, 'bgp_peer_dst_ip_map'],
  [/local_?pref|lpref/, 'bgp_src_local_pref_map'],
  [/(^|[^a-z])med([^a-z]|$)/, 'bgp_src_med_map'],
  [/peer/, 'bgp_peer_src_as_map'],
]

const LIST_BY_NAME: readonly (readonly [name: RegExp, kind: KindName])[] = [
  [/md5/, 'bgp_daemon_md5_file'],
  [/isis/, 'isis_keys'],
  [/allow|acl/, 'allow_file'],
  [/port/, 'ports_file'],
  [/proto/, 'protos_file'],
  [/tos|dscp/, 'tos_file'],
  [/primitive|element/, 'aggregate_primitives'],
  [/net/, 'networks_file'],
]

const named = (list: typeof BY_NAME, file: string): KindName | undefined =>
  list.find(([pattern]) => pattern.test(file.toLowerCase().replace(/^.*\//, '')))?.[1]

/** The values of `id=` decide where nothing else does. */
function byId(values: readonly string[]): KindName | undefined {
  if (values.includes('bgp')) return 'bgp_peer_src_as_map'
  if (values.some(value => /^\d+:[\d.]+:\d+$/.test(value))) return 'flow_to_rd_map'
  return values.some(value => /^\d+\.\d+\.\d+\.\d+$|:.*:/.test(value)) ? 'bgp_peer_dst_ip_map' : undefined
}

export function guessKind(text: MapText, file: string): KindName {
  const lines = typeof text === 'string' ? [...first(mapLines(text))].map(line => line.text) : []
  const rows =
    typeof text === 'string'
      ? lines.map(line => readTokens(line)).flatMap(tokens => ('what' in tokens ? [] : [tokens]))
      : text.slice(0, LOOKED_AT).map(row => row.tokens)
  const keys = new Set(rows.flat().map(token => token.key))
  const known = BY_KEY.find(([key]) => keys.has(key))?.[1]
  const tagKind = named(BY_NAME, file)
  if (known === 'pre_tag_map' && tagKind?.endsWith('_tag_map')) return tagKind
  if (known) return known
  if (keys.has('ifindex') && keys.has('ifname')) return keys.has('ip') ? 'interface_map' : 'pcap_interfaces_map'
  const ids = rows.flat().flatMap(({ key, value }) => (key === 'id' ? [value] : []))
  if (keys.has('id')) return byId(ids) ?? named(BY_NAME, file) ?? 'pre_tag_map'
  return named(LIST_BY_NAME, file) ?? (lines.every(line => /^\s*\d+\s*$/.test(line)) ? 'ports_file' : 'networks_file')
}

function* first<Item>(items: Iterable<Item>): Generator<Item> {
  let count = 0
  for (const item of items) {
    if (count++ >= LOOKED_AT) return
    yield item
  }
}
