// The flags of topology.
import { Flags } from '@oclif/core'
import type { TopologyOptions } from '../operators/topology.ts'
import { type ParsedOptions, texts } from './parsed.ts'
import { durationMs } from './quantities.ts'

export type TopologyFormat = 'json' | 'table' | 'dot'
const OBJECTS: { readonly [word: string]: readonly string[] } = {
  nodes: ['Node'],
  links: ['Link'],
  prefixes: ['IPv4 Topology Prefix', 'IPv6 Topology Prefix'],
  sids: ['SRv6 SID'],
}

export const TOPOLOGY_FLAGS = {
  format: Flags.option({
    summary: 'json (NDJSON), table, or dot for Graphviz (default: table on a terminal, json elsewhere)',
    options: ['json', 'table', 'dot'] as const,
  })(),
  only: Flags.option({
    summary: 'nodes, links, prefixes or sids alone; repeat for more',
    options: ['nodes', 'links', 'prefixes', 'sids'] as const,
    multiple: true,
    multipleNonGreedy: true,
  })(),
  routes: Flags.boolean({
    summary: 'shortest paths: prefixes that each router reaches, with cost and next hops',
    exclusive: ['only'],
  }),
  from: Flags.string({
    summary: 'with --routes: this router (name, IGP id or router id); repeat for more (default: all)',
    helpValue: 'ROUTER',
    multiple: true,
    multipleNonGreedy: true,
    dependsOn: ['routes'],
  }),
  every: Flags.string({
    summary: 'write it so often, by the clock of the records, and not only at the end',
    helpValue: '5m',
  }),
}

export function topologyOptions(
  parsed: ParsedOptions,
): TopologyOptions & { readonly format: TopologyFormat | undefined } {
  return {
    routes: parsed.routes === true,
    from: texts(parsed.from),
    only: texts(parsed.only).flatMap(word => OBJECTS[word] ?? []),
    everyMs: parsed.every === undefined ? 0 : durationMs('every', parsed.every),
    format: parsed.format as TopologyFormat | undefined,
  }
}
