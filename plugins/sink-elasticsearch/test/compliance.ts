// sink-elasticsearch as the compliance suite takes it; the same for Elasticsearch and OpenSearch.
import type { TestContext } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { parsedRecord } from '../../../src/stream/json.ts'
import { openGate } from '../../../test/services/servers/gate.ts'
import type { Server } from '../../../test/services/servers/server.ts'
import { type Compliance, type ComplianceServer, testRecord } from '../../../test/support/sink-compliance.ts'

let made = 0

interface Hits {
  readonly hits: { readonly hits: readonly { readonly _source: NetRecord }[] }
}

/** Every document of an index or data stream, without what the sink adds; none when there is no index. */
export async function documentsOf(server: Server, index: string): Promise<NetRecord[]> {
  const text = await server.query(`${index}/_search?size=10000&ignore_unavailable=true`)
  const { hits } = parsedRecord(text) as unknown as Hits
  return hits.hits.map(({ _source: { '@timestamp': time, netally_batches: batches, ...record } }) => record)
}

async function searchServer(context: TestContext, server: Server, merge: boolean): Promise<ComplianceServer> {
  const gate = await openGate(context, server)
  const stream = `compliance${++made}`
  const place = merge ? ['--index', stream, '--key', 'tag', '--merge', 'add'] : ['--data-stream', stream]
  return {
    ...gate,
    words: ['sink-elasticsearch', `http://127.0.0.1:${gate.port}`, ...place, '--replicas', '0'],
    read: () => documentsOf(server, stream),
  }
}

export const compliance = (skip: string | false, server: Server, merge = false): Compliance => ({
  skip,
  make: context => searchServer(context, server, merge),
  duplicates: 'never',
  refused: { record: n => ({ ...testRecord(n), tag2: 'no number' }) },
})
