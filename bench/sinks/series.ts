// Records a second, and CPU of the sink, to InfluxDB, Prometheus and OpenTSDB's protocol, beside a naive loop; real servers.
//
//   node bench/sinks/series.ts [RECORDS]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startInfluxdb } from '../../test/services/servers/influxdb.ts'
import { startPrometheus } from '../../test/services/servers/prometheus.ts'
import { isSkipped, type Server, type Skipped } from '../../test/services/servers/server.ts'
import { startVictoriaMetrics } from '../../test/services/servers/victoria-metrics.ts'

const count = Number(process.argv[2] ?? 100_000)
const RUN = join(import.meta.dirname, '..', '..', 'bin', 'run.js')
const NAIVE = join(import.meta.dirname, 'naive-series.ts')
const folder = mkdtempSync(join(tmpdir(), 'netally-bench-'))
const input = join(folder, 'records.ndjson')

/** One bin of an aggregate: every pair of ASes once. */
function writeRecords(): void {
  const lines = Array.from({ length: count }, (_, n) =>
    JSON.stringify({
      ...{
        as_src: 64_512 + (n % 1000),
        as_dst: 1000 + Math.floor(n / 1000),
        packets: 1 + (n % 97),
        bytes: 40 + 13 * n,
      },
      stamp_inserted: 1_764_000_000,
    }),
  )
  writeFileSync(input, `${lines.join('\n')}\n`)
}

async function measure(name: string, words: readonly string[]): Promise<void> {
  const times = join(folder, 'times')
  const started = performance.now()
  const child = spawn('/usr/bin/time', ['-o', times, '-f', '%U %S %M', process.execPath, ...words], {
    stdio: [openSync(input, 'r'), 'ignore', 'inherit'],
  })
  const [status] = await once(child, 'exit')
  const seconds = (performance.now() - started) / 1000
  const [user = 0, system = 0, kilobytes = 0] =
    readFileSync(times, 'utf8').trim().split('\n').at(-1)?.split(' ').map(Number) ?? []
  const rate = Math.round(count / seconds / 100) / 10
  console.log(
    `${name.padEnd(44)} ${rate} k/s, ${(user + system).toFixed(2)} s CPU, ${Math.round(kilobytes / 1024)} MB${status === 0 ? '' : ` FAILED ${status}`}`,
  )
}

const ends: (() => void | Promise<void>)[] = [() => rmSync(folder, { recursive: true })]
const lifetime = { after: (end: () => void | Promise<void>) => void ends.unshift(end) }
const named = ['--tags', 'as_src,as_dst', '--values', 'packets,bytes']

async function against(started: Promise<Server | Skipped>, work: (server: Server) => Promise<void>): Promise<void> {
  const server = await started
  if (isSkipped(server)) return console.log(server.skipped)
  await work(server)
  await server.kill()
}

try {
  writeRecords()
  await against(startInfluxdb(lifetime), async ({ url }) => {
    await measure('InfluxDB 1: naive loop', [NAIVE, 'influxdb', `${url}/write?db=netally`])
    await measure('InfluxDB 1: sink-influxdb', [RUN, 'sink-influxdb', url])
    await measure('InfluxDB 1: sink-influxdb, fields named', [RUN, 'sink-influxdb', url, ...named])
  })
  await against(startVictoriaMetrics(lifetime), async ({ url, ports }) => {
    const http = `http://127.0.0.1:${ports.opentsdbHttp}`
    const telnet = `telnet://127.0.0.1:${ports.opentsdb}`
    await measure('OpenTSDB of VictoriaMetrics: naive loop', [NAIVE, 'opentsdb', `${http}/api/put`])
    await measure('OpenTSDB of VictoriaMetrics: HTTP, named', [RUN, 'sink-opentsdb', http, ...named])
    const flags = ['--barrier', 'close', '--precision', 's']
    await measure('OpenTSDB of VictoriaMetrics: telnet, named', [RUN, 'sink-opentsdb', telnet, ...flags, ...named])
    await measure('remote-write to VictoriaMetrics, named', [RUN, 'sink-prometheus', url, ...named])
  })
  await against(startPrometheus(lifetime), async ({ url }) => {
    await measure('remote-write to Prometheus, named', [RUN, 'sink-prometheus', url, ...named])
  })
  await measure('sink-prometheus --listen, named', [
    RUN,
    'sink-prometheus',
    '--listen',
    '0',
    '--cardinality',
    '1000000',
    ...named,
  ])
} finally {
  for (const end of ends) await end()
}
