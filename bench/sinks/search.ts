/**
 * Records a second and CPU of sink-elasticsearch, sink-cassandra and sink-druid, beside loops with the same client.
 *   node bench/sinks/search.ts elasticsearch|opensearch|cassandra|druid [--rows N]
 */
import { parseArgs } from 'node:util'
import { startCassandra } from '../../test/services/servers/cassandra.ts'
import { startDruid } from '../../test/services/servers/druid.ts'
import { startElasticsearch } from '../../test/services/servers/elasticsearch.ts'
import { startOpensearch } from '../../test/services/servers/opensearch.ts'
import { isSkipped, type Lifetime, type Server, type Skipped } from '../../test/services/servers/server.ts'
import { start } from '../measure.ts'
import { sumsFile } from './input.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rows: { type: 'string', default: '100000' } },
})
const ROWS = Number(values.rows)
/** Of the loop that waits for each row. */
const SLOW_ROWS = Math.min(ROWS, 10_000)

interface Way {
  readonly name: string
  readonly rows: number
  readonly line: string
}

interface Store {
  start(lifetime: Lifetime): Promise<Server | Skipped>
  ways(server: Server, file: string): Way[]
}

const NAIVE = 'node bench/sinks/naive.ts'
const NETALLY = 'node bin/run.js'

const search = (start: Store['start']): Store => ({
  start,
  ways: ({ url }, file) => {
    const sink = `${NETALLY} sink-elasticsearch ${url} --replicas 0`
    return [
      { name: 'warm-up', rows: ROWS, line: `${sink} --data-stream warm < ${file}` },
      {
        name: 'loop: JSON.parse, fetch, 5,000 a request',
        rows: ROWS,
        line: `${NAIVE} elasticsearch ${url} loop ${file}`,
      },
      { name: 'sink-elasticsearch', rows: ROWS, line: `${sink} --data-stream one < ${file}` },
      {
        name: 'sink-elasticsearch --in-flight 4',
        rows: ROWS,
        line: `${sink} --data-stream four --in-flight 4 < ${file}`,
      },
      { name: 'sink-elasticsearch --gzip', rows: ROWS, line: `${sink} --data-stream zip --gzip < ${file}` },
    ]
  },
})

const STORES: { readonly [name: string]: Store } = {
  elasticsearch: search(startElasticsearch),
  opensearch: search(startOpensearch),
  cassandra: {
    start: startCassandra,
    ways: ({ url }, file) => {
      const sink = `${NETALLY} sink-cassandra ${url}`
      return [
        { name: 'warm-up', rows: ROWS, line: `${sink} --table warm < ${file}` },
        {
          name: 'loop: await execute',
          rows: SLOW_ROWS,
          line: `${NAIVE} cassandra-await ${url} a ${file} ${SLOW_ROWS}`,
        },
        { name: 'loop: executeConcurrent, 100', rows: ROWS, line: `${NAIVE} cassandra-concurrent ${url} b ${file}` },
        { name: 'sink-cassandra', rows: ROWS, line: `${sink} --table one < ${file}` },
        { name: 'sink-cassandra --chunk 40K', rows: ROWS, line: `${sink} --table chunks --chunk 40K < ${file}` },
      ]
    },
  },
  druid: {
    start: startDruid,
    ways: ({ url }, file) => {
      const sink = `${NETALLY} sink-druid ${url} --timeout 5m`
      return [
        { name: 'warm-up', rows: ROWS, line: `${sink} --datasource warm < ${file}` },
        { name: 'sink-druid', rows: ROWS, line: `${sink} --datasource one < ${file}` },
      ]
    },
  },
}

const store = STORES[positionals[0] ?? '']
if (!store) throw new Error(`which store? ${Object.keys(STORES).join(', ')}`)
const ends: (() => void | Promise<void>)[] = []
const server = await store.start({ after: end => ends.push(end) })
try {
  if (isSkipped(server)) console.log(`skipped: ${server.skipped}`)
  else {
    for (const { name, rows, line } of store.ways(server, sumsFile(ROWS))) {
      const { wallSeconds, cpuSeconds, rssMebibytes } = await start(line, {}).done
      const rate = Math.round(rows / wallSeconds)
      const cpu = ((cpuSeconds / rows) * 1e6).toFixed(1)
      console.log(`| ${name} | ${rate} records/s | ${cpu} CPU s a million | ${Math.round(rssMebibytes)} MiB |`)
    }
  }
} finally {
  for (const end of ends.reverse()) await end()
}
