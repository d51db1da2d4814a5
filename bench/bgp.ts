import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freeTcpPort } from '../test/support/free-port.ts'
import { BMP_DAEMONS, type Daemon, JSON_DAEMONS, type Place, TABLE_DAEMONS } from './daemons.ts'
import { dataFolder } from './generate.ts'
import { benchFolder, isInstalled, report, variables } from './harness.ts'
import { median, type Running, start } from './measure.ts'
import { routeFile } from './route-files.ts'
import { tell } from './router.ts'
import { ROUTES } from './routes.ts'

const USAGE = `node bench/bgp.ts [--runs N] [--only WORDS] [--tool WORDS] [--alone]
  --runs N      take the least CPU of N runs (3)
  --only WORDS  only works whose name has these words
  --tool WORDS  only tools whose name has these words
  --alone       netally only, without the other tools`

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    tool: { type: 'string', default: '' },
    alone: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

/** What a daemon takes before it is fed is its start-up, and not charged. */
const START_MS = 2000
const SAMPLE_MS = 50
/** It has taken all when it was idle for so long. */
const IDLE_MS = 2000
const IDLE_SHARE = 0.03
const LEAST_CPU_SECONDS = 0.3
const LONGEST_MS = 90_000
const FAREWELL_MS = 10_000

interface Result {
  readonly tool: string
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly rssMebibytes: number
  readonly wrong?: string | undefined
}

interface Session {
  readonly name: string
  readonly kind: 'bgp' | 'bmp'
  readonly input: string
  readonly peers: readonly string[]
  readonly daemons: readonly Daemon[]
}

/** A command that ends by itself; start-up is charged. */
interface Command {
  readonly name: string
  readonly tools: readonly { readonly name: string; readonly needs: readonly string[]; readonly line: string }[]
  readonly input: () => string
  /** Prints how many routes $OUT has. */
  readonly count: string
  /** Written to a file once, to be counted; measured into /dev/null. */
  readonly long: boolean
}

const ONE = ['127.0.0.2']
const THREE = ['127.0.0.2', '127.0.0.3', '127.0.0.4']

const SESSIONS: readonly Session[] = [
  { name: 'BGP session -> a JSON line a route', kind: 'bgp', input: 'routes.bgp', peers: ONE, daemons: JSON_DAEMONS },
  { name: 'BGP session -> table', kind: 'bgp', input: 'routes.bgp', peers: ONE, daemons: TABLE_DAEMONS },
  { name: '3 BGP sessions -> table', kind: 'bgp', input: 'routes.bgp', peers: THREE, daemons: TABLE_DAEMONS },
  { name: 'BMP session -> a JSON line a route', kind: 'bmp', input: 'routes.bmp', peers: ONE, daemons: BMP_DAEMONS },
]

const netally = (line: string) => ({ name: `netally ${line.split(' ')[0]}`, needs: [], line: `$NETALLY ${line}` })
const LINES = 'wc -l < $OUT'
const UPDATES = `grep -c '"log_type":"update"' $OUT`

/** The lines of the capture, without the end of the session, which would empty the table. */
function ndjson(): string {
  const path = join(dataFolder, 'routes.ndjson')
  if (!existsSync(path)) {
    const environment = { ...process.env, ...variables(routeFile('routes.pcap', report), path) }
    execFileSync('bash', ['-c', '$NETALLY bgp-recv --pcap $IN | grep -v log_close > $OUT'], { env: environment })
  }
  return path
}

const COMMANDS: readonly Command[] = [
  {
    name: 'BGP capture -> a JSON line a route',
    tools: [netally('bgp-recv --pcap $IN > $OUT')],
    input: () => routeFile('routes.pcap', report),
    count: UPDATES,
    long: true,
  },
  {
    name: 'NDJSON -> table -> dump of it',
    tools: [netally('dump --table < $IN > $OUT')],
    input: ndjson,
    count: `grep -c '"event_type":"dump"' $OUT`,
    long: true,
  },
  {
    name: 'MRT table -> a line a route',
    tools: [
      netally('mrt-read $IN > $OUT'),
      { name: 'bgpdump -m', needs: ['bgpdump'], line: 'bgpdump -m $IN > $OUT 2> /dev/null' },
    ],
    input: () => routeFile('routes.mrt', report),
    count: LINES,
    long: true,
  },
]

const outFolder = join(benchFolder, 'out')
const print = (line: string): void => console.log(line)

function ask(line: string, environment: Readonly<Record<string, string>>): string {
  try {
    return execFileSync('bash', ['-c', line], { env: { ...process.env, ...environment }, encoding: 'utf8' }).trim()
  } catch {
    return 'no answer'
  }
}

/** CPU seconds until it has nothing more to do. */
async function untilIdle(running: Running): Promise<{ cpuSeconds: number; wallSeconds: number }> {
  const before = running.cpuSeconds()
  const from = performance.now()
  let [last, lastMs, busyMs] = [before, from, from]
  while (performance.now() - from < LONGEST_MS) {
    await sleep(SAMPLE_MS)
    const [cpu, now] = [running.cpuSeconds(), performance.now()]
    if (cpu - last > (IDLE_SHARE * (now - lastMs)) / 1000) busyMs = now
    ;[last, lastMs] = [cpu, now]
    if (cpu - before > LEAST_CPU_SECONDS && now - busyMs > IDLE_MS) break
  }
  return { cpuSeconds: last - before, wallSeconds: (busyMs - from) / 1000 }
}

async function runDaemon(session: Session, daemon: Daemon): Promise<Result> {
  const out = join(outFolder, daemon.name.replace(/[^a-z]+/g, '-'))
  const place: Place = { port: await freeTcpPort(), api: await freeTcpPort(), out, peers: session.peers }
  if (daemon.conf) writeFileSync(`${out}.conf`, daemon.conf(place))
  const environment = {
    ...variables('', out),
    CONF: `${out}.conf`,
    PORT: String(place.port),
    API: String(place.api),
  }
  const table = readFileSync(routeFile(session.input, report))
  const running = start(daemon.line, environment)
  await sleep(START_MS)
  const routers = session.peers.map(peer => tell(session.kind, place.port, peer, table))
  const told = Promise.all(routers).catch((error: Error) => error)
  const idle = await untilIdle(running)
  const ends = await Promise.race([told, sleep(START_MS, new Error('it did not take all'))])
  const rssMebibytes = running.rssMebibytes()
  if (daemon.name.startsWith('netally')) running.signal('SIGUSR1')
  await sleep(SAMPLE_MS * 10)
  const routes = daemon.count === undefined ? undefined : ask(daemon.count, environment)
  await stop(running)
  if (Array.isArray(ends)) for (const end of ends) end()
  rmSync(out, { force: true })
  const wanted = String(ROUTES * session.peers.length)
  const amiss = routes === undefined || routes === wanted ? undefined : `${routes} routes, not ${wanted}`
  const wrong = ends instanceof Error ? ends.message : amiss
  return { tool: daemon.name, ...idle, rssMebibytes, wrong }
}

async function stop(running: Running): Promise<void> {
  running.signal('SIGINT')
  const isDone = await Promise.race([running.done.then(() => true), sleep(FAREWELL_MS).then(() => false)])
  if (!isDone) running.signal('SIGKILL')
  await running.done
}

async function runCommand(command: Command, index: number, isFirst: boolean): Promise<Result> {
  const tool = command.tools[index] as Command['tools'][number]
  const out = join(outFolder, 'command')
  let wrong: string | undefined
  if (isFirst) {
    const environment = variables(command.input(), out)
    await start(tool.line, environment).done
    const routes = ask(command.count, environment)
    if (routes !== String(ROUTES)) wrong = `${routes} routes, not ${ROUTES}`
    rmSync(out, { force: true })
  }
  const measured = await start(tool.line, variables(command.input(), '/dev/null')).done
  return { ...measured, tool: tool.name, wrong }
}

/** The least of several runs: other work on the machine only ever adds. */
function best(results: readonly Result[]): Result {
  const wrong = results.find(result => result.wrong !== undefined)?.wrong
  return {
    tool: results[0]?.tool ?? '',
    cpuSeconds: Math.min(...results.map(result => result.cpuSeconds)),
    wallSeconds: median(results.map(result => result.wallSeconds)),
    rssMebibytes: Math.max(...results.map(result => result.rssMebibytes)),
    wrong,
  }
}

const CELLS = [46, 9, 8, 9] as const
const row = (cells: readonly string[]): string =>
  CELLS.map((width, index) => (index === 0 ? (cells[0] ?? '').padEnd(width) : (cells[index] ?? '').padStart(width)))
    .join(' ')
    .trimEnd()

function tellResult({ tool, cpuSeconds, wallSeconds, rssMebibytes, wrong }: Result): void {
  const cells = [`  ${tool}`, cpuSeconds.toFixed(2), wallSeconds.toFixed(2), rssMebibytes.toFixed(0)]
  print(wrong === undefined ? row(cells) : `${row([`  ${tool}`, 'WRONG'])}  ${wrong}`)
}

type Tool = { readonly name: string; readonly needs: readonly string[] }
const wanted = ({ name, needs }: Tool): boolean =>
  name.includes(values.tool) && (!values.alone || name.startsWith('netally')) && needs.every(isInstalled)

/** The tools take turns, so that all of them meet the same machine. */
async function measure<One extends Tool>(
  name: string,
  tools: readonly One[],
  run: (tool: One, turn: number) => Promise<Result>,
): Promise<void> {
  if (!name.includes(values.only)) return
  print(name)
  const results = tools.filter(wanted).map(tool => ({ tool, runs: [] as Result[] }))
  for (let turn = 0; turn < Number(values.runs); turn++) {
    for (const { tool, runs } of results) runs.push(await run(tool, turn))
  }
  for (const { runs } of results) tellResult(best(runs))
}

if (values.help) print(USAGE)
else {
  // A daemon that ends a session is told of in its row.
  process.on('unhandledRejection', error => report(String(error)))
  mkdirSync(outFolder, { recursive: true })
  print(row(['work / tool', 'CPU s', 'wall s', 'RSS MiB']))
  for (const session of SESSIONS) {
    const daemons = session.daemons.filter(({ oneTable }) => !oneTable || session.peers.length === 1)
    await measure(session.name, daemons, daemon => runDaemon(session, daemon))
  }
  for (const command of COMMANDS) {
    await measure(command.name, command.tools, (tool, turn) =>
      runCommand(command, command.tools.indexOf(tool), turn === 0),
    )
  }
  // Sessions that went wrong may still be open.
  process.exit()
}
