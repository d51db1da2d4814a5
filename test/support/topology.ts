// Topologies of records, for tests.
import assert from 'node:assert/strict'
import { type NetRecord, recordBatch, type Stream } from '../../src/contract/record.ts'
import { type TopologyOptions, topologyOperator } from '../../src/operators/topology.ts'
import { type Graph, graphsOf } from '../../src/wire/topology/graph.ts'
import { type Route, routesOf } from '../../src/wire/topology/routes.ts'
import { TopologyState } from '../../src/wire/topology/state.ts'
import { TestHost } from './test-host.ts'

export function graphsOfRecords(records: readonly NetRecord[]): Graph[] {
  const state = new TopologyState()
  applyAll(state, records)
  return graphsOf(state.objects.values())
}

/** None of the records may be refused. */
export function applyAll(state: TopologyState, records: readonly NetRecord[]): void {
  for (const record of records) assert.equal(state.apply(record), undefined)
}

export const routesOfRecords = (router: string, records: readonly NetRecord[]): Route[] => [
  ...routesOf(graphsOfRecords(records), router).values(),
]

/** Finds routes of a few routers of each graph: none may throw. */
export function findSomeRoutes(state: TopologyState): void {
  const graphs = graphsOf(state.objects.values())
  for (const { nodes } of graphs) for (const id of [...nodes.keys()].slice(0, 5)) routesOf(graphs, id)
}

export async function recordsOf(stream: Stream): Promise<NetRecord[]> {
  const records: NetRecord[] = []
  for await (const batch of stream) records.push(...batch.records)
  return records
}

/** What `topology` makes of records. */
export function topologyOf(
  records: readonly NetRecord[],
  options: Partial<TopologyOptions> = {},
): Promise<NetRecord[]> {
  async function* input(): Stream {
    yield recordBatch([...records], 0)
  }
  const all = { routes: false, from: [], only: [], everyMs: 0, ...options }
  return recordsOf(topologyOperator.apply(input(), all, new TestHost(), { fields: [], rest: true }))
}
