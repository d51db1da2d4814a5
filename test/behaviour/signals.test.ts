// Signals: end in order, end at once, tell the counters.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { writeBigCapture } from '../support/big-capture.ts'
import { ended, records, scratch } from '../support/cli.ts'
import { stalled, startCounting, statsOf } from '../support/stats.ts'

const FLOWS = [
  '{"timestamp_arrival":1767225601,"ip_src":"10.0.0.1","bytes":1}',
  '{"timestamp_arrival":1767225602,"ip_src":"10.0.0.1","bytes":2}',
  '{"timestamp_arrival":1767225603,"ip_src":"10.0.0.2","bytes":4}',
]
const SUMS = [
  { ip_src: '10.0.0.1', bytes: 3, stamp_inserted: 1767225600, stamp_updated: 1767225603 },
  { ip_src: '10.0.0.2', bytes: 4, stamp_inserted: 1767225600, stamp_updated: 1767225603 },
]
const LINES: readonly (readonly string[])[] = [
  ['aggregate', '--by', 'ip_src', '--bin', '1h', '--replay'],
  ['run', '--replay', 'aggregate --by ip_src --bin 1h'],
]

describe('signals', { concurrency: 2 }, () => {
  for (const words of LINES) {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      it(`${signal} in the middle of a bin writes the sums, status 0: ${words[0]}`, async context => {
        const counting = await startCounting(context, words)
        const { child } = counting
        child.stdin?.write(`${FLOWS.join('\n')}\n`)
        await statsOf(counting, stats => stats.in === FLOWS.length)
        // The input stays open: only the signal ends the command.
        child.kill(signal)
        const { stdout, stderr, status } = await ended(child)
        assert.equal(status, 0, stderr)
        assert.deepEqual(records(stdout), SUMS)
      })
    }
  }

  it('a second SIGTERM ends at once', async context => {
    const path = join(scratch(context), 'big.pcap')
    writeBigCapture(path, 20_000)
    // Nobody reads the output, so that the first signal finds work that cannot be finished.
    const counting = await startCounting(context, ['flow-recv', '--pcap', path])
    await stalled(counting)
    const { child } = counting
    // Again and again, because a busy process sees two signals in a row as one. Its output stays unread.
    child.kill('SIGTERM')
    const again = setInterval(() => child.kill('SIGTERM'), 300)
    const [code, signal] = await once(child, 'exit')
    clearInterval(again)
    assert.ok(code === 143 || signal === 'SIGTERM', `status ${code ?? signal}`)
  })

  it('SIGUSR1 prints the counters as one JSON line, and goes on', async context => {
    const counting = await startCounting(context, ['aggregate', '--by', 'ip_src'])
    const { child } = counting
    child.stdin?.write(`${FLOWS.join('\n')}\nno record\n`)
    const stats = await statsOf(counting, ({ in: read }) => read === 4)
    const { command, in: read, held, merged, dropped, balance } = stats
    assert.deepEqual(
      { command, read, held, merged, dropped, balance },
      {
        command: 'aggregate',
        read: 4,
        held: 2,
        merged: 1,
        dropped: { 'bad-line': 1 },
        balance: 0,
      },
    )
    child.stdin?.end(`${FLOWS[0]}\n`)
    const { stdout, status } = await ended(child)
    assert.equal(status, 0)
    assert.deepEqual(records(stdout), [
      { ip_src: '10.0.0.1', bytes: 4 },
      { ip_src: '10.0.0.2', bytes: 4 },
    ])
  })
})
