// tee to two receivers that count: the highest rate at which each gets every datagram.
// node bench/tee/run.ts [--count N] [--rates 80000,100000] [--runs N] [--only netally] [--words '...']
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { dataFolder, makeInputs } from '../generate.ts'
import { isInstalled } from '../harness.ts'
import { childrenOf } from '../measure.ts'
import { socketState } from '../udp.ts'

const INPUT = 'nf9-200k.pcap'
const TICKS_PER_SECOND = 100
const START_LIMIT_MS = 20_000
const SETTLE_MS = 1500
const POLL_MS = 50
const FIRST_PORT = 29_200
const WARM_UP = { rate: 5000, count: 20_000 }

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '400000' },
    rates: { type: 'string', default: '40000,80000,100000,120000,140000' },
    runs: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    words: { type: 'string', default: '' },
    receivers: { type: 'string', default: '2' },
  },
})
const here = import.meta.dirname
/**
 * Scheduling groups weigh as this nice value: what is measured goes before what else the machine does (sched(7), autogroup;
 * needs root).
 */
const GROUP_NICE = { tee: '-20', others: '-15' }

/** Starts a program in a session, and so a scheduling group, of its own. */
function run(words: readonly string[], stdio: StdioOptions, nice = GROUP_NICE.others): ChildProcess {
  const [program = '', ...rest] = words
  const child = spawn(program, rest, { stdio, detached: true })
  try {
    writeFileSync(`/proc/${child.pid}/autogroup`, nice)
  } catch {
    // Then it has its turn with the others.
  }
  return child
}
const out = join(here, '..', 'out')
const receivers = Number(values.receivers)
const port = FIRST_PORT
const collectorPorts = Array.from({ length: receivers }, (_, index) => FIRST_PORT + 1 + index)

function startNetally(): ChildProcess {
  const to = collectorPorts.flatMap(one => ['--to', `127.0.0.1:${one}`])
  const netally = process.env.NETALLY ?? join(here, '..', '..', 'bin', 'run.js')
  const words = [netally, 'tee', '--listen', `127.0.0.1:${port}`, ...to, ...values.words.split(' ').filter(Boolean)]
  return run([process.execPath, ...words], ['ignore', 'ignore', 'inherit'], GROUP_NICE.tee)
}

function startNfacctd(): ChildProcess {
  const list = collectorPorts.map((one, index) => `id=${index + 1} ip=127.0.0.1:${one}\n`).join('')
  writeFileSync(join(out, 'tee.lst'), list)
  const lines = ['daemonize: false', 'nfacctd_ip: 127.0.0.1', `nfacctd_port: ${port}`, 'nfacctd_pipe_size: 4194304']
  lines.push('plugins: tee[a]', `tee_receivers[a]: ${join(out, 'tee.lst')}`, 'tee_transparent: false')
  lines.push('plugin_pipe_size: 512000000', 'plugin_buffer_size: 512000', 'pre_tag_map_entries: 10')
  writeFileSync(join(out, 'tee.conf'), lines.map(line => `${line}\n`).join(''))
  // As netally has it by itself.
  return run(['nice', '-n', '-10', 'nfacctd', '-f', join(out, 'tee.conf')], 'ignore', GROUP_NICE.tee)
}

const TOOLS: readonly { readonly name: string; readonly start: () => ChildProcess; readonly needs?: string }[] = [
  { name: 'netally tee', start: startNetally },
  { name: 'nfacctd tee', start: startNfacctd, needs: 'nfacctd' },
]

/** CPU seconds of a process and what it started, so far. */
const cpuSeconds = (pid: number): number =>
  [pid, ...childrenOf(pid)].reduce((sum, one) => {
    const fields = readFileSync(`/proc/${one}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return sum + (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  }, 0)

function text(child: ChildProcess): Promise<string> {
  let all = ''
  child.stdout?.on('data', chunk => {
    all += chunk
  })
  return new Promise(resolve => child.on('close', () => resolve(all)))
}

async function opened(one: number): Promise<void> {
  for (let waited = 0; socketState(one) === undefined; waited += POLL_MS) {
    if (waited > START_LIMIT_MS) throw new Error(`nobody listens on ${one}`)
    await sleep(POLL_MS)
  }
}

async function sendAll(rate: number, count: number): Promise<{ perSecond: number; octets: number }> {
  const words = [join(here, 'sender.ts'), join(dataFolder, INPUT), String(port), String(rate), String(count)]
  return JSON.parse(await text(run([process.execPath, ...words], ['ignore', 'pipe', 'inherit'])))
}

async function settled(): Promise<void> {
  const all = [port, ...collectorPorts]
  for (let quietMs = 0; quietMs < SETTLE_MS; quietMs += POLL_MS) {
    if (all.some(one => (socketState(one)?.queuedOctets ?? 0) > 0)) quietMs = 0
    await sleep(POLL_MS)
  }
}

async function oneRate(tool: (typeof TOOLS)[number], rate: number, count: number): Promise<boolean> {
  const collectors = collectorPorts.map(one =>
    run([process.execPath, join(here, 'collector.ts'), String(one)], ['ignore', 'pipe', 'inherit']),
  )
  const results = collectors.map(text)
  await Promise.all(collectorPorts.map(opened))
  const tee = tool.start()
  await opened(port)
  await sendAll(WARM_UP.rate, WARM_UP.count)
  await settled()
  const pid = tee.pid as number
  const before = cpuSeconds(pid)
  const { perSecond } = await sendAll(rate, count)
  await settled()
  const cpu = ((cpuSeconds(pid) - before) / count) * 1e6
  const teeDrops = socketState(port)?.drops ?? 0
  tee.kill('SIGINT')
  for (const collector of collectors) collector.kill('SIGTERM')
  const counted = (await Promise.all(results)).map(
    line => JSON.parse(line) as { datagrams: number; kernelDrops: number },
  )
  const missing = counted.map(({ datagrams }) => count + WARM_UP.count - datagrams)
  const drops = counted.map(({ kernelDrops }) => kernelDrops)
  const load = readFileSync('/proc/loadavg', 'utf8').split(' ')[0]
  console.log(
    `${tool.name} ${rate}/s: sent ${perSecond}/s, ${cpu.toFixed(1)} CPU-us a datagram, missing ${missing.join(' and ')} of ${count} ` +
      `(dropped before the tee ${teeDrops}, before the receivers ${drops.join(' and ')}), load ${load}`,
  )
  await new Promise(resolve => (tee.exitCode === null ? tee.on('exit', resolve) : resolve(undefined)))
  return missing.every(one => one === 0) && perSecond > rate * 0.97
}

mkdirSync(out, { recursive: true })
makeInputs([INPUT], line => console.error(line))
for (const tool of TOOLS) {
  if (!tool.name.includes(values.only) || (tool.needs && !isInstalled(tool.needs))) continue
  for (const rate of values.rates.split(',').map(Number)) {
    let whole = 0
    for (let run = 0; run < Number(values.runs); run++)
      whole += (await oneRate(tool, rate, Number(values.count))) ? 1 : 0
    console.log(`  ${tool.name} ${rate}/s: whole in ${whole} of ${values.runs}`)
  }
}
