// The runtime of deliveries on a clock of tests and a backend that does as it is told.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Backend, type DeliveryBatch, PermanentError, type Rejected } from '../../../src/contract/backend.ts'
import { ProblemError } from '../../../src/contract/problem.ts'
import { type NetRecord, recordBatch, type Stream } from '../../../src/contract/record.ts'
import { deliver } from '../../../src/sinks/delivery/delivery.ts'
import type { DeliveryPolicy } from '../../../src/sinks/delivery/policy.ts'
import { scratch } from '../../support/cli.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { streamOf, TestHost } from '../../support/test-host.ts'

const POLICY: DeliveryPolicy = {
  cut: { records: 10, octets: 1 << 20 },
  ageMs: 1000,
  inFlight: 1,
  retry: { firstMs: 100, mostMs: 1000, giveUpMs: 60_000 },
  timeoutMs: 30_000,
  graceMs: 10_000,
  rejects: undefined,
  spool: undefined,
  trigger: undefined,
}

const rows = (count: number): NetRecord[] => Array.from({ length: count }, (_, n) => ({ n }))

type Write = (batch: DeliveryBatch) => Promise<readonly Rejected[]>

/** A run of deliver(), and what it did. */
function run(input: Stream, write: Write, more: Partial<DeliveryPolicy> = {}, connect?: () => Promise<void>) {
  const host = new TestHost()
  const clock = new FakeClock()
  const seen = { connected: 0, closed: 0, attempts: [] as string[] }
  const backend: Backend = {
    write(batch) {
      seen.attempts.push(`${batch.records.map(({ n }) => n).join(',')}#${batch.attempt}`)
      return write(batch)
    },
    async close() {
      seen.closed++
    },
  }
  let outcome: unknown = 'runs'
  const done = deliver(input, {
    host,
    clock,
    form: 'records',
    policy: { ...POLICY, ...more },
    async connect() {
      await connect?.()
      seen.connected++
      return backend
    },
  }).then(
    () => {
      outcome = 'done'
    },
    error => {
      outcome = error instanceof ProblemError ? error.problem.code : error
    },
  )
  return { host, clock, seen, done, outcome: () => outcome }
}

/** A stream that stays open. */
async function* silentAfter(records: readonly NetRecord[], signal: Promise<void>): Stream {
  if (records.length > 0) yield recordBatch([...records], 0)
  await signal
}

const forEver = new Promise<void>(() => {})
const down = async (): Promise<never> => {
  throw new Error('down')
}

describe('attempts', () => {
  it('pauses grow, up to the longest; the same batch comes, with the same id', async () => {
    const ids = new Set<string>()
    let failures = 6
    const { clock, seen, outcome, host } = run(streamOf(rows(3)), async batch => {
      ids.add(batch.id)
      if (failures-- > 0) throw new Error('down')
      return []
    })
    await clock.pass(60_000)
    assert.equal(outcome(), 'done')
    assert.deepEqual(
      clock.slept.filter(ms => ms <= 1000),
      [1000, 100, 200, 400, 800, 1000, 1000],
      '--batch-age, then the pauses',
    )
    assert.equal(ids.size, 1)
    assert.deepEqual(seen.attempts.at(-1), '0,1,2#7')
    assert.equal(seen.connected, 7, 'a new connection after each failure')
    assert.equal(seen.closed, 7)
    assert.deepEqual([host.counters.out, host.counters.retries, host.counters.held], [3, 6, 0])
  })

  it('a backend that takes nothing for too long: records are given up, the next batches are tried once', async () => {
    const { clock, seen, outcome, host } = run(streamOf(rows(30)), down, {
      retry: { firstMs: 1000, mostMs: 1000, giveUpMs: 5000 },
    })
    await clock.pass(60_000)
    assert.equal(outcome(), 'delivery/gave-up')
    assert.deepEqual([host.counters['dropped/gave-up'], host.counters.held, host.counters.out], [30, 0, undefined])
    assert.equal(seen.attempts.filter(text => text.startsWith('10,')).length, 1)
    assert.equal(seen.attempts.filter(text => text.startsWith('20,')).length, 1)
  })

  it('and when it takes one again, the others get their time again', async () => {
    let batches = 0
    const { clock, seen, outcome, host } = run(
      streamOf(rows(40)),
      async ({ records }) => {
        const first = Number(records[0]?.n)
        if (first === 0 || (first === 20 && batches++ < 2)) throw new Error('down')
        return []
      },
      { retry: { firstMs: 1000, mostMs: 1000, giveUpMs: 5000 } },
    )
    await clock.pass(60_000)
    assert.equal(outcome(), 'delivery/gave-up')
    assert.deepEqual([host.counters['dropped/gave-up'], host.counters.out], [10, 30])
    assert.ok(seen.attempts.filter(text => text.startsWith('20,')).length === 3)
  })

  it('a write without an answer is a failure; the connection is made anew', async () => {
    let hangs = true
    const { clock, seen, outcome } = run(streamOf(rows(1)), async () => {
      if (hangs) {
        hangs = false
        await forEver
      }
      return []
    })
    await clock.pass(29_000)
    assert.equal(seen.attempts.length, 1)
    await clock.pass(2000)
    assert.equal(outcome(), 'done')
    assert.deepEqual([seen.attempts, seen.connected, seen.closed], [['0#1', '0#2'], 2, 2])
  })
})

describe('what cannot be mended', () => {
  const permanent = async (): Promise<never> => {
    throw new PermanentError({ code: 'test/no', message: 'never' })
  }

  it('a connection: the command ends at once, though its input is silent', async () => {
    for (const inFlight of [1, 3]) {
      const { clock, outcome } = run(silentAfter([], forEver), async () => [], { inFlight }, permanent)
      await clock.settle()
      assert.equal(outcome(), 'test/no')
    }
  })

  it('and what came already is counted as lost', async () => {
    const { clock, outcome, host } = run(
      silentAfter(rows(25), forEver),
      async () => [],
      {},
      async () => {
        await permanent()
      },
    )
    await clock.settle()
    assert.equal(outcome(), 'test/no')
    assert.deepEqual([host.counters['dropped/not-sent'], host.counters.held], [25, 0])
  })

  it('a batch: it is set aside, the next one is sent', async context => {
    const rejects = join(scratch(context), 'rejects')
    const { clock, outcome, host } = run(
      streamOf(rows(20)),
      async ({ records }) => (records[0]?.n === 0 ? permanent() : []),
      { rejects },
    )
    await clock.pass(5000)
    assert.equal(outcome(), 'done')
    assert.deepEqual([host.counters.out, host.counters['dropped/rejected'], host.counters.held], [10, 10, 0])
    const kept = readFileSync(rejects, 'utf8').trimEnd().split('\n')
    assert.equal(kept.length, 10)
    const { reason, record } = JSON.parse(kept[3] as string) as { reason: string; record: unknown }
    assert.deepEqual([reason, record], ['never', { n: 3 }])
  })

  it('a record: it is counted, the others are delivered; the loss is told where it was not kept', async () => {
    const { clock, outcome, host } = run(streamOf(rows(10)), async () => [{ index: 4, reason: 'odd' }])
    await clock.pass(5000)
    assert.equal(outcome(), 'delivery/records-refused')
    assert.deepEqual([host.counters.out, host.counters['dropped/rejected'], host.counters.held], [9, 1, 0])
  })
})

describe('batches', () => {
  it('a record waits no longer than --batch-age', async () => {
    const { clock, seen } = run(silentAfter(rows(3), forEver), async () => [])
    await clock.pass(999)
    assert.deepEqual(seen.attempts, [])
    await clock.pass(1)
    assert.deepEqual(seen.attempts, ['0,1,2#1'])
  })

  it('by octets: a longer record goes alone', async () => {
    const records = [{ n: 1 }, { n: 2 }, { n: 3, label: 'x'.repeat(50) }, { n: 4 }]
    const { clock, seen } = run(streamOf(records, 1), async () => [], { cut: { records: 100, octets: 30 } })
    await clock.pass(5000)
    assert.deepEqual(seen.attempts, ['1,2#1', '3#1', '4#1'])
  })

  it('in order, one at a time; with --in-flight 3, three', async () => {
    for (const inFlight of [1, 3]) {
      const waiting: (() => void)[] = []
      let most = 0
      const { clock, seen, outcome } = run(
        streamOf(rows(60)),
        async () => {
          await new Promise<void>(resolve => {
            waiting.push(resolve)
            most = Math.max(most, waiting.length)
          })
          return []
        },
        { inFlight },
      )
      for (let round = 0; round < 10; round++) {
        await clock.settle()
        waiting.shift()?.()
      }
      assert.equal(outcome(), 'done')
      assert.equal(most, inFlight)
      assert.deepEqual(
        seen.attempts.map(text => Number(text.split(',')[0])),
        [0, 10, 20, 30, 40, 50],
      )
    }
  })

  it('the input waits while the backend does not answer', async () => {
    let pulled = 0
    async function* input(): Stream {
      for (;;) {
        pulled += 10
        yield recordBatch(rows(10), 0)
      }
    }
    const { clock } = run(input(), () => forEver as never)
    await clock.settle()
    assert.ok(pulled <= 40, `${pulled}`)
  })
})

describe('the end', () => {
  it('an input that fails: what came is delivered, then the failure is told', async () => {
    async function* input(): Stream {
      yield recordBatch(rows(3), 0)
      throw new Error('broken input')
    }
    const { clock, outcome, host } = run(input(), async () => [])
    await clock.settle()
    assert.equal((outcome() as Error).message, 'broken input')
    assert.deepEqual([host.counters.out, host.counters.held], [3, 0])
  })

  it('a signal ends a long pause: the time of grace is for attempts', async () => {
    let isDown = true
    let close = () => {}
    const closed = new Promise<void>(resolve => {
      close = resolve
    })
    const { clock, outcome, host } = run(silentAfter(rows(3), closed), async () => (isDown ? down() : []), {
      retry: { firstMs: 50_000, mostMs: 50_000, giveUpMs: 600_000 },
    })
    await clock.pass(2000)
    isDown = false
    host.stop.abort()
    close()
    await clock.pass(100)
    assert.equal(outcome(), 'done')
    assert.equal(host.counters.out, 3)
  })
})
