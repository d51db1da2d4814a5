// The topology that link-state records make, as records: nodes, links, prefixes; or the routes of routers through it.
import type { Operator } from '../contract/component.ts'
import type { Host } from '../contract/host.ts'
import { type Batch, type NetRecord, RECORDS_PER_BATCH, recordBatch, type Stream } from '../contract/record.ts'
import { type Graph, graphsOf } from '../wire/topology/graph.ts'
import { routeRecord, routesOf } from '../wire/topology/routes.ts'
import { TopologyState } from '../wire/topology/state.ts'

export interface TopologyOptions {
  /** Shortest paths instead of the topology. */
  readonly routes: boolean
  /** Names, IGP or router ids of routers whose routes are wanted; none: all. */
  readonly from: readonly string[]
  /** NLRI types that are wanted; none: all. */
  readonly only: readonly string[]
  /** Of the stream's clock; 0 = only at the end. */
  readonly everyMs: number
}

const ORDER = ['Node', 'Link', 'IPv4 Topology Prefix', 'IPv6 Topology Prefix', 'SRv6 SID']

export const topologyOperator: Operator<TopologyOptions> = {
  async *apply(input: Stream, options: TopologyOptions, host: Host): Stream {
    const state = new TopologyState()
    host.watch(() => [{ name: 'topology_objects', value: state.objects.size }])
    let dueMs = 0
    let nowMs = 0
    for await (const batch of input) {
      nowMs = Math.max(nowMs, batch.now)
      if (options.everyMs > 0 && nowMs >= dueMs) {
        if (dueMs > 0) yield* rows(state, options, host, dueMs)
        dueMs = (Math.floor(nowMs / options.everyMs) + 1) * options.everyMs
      }
      take(batch, state, host)
    }
    yield* rows(state, options, host, nowMs)
  },
}

function take(batch: Batch, state: TopologyState, host: Host): void {
  let merged = 0
  for (const record of batch.records) {
    const reason = state.apply(record)
    if (reason === undefined) merged++
    else host.count(`dropped/${reason}`)
  }
  if (merged > 0) host.count('merged', merged)
}

function* rows(state: TopologyState, options: TopologyOptions, host: Host, nowMs: number): Generator<Batch> {
  const made = options.routes ? routeRecords(state, options, host) : objectRecords(state, options)
  const time: NetRecord = options.everyMs > 0 && nowMs > 0 ? { timestamp: Math.floor(nowMs / 1000) } : {}
  let records: NetRecord[] = []
  for (const record of made) {
    records.push({ ...time, ...record })
    if (records.length < RECORDS_PER_BATCH) continue
    host.count('created', records.length)
    yield recordBatch(records, nowMs)
    records = []
  }
  host.count('created', records.length)
  yield recordBatch(records, nowMs)
}

function objectRecords(state: TopologyState, { only }: TopologyOptions): NetRecord[] {
  const names = namesOf(graphsOf(state.objects.values()))
  const chosen = new Set(only)
  return [...state.objects]
    .filter(([, { descriptors }]) => chosen.size === 0 || chosen.has(String(descriptors.nlri_type)))
    .map(([key, object]) => ({ key, ...object, order: ORDER.indexOf(String(object.descriptors.nlri_type)) }))
    .sort((one, other) => one.order - other.order || (one.key < other.key ? -1 : 1))
    .map(({ descriptors, attributes }) => {
      const local = names.get(String(descriptors.local_igp_rtr_id))
      const remote = names.get(String(descriptors.remote_igp_rtr_id))
      const isNode = descriptors.nlri_type === 'Node'
      return {
        ...descriptors,
        ...(local === undefined || isNode ? {} : { local_name: local }),
        ...(remote === undefined ? {} : { remote_name: remote }),
        ...attributes,
      }
    })
}

function namesOf(graphs: readonly Graph[]): Map<string, string> {
  const named = graphs.flatMap(({ nodes }) => [...nodes.values()])
  return new Map(named.flatMap(({ id, name }) => (name === undefined ? [] : [[id, name] as const])))
}

function* routeRecords(state: TopologyState, { from }: TopologyOptions, host: Host): Generator<NetRecord> {
  const graphs = graphsOf(state.objects.values())
  const wanted = new Set(from)
  const found = new Set<string>()
  for (const domain of new Set(graphs.map(graph => graph.domain))) {
    const ofDomain = graphs.filter(graph => graph.domain === domain)
    for (const router of routersOf(ofDomain, wanted, found)) {
      for (const route of routesOf(ofDomain, router).values()) yield routeRecord(ofDomain, router, route)
    }
  }
  for (const word of wanted) {
    if (!found.has(word)) host.report({ code: 'topology/no-such-router', message: `no router is called "${word}"` })
  }
}

/** Ids of routers in a graph of the domain, those that are wanted. */
function routersOf(graphs: readonly Graph[], wanted: ReadonlySet<string>, found: Set<string>): Set<string> {
  const ids = new Set<string>()
  for (const { nodes } of graphs) {
    for (const { id, isPseudonode, name, routerId4, routerId6 } of nodes.values()) {
      const words = [id, name, routerId4, routerId6].filter(word => word !== undefined && wanted.has(word))
      for (const word of words) found.add(String(word))
      if (!isPseudonode && (wanted.size === 0 || words.length > 0)) ids.add(id)
    }
  }
  return ids
}
