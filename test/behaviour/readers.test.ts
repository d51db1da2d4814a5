// What happens when who reads the output leaves, dies or stalls.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { writeBigCapture } from '../support/big-capture.ts'
import { ended, shell, startShell } from '../support/cli.ts'
import { type Stats, stalled, startCounting, statsLines, statsOf, until } from '../support/stats.ts'

/** 400,000 records, some 100 MB of NDJSON: far more than pipes and buffers hold. */
const DATAGRAMS = 20_000
/** What a process that holds no input may take. */
const MOST_RESIDENT_MB = 250

const residentMb = (pid: number | undefined): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

function assertBalanced(all: readonly Stats[]): void {
  assert.ok(all.length > 0, 'no stats line')
  for (const stats of all) assert.equal(stats.balance, 0, JSON.stringify(stats))
}

const linux = process.platform === 'linux'

describe('the reader of the output', { concurrency: 2 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'netally-test-'))
  const path = join(folder, 'big.pcap')
  const big = { path, ...writeBigCapture(path, DATAGRAMS) }
  after(() => rmSync(folder, { recursive: true }))

  it('leaves after one line: the source stops there, with status 0 and nothing to say', async () => {
    const { stdout, stderr, status } = await shell(`netally flow-recv --pcap ${big.path} --stats | head -1`)
    assert.equal(status, 0, stderr)
    assert.equal(stdout.split('\n').length, 2)
    const [stats] = statsLines(stderr)
    assert.ok(stats && stats.created < big.records / 2, `read on after the reader left: ${stderr}`)
    assertBalanced([stats])
    assert.equal(stderr.split('\n').length, 2, `said more than its counters: ${stderr}`)
  })

  it('leaves after one line: the whole pipe ends', async () => {
    const line = `netally flow-recv --pcap ${big.path} --stats | netally filter 'bytes > 100' --stats | head -1`
    const { stderr, status } = await shell(line)
    assert.equal(status, 0, stderr)
    const all = statsLines(stderr)
    assert.deepEqual(all.map(({ command }) => command).sort(), ['filter', 'flow-recv'])
    assert.ok(all.every(stats => stats.in + stats.created < big.records / 2))
    assertBalanced(all)
  })

  it('leaves after one line: a fused line ends', async () => {
    const { stderr, status } = await shell(
      `netally run --stats "flow-recv --pcap ${big.path} | filter 'bytes > 100'" | head -1`,
    )
    assert.equal(status, 0, stderr)
    const all = statsLines(stderr)
    assert.equal(all.length, 2)
    assert.ok(all.every(stats => stats.in + stats.created < big.records / 2))
    assertBalanced(all)
  })

  it('is killed: the pipe ends with status 0', async () => {
    const pipe = startShell(
      `netally flow-recv --pcap ${big.path} > >(exec sh -c 'read line; echo $$ >&2; exec sleep 1000') & wait $!`,
    )
    let said = ''
    pipe.stderr?.on('data', chunk => {
      said += chunk
    })
    const reader = Number(await until(() => /^(\d+)\n/.exec(said)?.[1]))
    process.kill(reader, 'SIGKILL')
    const { status } = await ended(pipe)
    assert.equal(status, 0, said)
  })

  it('stalls: memory stays bounded and nothing more is read', { skip: !linux && 'reads /proc' }, async context => {
    const counting = await startCounting(context, ['flow-recv', '--pcap', big.path, '--stats'])
    const { child } = counting
    // Nobody reads its output. When the counters stand still, the pipe is full.
    const before = await stalled(counting)
    await pause(500)
    const later = await statsOf(counting, stats => stats.created >= before.created)
    assert.ok(later.created < big.records / 10, `${later.created} records made for nobody`)
    assert.ok(residentMb(child.pid) < MOST_RESIDENT_MB, `${residentMb(child.pid)} MB`)
    let lines = 0
    child.stdout?.on('data', (chunk: string) => {
      lines += chunk.split('\n').length - 1
    })
    const { status } = await ended(child)
    assert.equal(status, 0)
    assert.equal(lines, big.records, 'all comes when the reader goes on')
    assertBalanced(statsLines(counting.said()).slice(-1))
  })
})
