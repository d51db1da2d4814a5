import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { dataFolder } from './generate.ts'
import { benchFolder, isInstalled, variables } from './harness.ts'
import { type Measurement, start } from './measure.ts'

/**
 * `flow-recv --workers`: records a second and CPU of a capture, with one worker and more, beside nfacctd on the same cores.
 * The least of the runs of each is shown, for wall and for CPU: other work on the machine only ever adds. Off the CPU goes what a
 * collector that runs for months does not feel: of netally the first reading of the capture (start-up, V8's compiling; the
 * second and third count), of nfacctd a capture of 22 records. The wall is of all. Sums of several workers must be those of one, octet by octet.
 *
 *   node bench/workers.ts [--runs 3] [--workers 2] [--input nf9.pcap] [--records 2000000]
 */

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    workers: { type: 'string', default: '2' },
    input: { type: 'string', default: join(dataFolder, 'nf9.pcap') },
    records: { type: 'string', default: '2000000' },
  },
})
const runs = Number(values.runs)
const records = Number(values.records)
const TINY = join(dataFolder, 'nf9-tiny.pcap')
const output = join(benchFolder, 'out', 'workers')

interface Contender {
  readonly name: string
  readonly line: string
  /** The same work with less to read, and records that it reads less. */
  readonly less: { readonly line: string; readonly input: string; readonly records: number }
  readonly records: number
  /** Sums that must be the same as those of the contender of this name. */
  readonly sameAs?: string
}

const TIMES = 3
const receive = (workers: number, times: number) =>
  `flow-recv ${'--pcap $IN '.repeat(times)}--udp-port 2055 --workers ${workers}`
const nfacctd = (conf: string): string =>
  `sed "s|@OUT@|$OUT|" $BENCH/peers/${conf}.conf > $OUT.conf; nfacctd -f $OUT.conf -I $IN > $OUT.log 2>&1`

const LINES: readonly (readonly [work: string, line: string, peer?: string])[] = [
  ['sums by AS pair', 'aggregate --by as_src,as_dst', 'nfacctd-as'],
  ['sums by 5-tuple', 'aggregate --by ip_src,ip_dst,port_src,port_dst,ip_proto', 'nfacctd-tuple'],
  ['filter, then sums by AS pair', "filter 'bytes > 1000 and (tcp or udp)' | aggregate --by as_src,as_dst"],
  ['anonymise, then sums by host pair', 'anonymise --key-file $OUT.key | aggregate --by ip_src,ip_dst'],
]

function contenders(): [work: string, of: Contender[]][] {
  const counts = [1, Number(values.workers)]
  const ours = (workers: number, line: (source: string) => string) => ({
    name: name(workers),
    line: line(receive(workers, TIMES)),
    less: { line: line(receive(workers, 1)), input: values.input, records: records * (TIMES - 1) },
    records: records * TIMES,
  })
  const name = (workers: number) => `netally, ${workers} worker${workers > 1 ? 's' : ''}`
  const works = LINES.map(([work, line, peer]): [string, Contender[]] => [
    work,
    [
      ...counts.map(workers => ({
        ...ours(workers, source => `$NETALLY run "${source} | ${line}" > $OUT`),
        ...(workers > 1 ? { sameAs: name(1) } : {}),
      })),
      ...(peer && isInstalled('nfacctd')
        ? [{ name: 'nfacctd', line: nfacctd(peer), less: { line: nfacctd(peer), input: TINY, records }, records }]
        : []),
    ],
  ])
  const lines = counts.map(workers => ours(workers, source => `$NETALLY ${source} > /dev/null`))
  return [...works, ['a JSON line a flow', lines]]
}

async function measure({ line, less }: Contender): Promise<Measurement & { sum: string }> {
  const begin = await start(less.line, variables(less.input, output)).done
  rmSync(output, { force: true })
  const whole = await start(line, variables(values.input, output)).done
  const cpuSeconds = whole.cpuSeconds - begin.cpuSeconds
  const result = { ...whole, cpuSeconds }
  const sum = existsSync(output) ? createHash('md5').update(readFileSync(output)).digest('hex') : ''
  return { ...result, sum }
}

console.log(`${runs} runs each, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`)
await start('head -c 32 /dev/zero > $OUT.key', variables(values.input, output)).done
for (const [work, all] of contenders()) {
  const best = all.map(() => ({ wall: Number.POSITIVE_INFINITY, cpu: Number.POSITIVE_INFINITY, rss: 0, sum: '' }))
  // By turns, so that what else the machine does meets all alike.
  for (let run = 0; run < runs; run++) {
    for (const [index, contender] of all.entries()) {
      const { wallSeconds, cpuSeconds, rssMebibytes, sum } = await measure(contender)
      const mine = best[index] as (typeof best)[number]
      mine.wall = Math.min(mine.wall, wallSeconds)
      mine.cpu = Math.min(mine.cpu, cpuSeconds)
      mine.rss = Math.max(mine.rss, rssMebibytes)
      mine.sum = sum
    }
  }
  for (const [index, { name, sameAs, less, records: read }] of all.entries()) {
    const { wall, cpu, rss, sum } = best[index] as (typeof best)[number]
    const other = best[all.findIndex(contender => contender.name === sameAs)]
    const wrong = other && other.sum !== sum ? ' WRONG: other sums' : ''
    const rate = Math.round(read / wall / 1000)
    console.log(
      `| ${work} | ${name} | ${rate} k/s | ${(cpu / (less.records / 1e6)).toFixed(2)} | ${Math.round(rss)} MiB |${wrong}`,
    )
  }
}
