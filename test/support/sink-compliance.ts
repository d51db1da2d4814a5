// What every sink that delivers must do, run with the command as a process and the real server (docs/plugins.md).
//
//   sinkCompliance('sink-redis', { skip: without('redis-server'), start: async context => new RedisServer(context), ... })
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { NetRecord } from '../../src/contract/record.ts'
import { jsonText, parseRecord } from '../../src/stream/json.ts'
import { ended, scratch } from './cli.ts'
import { type Counting, type Stats, startCounting, statsLines, statsOf, until } from './stats.ts'

/** A server with nothing in it, and the sink that writes to it. */
export interface ComplianceServer {
  /** Command, address and flags. */
  readonly words: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Starts it, or starts it again with the data it had. */
  start(): Promise<void>
  /** Ends it in order. */
  stop(): Promise<void>
  /** SIGKILL; what it has acknowledged must be there after the next start. */
  kill(): Promise<void>
  /** Answers nobody, until resume(): SIGSTOP, mostly. */
  pause(): void | Promise<void>
  resume(): void | Promise<void>
  /** Everything stored, as records again, in any order. Fields that the sink adds are left out. */
  read(): Promise<readonly NetRecord[]>
}

export interface Compliance {
  /** Why it cannot be run here; false when it can. */
  readonly skip: string | false
  /** A new server for each test; it goes away with the test. Not started yet. */
  make(context: TestContext): Promise<ComplianceServer>
  /** Record number `n`; default: testRecord. What read() gives for it must be equal. */
  readonly record?: (n: number) => NetRecord
  /** The `n` of a record that was read; default: its field `tag`. */
  readonly numberOf?: (record: NetRecord) => number
  /** Which records may be stored twice after a failure: none, or those of a batch that came again. */
  readonly duplicates: 'never' | 'after-a-failure'
  /** Flags for, and record number `n` as, one that the server refuses; absent where it takes anything. */
  readonly refused?: { readonly words?: readonly string[]; record(n: number): NetRecord }
}

/** A record with every kind of value, told by its tag. */
export function testRecord(n: number): NetRecord {
  return {
    tag: n,
    ip_src: `192.0.2.${n % 256}`,
    ip_dst: '2001:db8::1',
    port_dst: 443,
    ip_proto: 'tcp',
    as_path: [64_500, 64_501],
    label: n % 3 === 0 ? 'ünï "quoted" \\ \n line' : 'plain',
    packets: 1,
    bytes: n % 5 === 0 ? 2n ** 53n + BigInt(2 * n + 1) : 100 + n,
    stamp_inserted: 1_764_000_000 + 60 * (n % 10),
  }
}

const BATCH = [
  '--batch',
  '50',
  '--batch-age',
  '100ms',
  '--retry-first',
  '50ms',
  '--retry-most',
  '500ms',
  '--timeout',
  '3s',
]

const numbers = (count: number, from = 0): number[] => Array.from({ length: count }, (_, index) => from + index)

class Run {
  readonly #compliance: Compliance
  readonly context: TestContext
  readonly server: ComplianceServer

  constructor(compliance: Compliance, context: TestContext, server: ComplianceServer) {
    this.#compliance = compliance
    this.context = context
    this.server = server
  }

  record(n: number): NetRecord {
    return (this.#compliance.record ?? testRecord)(n)
  }

  text(ns: readonly number[]): string {
    return ns.map(n => `${jsonText(this.record(n))}\n`).join('')
  }

  /** Starts the sink; its counters can be asked for. */
  async sink(...more: readonly string[]): Promise<Counting> {
    const { words, env } = this.server
    const [command = '', ...rest] = words
    const options = env ? { env: { ...process.env, TZ: 'UTC', NO_COLOR: '1', NODE_OPTIONS: undefined, ...env } } : {}
    const counting = await startCounting(this.context, [command, ...rest, ...BATCH, '--stats', ...more], options)
    this.context.after(() => counting.child.kill('SIGKILL'))
    counting.child.stdin?.on('error', () => {})
    return counting
  }

  /** Its end: the status, and the counters it printed last. */
  async end(counting: Counting, status: number | string): Promise<Stats> {
    const { child, said } = counting
    const end =
      child.exitCode === null && child.signalCode === null
        ? (await ended(child)).status
        : (child.exitCode ?? child.signalCode)
    assert.equal(end, status, said())
    return statsLines(said()).at(-1) as Stats
  }

  /** Whole life of a sink: these records in, this status out. */
  async deliver(ns: readonly number[], status: number, ...more: readonly string[]): Promise<Stats> {
    const counting = await this.sink(...more)
    counting.child.stdin?.end(this.text(ns))
    const stats = await this.end(counting, status)
    assert.equal(stats.balance, 0, 'the counters add up')
    return stats
  }

  /** What is stored is these records, each unchanged, none missing; and twice only where that is declared. */
  async stored(ns: readonly number[], afterFailure: boolean): Promise<void> {
    const rows = await this.server.read()
    const numberOf = this.#compliance.numberOf ?? ((record: NetRecord) => Number(record.tag))
    const seen = new Map<number, number>()
    for (const row of rows) {
      const n = numberOf(row)
      assert.deepEqual(row, parseRecord(jsonText(this.record(n))), `record ${n} as it was read back`)
      seen.set(n, (seen.get(n) ?? 0) + 1)
    }
    const missing = ns.filter(n => !seen.has(n))
    assert.deepEqual(missing.slice(0, 10), [], `${missing.length} records are missing`)
    const strange = [...seen.keys()].filter(n => !ns.includes(n))
    assert.deepEqual(strange.slice(0, 10), [], 'nothing is stored that was not sent')
    if (afterFailure && this.#compliance.duplicates === 'after-a-failure') return
    const twice = [...seen].filter(([, times]) => times > 1).map(([n]) => n)
    assert.deepEqual(twice.slice(0, 10), [], `${twice.length} records are stored more than once`)
  }
}

/** Waits until the sink has told of a failure, or says (wrongly, then) that all `count` records are delivered. */
const failing = (counting: Counting, count: number): Promise<unknown> =>
  statsOf(
    counting,
    ({ readings, counters, out }) =>
      (counters.retries ?? 0) > 0 ||
      readings.some(({ name, value }) => name === 'failing' && value === 1) ||
      out === count,
  )

const reading = ({ readings }: Stats, name: string): number => readings.find(other => other.name === name)?.value ?? 0

/** Writes records a few at a time, so that they are under way for a while. */
async function trickle(run: Run, counting: Counting, ns: readonly number[]): Promise<void> {
  for (let at = 0; at < ns.length; at += 50) {
    counting.child.stdin?.write(run.text(ns.slice(at, at + 50)))
    await pause(20)
  }
}

type Body = (run: Run) => Promise<void>

const BODIES: { readonly [what: string]: Body } = {
  async 'no record'(run) {
    await run.server.start()
    const stats = await run.deliver([], 0)
    assert.equal(stats.out, 0)
    await run.stored([], false)
  },

  async 'one record'(run) {
    await run.server.start()
    const stats = await run.deliver([7], 0)
    assert.equal(stats.out, 1)
    await run.stored([7], false)
  },

  async '1,000 records'(run) {
    await run.server.start()
    const stats = await run.deliver(numbers(1000), 0)
    assert.equal(stats.out, 1000)
    await run.stored(numbers(1000), false)
  },

  async 'the backend is absent at the start'(run) {
    const counting = await run.sink()
    counting.child.stdin?.end(run.text(numbers(200)))
    await failing(counting, 200)
    await run.server.start()
    const stats = await run.end(counting, 0)
    assert.equal(stats.out, 200)
    await run.stored(numbers(200), true)
  },

  async 'the backend stays away: the records are given up, and that is told'(run) {
    const stats = await run.deliver(numbers(120), 1, '--give-up-after', '1s')
    assert.equal(stats.out, 0)
    assert.equal(stats.dropped['gave-up'], 120)
  },

  async 'the backend is killed in the middle'(run) {
    await run.server.start()
    const counting = await run.sink()
    await trickle(run, counting, numbers(500))
    await statsOf(counting, ({ out }) => out >= 100)
    await run.server.kill()
    await trickle(run, counting, numbers(500, 500))
    await failing(counting, 1000)
    await run.server.start()
    counting.child.stdin?.end(run.text(numbers(500, 1000)))
    const stats = await run.end(counting, 0)
    assert.equal(stats.out, 1500)
    assert.equal(stats.balance, 0)
    await run.stored(numbers(1500), true)
  },

  async 'the backend is slow: longer than --timeout'(run) {
    await run.server.start()
    const counting = await run.sink()
    await trickle(run, counting, numbers(100))
    await statsOf(counting, ({ out }) => out === 100)
    await run.server.pause()
    counting.child.stdin?.end(run.text(numbers(900, 100)))
    await failing(counting, 1000)
    await run.server.resume()
    const stats = await run.end(counting, 0)
    assert.equal(stats.out, 1000)
    await run.stored(numbers(1000), true)
  },

  async 'SIGTERM while sending'(run) {
    await run.server.start()
    const counting = await run.sink()
    await trickle(run, counting, numbers(1000))
    await statsOf(counting, ({ out }) => out >= 100)
    counting.child.kill('SIGTERM')
    const stats = await run.end(counting, 0)
    assert.equal(stats.balance, 0)
    assert.equal(stats.in, stats.out, 'what was taken in is delivered')
    await run.stored(numbers(stats.in), false)
  },

  async 'SIGTERM while the backend is away'(run) {
    const counting = await run.sink('--grace', '1s')
    counting.child.stdin?.write(run.text(numbers(100)))
    await statsOf(counting, stats => stats.in === 100)
    await failing(counting, 100)
    counting.child.kill('SIGTERM')
    const stats = await run.end(counting, 1)
    assert.equal(stats.balance, 0)
    assert.equal((stats.dropped['gave-up'] ?? 0) + (stats.dropped['not-sent'] ?? 0), 100, 'the loss is counted')
  },

  async 'kill -9 of the sink while the backend is away, with --spool'(run) {
    const spool = scratch(run.context)
    const counting = await run.sink('--spool', spool)
    counting.child.stdin?.write(run.text(numbers(1000)))
    await statsOf(counting, stats => stats.in === 1000 && reading(stats, 'waiting_records') === 0)
    counting.child.kill('SIGKILL')
    await run.end(counting, 'SIGKILL')
    assert.ok(readdirSync(spool).some(name => name.endsWith('.seg')))
    await run.server.start()
    const stats = await run.deliver(numbers(10, 1000), 0, '--spool', spool)
    assert.equal(stats.out, 1010)
    await run.stored(numbers(1010), true)
  },

  async 'kill -9 of the sink while sending, with --spool'(run) {
    await run.server.start()
    const spool = scratch(run.context)
    const counting = await run.sink('--spool', spool)
    await trickle(run, counting, numbers(500))
    await run.server.pause()
    await trickle(run, counting, numbers(500, 500))
    await statsOf(counting, stats => stats.in === 1000 && reading(stats, 'waiting_records') === 0)
    counting.child.kill('SIGKILL')
    await run.server.resume()
    await run.end(counting, 'SIGKILL')
    await run.deliver([], 0, '--spool', spool)
    await run.stored(numbers(1000), true)
  },
}

const REFUSED = [3, 77, 78, 250]

/** Some records are refused: they are set aside with the reason, the others are stored. */
async function someRefused(run: Run, refused: NonNullable<Compliance['refused']>): Promise<void> {
  await run.server.start()
  const rejects = join(scratch(run.context), 'rejects.ndjson')
  const counting = await run.sink('--rejects', rejects, ...(refused.words ?? []))
  const lines = numbers(300).map(n => jsonText(REFUSED.includes(n) ? refused.record(n) : run.record(n)))
  counting.child.stdin?.end(lines.map(line => `${line}\n`).join(''))
  const stats = await run.end(counting, 0)
  assert.equal(stats.dropped.rejected, REFUSED.length)
  assert.equal(stats.out, 300 - REFUSED.length)
  const kept = readFileSync(rejects, 'utf8').trimEnd().split('\n')
  assert.deepEqual(
    kept.map(line => (JSON.parse(line) as { record: unknown }).record),
    REFUSED.map(n => JSON.parse(jsonText(refused.record(n))) as unknown),
  )
  for (const line of kept) assert.match(String((JSON.parse(line) as { reason: unknown }).reason), /\S/)
  await run.stored(
    numbers(300).filter(n => !REFUSED.includes(n)),
    false,
  )
}

/** The tests of one sink. */
export function sinkCompliance(name: string, compliance: Compliance): void {
  const { skip, refused } = compliance
  const bodies = {
    ...BODIES,
    ...(refused ? { 'some records are refused': (run: Run) => someRefused(run, refused) } : {}),
  }
  describe(`${name}: what every sink must do`, { skip }, () => {
    for (const [what, body] of Object.entries(bodies)) {
      it(what, async context => body(new Run(compliance, context, await compliance.make(context))))
    }
  })
}

export { until }
