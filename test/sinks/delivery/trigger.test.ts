// --trigger of deliveries, with programs that run: a shell script adds a line to a file.
import assert from 'node:assert/strict'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { DeliveryBatch, Rejected } from '../../../src/contract/backend.ts'
import { type NetRecord, recordBatch, type Stream } from '../../../src/contract/record.ts'
import { deliveryPolicy } from '../../../src/runtime/delivery-flags.ts'
import { BINS, QUIET_MS, WITHOUT_BIN_MS } from '../../../src/sinks/bin-trigger.ts'
import { deliver } from '../../../src/sinks/delivery/delivery.ts'
import { netally, scratch } from '../../support/cli.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { lineServer } from '../../support/lines-compliance.ts'
import { TestHost } from '../../support/test-host.ts'

const FLAGS = {
  batch: 100,
  'batch-octets': '1M',
  'batch-age': '1s',
  'in-flight': 1,
  'retry-first': '1s',
  'retry-most': '1s',
  timeout: '30s',
  grace: '10s',
}
const BIN = 1_700_000_000

/** A program that writes down what it was told, and the lines that it wrote. */
function program(context: TestContext) {
  const folder = scratch(context)
  const path = join(folder, 'run')
  const ran = join(folder, 'ran')
  writeFileSync(ran, '')
  writeFileSync(path, `#!/bin/sh\necho "$1 $NETALLY_PLACE $NETALLY_RECORDS $NETALLY_BIN $NETALLY_INTERVAL" >> ${ran}\n`)
  chmodSync(path, 0o755)
  return { path, lines: () => readFileSync(ran, 'utf8').split('\n').slice(0, -1).sort() }
}

type Write = (batch: DeliveryBatch) => Promise<readonly Rejected[]>

/** A delivery whose input gives what is pushed, until it is ended. */
function start(flags: { readonly [name: string]: unknown }, write: Write = async () => []) {
  const host = new TestHost()
  const clock = new FakeClock()
  const waiting: NetRecord[][] = []
  let wake = () => {}
  let isOpen = true
  async function* input(): Stream {
    for (;;) {
      const records = waiting.shift()
      if (records) yield recordBatch(records, 0)
      else if (!isOpen) return
      else await new Promise<void>(resolve => (wake = resolve))
    }
  }
  const policy = deliveryPolicy({ ...FLAGS, ...flags })
  const connect = async () => ({ write, close: async () => {} })
  const done = deliver(input(), { host, clock, form: 'records', policy, connect })
  return {
    host,
    clock,
    push(...records: NetRecord[]) {
      waiting.push(records)
      wake()
    },
    end() {
      isOpen = false
      wake()
      return done
    },
  }
}

/** Programs take time of the wall; this waits until so many have ended. */
async function ended({ counters }: TestHost, count: number): Promise<void> {
  for (let tries = 0; (counters.triggers ?? 0) < count; tries++) {
    assert.ok(tries < 3000, `${counters.triggers} of ${count} programs`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

const sums = (bin: number, count: number): NetRecord[] =>
  Array.from({ length: count }, (_, n) => ({ stamp_inserted: bin, n }))

describe('after a bin', () => {
  it('the program runs once nothing more of it came; again for records that are late', async context => {
    const { path, lines } = program(context)
    const run = start({ trigger: path, table: 'acct_%Y%m%d' })
    run.push(...sums(BIN, 250))
    await run.clock.pass(QUIET_MS)
    assert.equal(run.host.counters.triggers, undefined, 'more of the bin may come')
    await run.clock.pass(2000)
    await ended(run.host, 1)
    assert.deepEqual(lines(), [`acct_20231114 acct_20231114 250 ${BIN} 0`])
    run.push(...sums(BIN, 1))
    await run.clock.pass(QUIET_MS + 2000)
    await ended(run.host, 2)
    run.push(...sums(BIN + 86_400, 2))
    await run.clock.settle()
    await run.end()
    assert.deepEqual(lines().slice(1), [
      `acct_20231114 acct_20231114 250 ${BIN} 0`,
      `acct_20231115 acct_20231115 2 ${BIN + 86_400} 0`,
    ])
  })

  it('not while more of it waits for a backend that is away', async context => {
    const { path, lines } = program(context)
    let isAway = false
    const run = start({ trigger: path, topic: 'sums', batch: 10 }, async () => {
      if (isAway) throw new Error('away')
      isAway = true
      return []
    })
    run.push(...sums(BIN, 20))
    await run.clock.pass(60_000)
    assert.equal(run.host.counters.triggers, undefined)
    assert.equal(run.host.counters.out, 10)
    isAway = false
    await run.clock.pass(QUIET_MS + 3000)
    await ended(run.host, 1)
    assert.deepEqual(lines(), [`sums sums 20 ${BIN} 0`])
    await run.end()
  })

  it('records that are refused do not count', async context => {
    const { path, lines } = program(context)
    const run = start({ trigger: path }, async () => [{ index: 1, reason: 'no' }])
    run.push(...sums(BIN, 3))
    await assert.rejects(run.end())
    assert.deepEqual(lines(), [`  2 ${BIN} 0`])
  })

  it('of many bins at a time, the oldest are told at once', async context => {
    const { path, lines } = program(context)
    const run = start({ trigger: path, topic: 't', batch: BINS + 2 })
    run.push(...Array.from({ length: BINS + 2 }, (_, n) => ({ stamp_inserted: BIN - n })))
    await run.clock.settle()
    await ended(run.host, 2)
    assert.deepEqual(lines(), [`t t 1 ${BIN - BINS - 1} 0`, `t t 1 ${BIN - BINS} 0`])
    run.clock.sleep = () => Promise.resolve()
    await run.end()
    assert.equal(run.host.counters.triggers, BINS + 2)
  })
})

describe('without bins, or with --trigger-every', () => {
  it('records without a bin: once a minute, and at the end', async context => {
    const { path, lines } = program(context)
    const run = start({ trigger: path, topic: 'flows' })
    for (let part = 0; part < 3; part++) {
      run.push({ bytes: 1 }, { bytes: 2 })
      await run.clock.pass(WITHOUT_BIN_MS / 4)
    }
    assert.equal(run.host.counters.triggers, undefined)
    await run.clock.pass(WITHOUT_BIN_MS / 2)
    await ended(run.host, 1)
    run.push({ bytes: 3 })
    await run.clock.settle()
    await run.end()
    assert.deepEqual(lines(), ['flows flows 1 0 0', 'flows flows 6 0 0'])
  })

  it('--trigger-every: so often, with the newest bin', async context => {
    const { path, lines } = program(context)
    const run = start({ trigger: path, 'trigger-every': '1h', table: 'acct' })
    run.push(...sums(BIN + 300, 2), ...sums(BIN, 1))
    await run.clock.pass(3_500_000)
    assert.equal(run.host.counters.triggers, undefined)
    await run.clock.pass(102_000)
    await ended(run.host, 1)
    assert.deepEqual(lines(), [`acct acct 3 ${BIN + 300} 3600`])
    await run.end()
    assert.equal(run.host.counters.triggers, 1, 'nothing came since')
  })
})

it('a program that fails is told, the records are delivered', async () => {
  const run = start({ trigger: '/nowhere/missing' })
  run.push(...sums(BIN, 3))
  await run.end()
  assert.deepEqual(run.host.codes, ['trigger/failed'])
  assert.deepEqual([run.host.counters.out, run.host.counters.triggers_failed], [3, 1])
})

it('as a command', async context => {
  const { path, lines } = program(context)
  const { words, env, start } = await lineServer(context)
  await start()
  const input =
    '{"stamp_inserted":1700000000,"n":1}\n{"stamp_inserted":1700000300,"n":2}\n{"stamp_inserted":1700000300,"n":3}\n'
  const { status, stderr } = await netally([...words, '--trigger', path], input, { env })
  assert.equal(status, 0, stderr)
  assert.deepEqual(lines(), ['  1 1700000000 0', '  2 1700000300 0'])
})
