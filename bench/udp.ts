import { fork } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { differences, readOutput } from './check.ts'
import { type Bench, benchFolder, inputOf, isInstalled, report, variables } from './harness.ts'
import { childrenOf, type Running, start } from './measure.ts'
import { verdict } from './report.ts'
import type { Sums } from './sums.ts'

/** Plays a capture to a live collector at rising rates; a rate counts only when the sums at the end are whole. */

const PORT = 29_101
const INPUT = 'nf9.pcap'
/** Played first and slowly: a collector that runs for months is measured warm. */
const WARM_UP = { input: 'nf9-200k.pcap', rate: 4000 }
const RECORDS_PER_DATAGRAM = 22
const RATES = [10_000, 20_000, 40_000, 60_000, 80_000, 100_000, 120_000, 140_000, 160_000]
const TARGET_DATAGRAMS_PER_SECOND = 100_000
/** A sender that could not keep the pace proves nothing. */
const REACHED_SHARE = 0.97
const START_LIMIT_MS = 15_000
const SETTLE_LIMIT_MS = 20_000
const IDLE_CPU_SHARE = 0.05
const IDLE_SAMPLES = 4
const SAMPLE_MS = 250

interface Collector {
  readonly name: string
  readonly needs?: string
  readonly line: string
}
const COLLECTORS: readonly Collector[] = [
  {
    name: 'netally run',
    line: `$NETALLY run "flow-recv --listen 127.0.0.1:${PORT} | aggregate --by as_src,as_dst" > $OUT`,
  },
  {
    name: 'nfacctd',
    needs: 'nfacctd',
    line:
      `sed "s|@OUT@|$OUT|; s|@PORT@|${PORT}|" $BENCH/peers/nfacctd-live.conf > $OUT.conf; ` +
      `nfacctd -f $OUT.conf > $OUT.log 2>&1`,
  },
]

interface SocketState {
  readonly drops: number
  readonly queuedOctets: number
}

/** The kernel's own counters of the socket on `port`; undefined while nobody has opened it. */
export function socketState(port: number): SocketState | undefined {
  for (const table of ['/proc/net/udp', '/proc/net/udp6']) {
    for (const line of readFileSync(table, 'utf8').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/)
      if (Number.parseInt(fields[1]?.split(':')[1] ?? '', 16) !== port) continue
      return { drops: Number(fields[12]), queuedOctets: Number.parseInt(fields[4]?.split(':')[1] ?? '0', 16) }
    }
  }
  return undefined
}

async function waitForSocket(): Promise<boolean> {
  for (let waited = 0; waited < START_LIMIT_MS; waited += SAMPLE_MS) {
    if (socketState(PORT) !== undefined) return true
    await sleep(SAMPLE_MS)
  }
  return false
}

async function waitForIdle(running: Running): Promise<void> {
  let idle = 0
  let before = running.cpuSeconds()
  for (let waited = 0; idle < IDLE_SAMPLES && waited < SETTLE_LIMIT_MS; waited += SAMPLE_MS) {
    await sleep(SAMPLE_MS)
    const now = running.cpuSeconds()
    const quiet = (now - before) * 1000 < SAMPLE_MS * IDLE_CPU_SHARE && socketState(PORT)?.queuedOctets === 0
    idle = quiet ? idle + 1 : 0
    before = now
  }
}

const blastFrom = (path: string, rate: number): Promise<{ perSecond: number }> =>
  new Promise((resolve, reject) => {
    const child = fork(join(benchFolder, 'blaster.ts'), [path, String(PORT), String(rate)], { silent: true })
    let text = ''
    child.stdout?.on('data', bytes => {
      text += String(bytes)
    })
    child.on('close', code =>
      code === 0 ? resolve(JSON.parse(text)) : reject(new Error(`blaster ended with ${code}`)),
    )
  })

/** Groups do not add up, all else does. */
const addedUp = (left: Sums, right: Sums): Sums => ({
  ...left,
  asPairs: Number.NaN,
  packets: left.packets + right.packets,
  bytes: left.bytes + right.bytes,
  asWeighted: left.asWeighted + right.asWeighted,
})

export interface UdpResult {
  readonly name: string
  readonly askedRate: number
  readonly reachedRate: number
  readonly kernelDrops: number
  readonly cpuMicrosecondsPerDatagram: number
  readonly lost: string[]
}

async function oneRate(bench: Bench, collector: Collector, askedRate: number): Promise<UdpResult | undefined> {
  const { path, sums } = inputOf(bench, INPUT)
  const warmUp = inputOf(bench, WARM_UP.input)
  const output = join(benchFolder, 'out', 'udp')
  rmSync(output, { force: true })
  const running = start(collector.line, variables(path, output))
  if (sums === undefined || warmUp.sums === undefined || !(await waitForSocket())) {
    for (const pid of childrenOf(running.child.pid ?? 0)) process.kill(pid, 'SIGTERM')
    return undefined
  }
  await blastFrom(warmUp.path, WARM_UP.rate)
  const { perSecond } = await blastFrom(path, askedRate)
  await waitForIdle(running)
  const kernelDrops = socketState(PORT)?.drops ?? 0
  const [collectorPid] = childrenOf(running.child.pid ?? 0)
  if (collectorPid !== undefined) process.kill(collectorPid, 'SIGINT')
  const { cpuSeconds } = await running.done
  const lost = differences(await readOutput(output, 'asJson'), addedUp(sums, warmUp.sums), 'asPairs')
  const datagrams = (sums.records + warmUp.sums.records) / RECORDS_PER_DATAGRAM
  const cpuMicrosecondsPerDatagram = (cpuSeconds / datagrams) * 1e6
  return { name: collector.name, askedRate, reachedRate: perSecond, kernelDrops, cpuMicrosecondsPerDatagram, lost }
}

const describe = ({ reachedRate, cpuMicrosecondsPerDatagram, kernelDrops, lost }: UdpResult): string => {
  const cost = `sent ${Math.round(reachedRate)}/s, ${cpuMicrosecondsPerDatagram.toFixed(1)} CPU-us a datagram`
  return lost.length === 0 ? `${cost}, whole` : `${cost}, ${kernelDrops} kernel drops, ${lost.join(', ')}`
}

const isWhole = (result: UdpResult, rate: number): boolean =>
  result.lost.length === 0 && result.reachedRate >= rate * REACHED_SHARE

/** The highest rate at which every run was whole, and at which any was. About five seconds a run. */
async function measureCollector(bench: Bench, collector: Collector): Promise<{ all: number; any: number } | undefined> {
  const best = { all: 0, any: 0 }
  for (const rate of RATES) {
    let whole = 0
    for (let turn = 0; turn < bench.runs; turn++) {
      const result = await oneRate(bench, collector, rate)
      if (result === undefined) return undefined
      report(`  ${collector.name} ${rate}/s: ${describe(result)}`)
      whole += isWhole(result, rate) ? 1 : 0
    }
    if (whole === 0) break
    if (whole === bench.runs && best.all === best.any) best.all = rate
    best.any = rate
  }
  return best
}

export async function measureUdp(bench: Bench, print: (line: string) => void): Promise<void> {
  print(`UDP without loss -> sums by AS pair (${INPUT}, datagrams of 22 records)`)
  for (const collector of COLLECTORS) {
    if (collector.needs !== undefined && !isInstalled(collector.needs)) continue
    const best = await measureCollector(bench, collector)
    if (best === undefined) {
      print(`  ${collector.name}: did not start`)
      continue
    }
    const target = TARGET_DATAGRAMS_PER_SECOND
    const goal = collector.name.startsWith('netally') ? `; target ${target}: ${verdict(best.all >= target)}` : ''
    print(`  ${collector.name}: ${best.all} datagrams/s whole in each run, ${best.any} in one at least${goal}`)
  }
}
