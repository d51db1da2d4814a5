// What a map of any kind makes of one record, and why.
import type { NetRecord, Value } from '../contract/record.ts'
import { prefixText } from '../lookup/prefix.ts'
import { AllowList } from './allow-list.ts'
import { CrossConnectMap } from './cross-connect-map.ts'
import { isRuled } from './kinds.ts'
import { type Network, NetworksTable } from './networks-file.ts'
import { ValueList } from './value-list.ts'

export interface Trial {
  /** Rows that the record met, in order, each with its conditions and what the record has. */
  readonly hits: readonly { readonly line: number; readonly row: string; readonly because: readonly string[] }[]
  /** The first rows that failed in one condition only. */
  readonly misses: readonly { readonly line: number; readonly row: string; readonly failed: string }[]
  /** What the map says; null = nothing. */
  readonly result: Value
}

/** Fields that a list of values is about, by what values not listed become. */
const LISTED_FIELDS = { ports_file: ['port_src', 'port_dst'], protos_file: ['ip_proto'], tos_file: ['tos'] } as const

/** Undefined when maps of this kind say nothing about records. */
export function tryMap(kind: string, map: object, record: NetRecord): Trial | undefined {
  if (isRuled(map)) {
    const { hits, misses, outcome } = map.explain(record)
    return {
      hits: hits.map(({ line, text, because }) => ({ line, row: text, because })),
      misses: misses.map(({ line, text, failed }) => ({ line, row: text, failed })),
      result: hits.length === 0 ? null : plain(outcome),
    }
  }
  if (map instanceof NetworksTable) return tryNetworks(map, record)
  if (map instanceof AllowList) return { hits: [], misses: [], result: map.allowsText(sender(record)) }
  if (map instanceof CrossConnectMap) return { hits: [], misses: [], result: plain(map.target(sender(record))) }
  return map instanceof ValueList ? tryList(LISTED_FIELDS[kind as 'ports_file'], map, record) : undefined
}

const sender = (record: NetRecord): string => String(record.peer_ip_src ?? '')

/** An answer as JSON has it. */
function plain(answer: unknown): Value {
  if (answer === undefined) return null
  if (typeof answer !== 'object' || answer === null) return answer as Value
  if (Array.isArray(answer)) return answer.map(plain)
  return Object.fromEntries(
    Object.entries(answer).flatMap(([key, value]) => (value === undefined ? [] : [[key, plain(value)]])),
  )
}

function tryNetworks(table: NetworksTable, record: NetRecord): Trial {
  const found = ['ip_src', 'ip_dst'].flatMap(name => {
    const network = table.find(String(record[name] ?? ''))
    return network ? [{ name, network }] : []
  })
  return {
    hits: found.map(({ name, network }) => ({
      line: network.line,
      row: prefixText(network.prefix),
      because: [`${name} ${String(record[name])}`],
    })),
    misses: [],
    result: found.length === 0 ? null : Object.fromEntries(found.map(({ name, network }) => [name, said(network)])),
  }
}

function said({ prefix, originAs, peerAs, nextHop }: Network): Value {
  return plain({ net: prefixText(prefix), as: originAs, peer_as: peerAs || undefined, nexthop: nextHop })
}

function tryList(names: readonly string[], list: ValueList, record: NetRecord): Trial {
  const values = names.flatMap(name => {
    const bucket = list.valueOf(record[name])
    return bucket === undefined ? [] : [[name, bucket] as const]
  })
  return { hits: [], misses: [], result: Object.fromEntries(values) }
}
