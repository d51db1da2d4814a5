import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { dataFolder, readSums } from './generate.ts'
import { type Bench, inputOf, measureWork, variables } from './harness.ts'
import { type Measurement, median, start } from './measure.ts'
import { heading, row, verdict, workLines } from './report.ts'
import { ANCHOR_SUMS } from './sums.ts'
import { measureUdp } from './udp.ts'
import { WORKS } from './works.ts'

const USAGE = `node bench/run.ts [--runs N] [--only WORDS] [--alone] [--no-udp] [--data DIR]
  --runs N      take the median of N runs (3)
  --only WORDS  only works whose name has these words; also: udp, start-up, ten times
  --alone       netally only, without the other tools
  --no-udp      leave the UDP rates out
  --data DIR    captures of another folder: nf9.pcap, ipfix.pcap, nf9v6.pcap as the anchors have
                them, or others with a sums.json`

const START_UP_LIMIT_MS = 150
const START_UPS = ['--version', 'flow-recv --help', 'aggregate --by as_src < /dev/null', 'run --help']
const TEN_TIMES = ['nf9-200k.pcap', 'nf9.pcap'] as const
const TEN_TIMES_LIMIT = 10.5
const FLAT_RSS_LIMIT = 1.3

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    alone: { type: 'boolean', default: false },
    'no-udp': { type: 'boolean', default: false },
    data: { type: 'string', default: dataFolder },
    help: { type: 'boolean', default: false },
  },
})
const folder = resolve(values.data)
const bench: Bench = {
  folder,
  sums: { ...(folder === dataFolder ? {} : ANCHOR_SUMS), ...readSums(folder) },
  runs: Number(values.runs),
}
const wanted = (name: string): boolean => name.includes(values.only)
const isThere = (input: string): boolean => folder === dataFolder || existsSync(join(folder, input))
const print = (line: string): void => console.log(line)

async function repeat(line: string, input: string): Promise<Measurement[]> {
  const measurements: Measurement[] = []
  for (let turn = 0; turn < bench.runs; turn++) {
    measurements.push(await start(line, variables(input, '/dev/null')).done)
  }
  return measurements
}

async function startUp(): Promise<void> {
  print('start-up')
  for (const command of START_UPS) {
    const measurements = await repeat(`$NETALLY ${command} > /dev/null`, '')
    const wallMs = median(measurements.map(({ wallSeconds }) => wallSeconds * 1000))
    const failed = measurements.some(({ exitCode }) => exitCode !== 0)
    print(
      failed
        ? row([`  netally ${command}`, 'WRONG'])
        : row([
            `  netally ${command}`,
            '',
            `${wallMs.toFixed(0)} ms`,
            '',
            '',
            `${START_UP_LIMIT_MS} ms`,
            verdict(wallMs <= START_UP_LIMIT_MS),
          ]),
    )
  }
}

async function tenTimes(): Promise<void> {
  print('ten times the input -> sums by AS pair, one process')
  const found: { cpu: number; rss: number }[] = []
  for (const name of TEN_TIMES) {
    const line = '$NETALLY run "flow-recv --pcap $IN --udp-port 2055 | aggregate --by as_src,as_dst" > $OUT'
    const measurements = await repeat(line, inputOf(bench, name).path)
    const cpu = median(measurements.map(({ cpuSeconds }) => cpuSeconds))
    const rss = median(measurements.map(({ rssMebibytes }) => rssMebibytes))
    if (measurements.some(({ exitCode }) => exitCode !== 0)) return print(row([`  ${name}`, 'WRONG']))
    found.push({ cpu, rss })
    print(row([`  ${name}`, `${cpu.toFixed(2)} s`, '', rss.toFixed(0)]))
  }
  const [small, large] = found
  if (small === undefined || large === undefined) return
  const [cpuRatio, rssRatio] = [large.cpu / small.cpu, large.rss / small.rss]
  print(
    row([
      '  CPU ratio',
      cpuRatio.toFixed(2),
      '',
      '',
      '',
      String(TEN_TIMES_LIMIT),
      verdict(cpuRatio <= TEN_TIMES_LIMIT),
    ]),
  )
  print(
    row(['  RSS ratio', rssRatio.toFixed(2), '', '', '', String(FLAT_RSS_LIMIT), verdict(rssRatio <= FLAT_RSS_LIMIT)]),
  )
}

if (values.help) print(USAGE)
else {
  print(heading())
  for (const work of WORKS.filter(({ name, input }) => wanted(name) && isThere(input))) {
    const results = await measureWork(bench, work, tool => !values.alone || tool.name.startsWith('netally'))
    for (const line of workLines(work, results)) print(line)
  }
  if (wanted('start-up')) await startUp()
  if (wanted('ten times') && isThere(TEN_TIMES[0])) await tenTimes()
  if (wanted('udp') && !values['no-udp']) await measureUdp(bench, print)
}
