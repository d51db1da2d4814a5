// Sessions with caches that were told what to say: what comes out, and what the caches hear.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { writeResetQuery, writeSerialQuery } from '../../../src/wire/rtr/control.ts'
import * as rtr from '../../wire/rtr/rtr-writer.ts'
import { Cache, Receiver, until } from './scripted-cache.ts'

const A = '192.0.2.0/24'
const B = '198.51.100.0/24'

const reset = (version: number) => [...writeResetQuery(version)]
const serial = (version: number, sessionId: number, number: number) => [...writeSerialQuery(version, sessionId, number)]
const ERROR_REPORT = 10

describe('rpki-recv and a cache', { concurrency: 4 }, () => {
  it('all data, then what changes', async context => {
    const cache = await Cache.start(context)
    const receiver = new Receiver(context, [cache.port])
    const router = await cache.router()
    assert.deepEqual(await router.asks(), reset(2))
    // A notification before the first answer is nothing to go by (RFC 8210 section 7).
    router.say(rtr.notify(0, 1, 1), rtr.response(2, 7), rtr.roa(2, A, 24, 64496), rtr.aspa(64496, [1, 2]))
    assert.deepEqual(receiver.lines, [], 'nothing is said before it is complete')
    router.say(rtr.endOfData(2, 7, 1))
    const first = ['log_init', `update ${A}-24 64496`, 'update 64496:1,2', 'end 2']
    assert.deepEqual(await receiver.ends(1), first)
    router.say(rtr.notify(2, 7, 2))
    assert.deepEqual(await router.asks(), serial(2, 7, 1))
    const changes = [rtr.roa(2, B, 24, 64497), rtr.roa(2, A, 24, 64496, false), rtr.aspa(64496, [3])]
    router.say(rtr.response(2, 7), ...changes, rtr.endOfData(2, 7, 2))
    const second = [`update ${B}-24 64497`, `withdraw ${A}-24 64496`, 'update 64496:3', 'end 2']
    assert.deepEqual(await receiver.ends(2), [...first, ...second])
    // The serial that is held already is no news.
    router.say(rtr.notify(2, 7, 2), rtr.notify(2, 7, 3))
    assert.deepEqual(await router.asks(), serial(2, 7, 2))
    router.say(rtr.response(2, 7), rtr.aspa(64496, [], false), rtr.endOfData(2, 7, 3))
    await receiver.ends(3)
    await receiver.stop()
    assert.deepEqual(receiver.lines.slice(-3), ['withdraw 64496:', 'end 1', 'log_close'])
    const [init] = receiver.records
    assert.deepEqual([init?.rtr_version, init?.rtr_session_id, init?.peer_ip_src], [2, 7, '127.0.0.1'])
    assert.deepEqual(receiver.host.problems, [])
  })

  it('it is asked again when its refresh time is over', async context => {
    const cache = await Cache.start(context)
    const receiver = new Receiver(context, [cache.port])
    const router = await cache.router()
    await router.asks()
    router.say(rtr.response(2, 7), rtr.endOfData(2, 7, 1, [1, 600, 7200]))
    assert.deepEqual(await router.asks(), serial(2, 7, 1))
    await receiver.stop()
  })

  it('a new set after Cache Reset: only the difference is said', async context => {
    const cache = await Cache.start(context)
    const receiver = new Receiver(context, [cache.port])
    const router = await cache.router()
    await router.asks()
    router.say(rtr.response(2, 7), rtr.roa(2, A, 24, 1), rtr.roa(2, A, 24, 2), rtr.endOfData(2, 7, 1))
    router.say(rtr.notify(2, 7, 9))
    assert.deepEqual(await router.asks(), serial(2, 7, 1))
    router.say(rtr.cacheReset(2))
    assert.deepEqual(await router.asks(), reset(2))
    router.say(rtr.response(2, 7), rtr.roa(2, A, 24, 2), rtr.roa(2, A, 24, 3), rtr.endOfData(2, 7, 9))
    await receiver.ends(2)
    assert.deepEqual(receiver.lines.slice(4), [`update ${A}-24 3`, `withdraw ${A}-24 1`, 'end 2'])
    await receiver.stop()
  })

  it('another session id: the cache is told, and asked for everything; the data stay until it came', async context => {
    const cache = await Cache.start(context)
    const receiver = new Receiver(context, [cache.port])
    const router = await cache.router()
    await router.asks()
    router.say(rtr.response(2, 7), rtr.roa(2, A, 24, 1), rtr.endOfData(2, 7, 1), rtr.notify(2, 8, 1))
    const report = await router.asks()
    assert.deepEqual(report.slice(0, 4), [2, ERROR_REPORT, 0, 0])
    const again = await cache.router()
    assert.deepEqual(await again.asks(), reset(2))
    again.say(rtr.response(2, 8), rtr.roa(2, A, 24, 1), rtr.roa(2, B, 24, 1), rtr.endOfData(2, 8, 1))
    const all = ['log_init', `update ${A}-24 1`, 'end 1', 'log_close', 'log_init', `update ${B}-24 1`, 'end 2']
    assert.deepEqual(await receiver.ends(2), all)
    assert.deepEqual(receiver.host.codes, ['rtr/corrupt-data'])
    await receiver.stop()
  })

  it('a connection that breaks goes on where it was', async context => {
    const cache = await Cache.start(context)
    const receiver = new Receiver(context, [cache.port])
    const router = await cache.router()
    await router.asks()
    router.say(rtr.response(2, 7), rtr.roa(2, A, 24, 1), rtr.endOfData(2, 7, 1))
    await receiver.ends(1)
    router.socket.destroy()
    const again = await cache.router()
    assert.deepEqual(await again.asks(), serial(2, 7, 1))
    again.say(rtr.response(2, 7), rtr.roa(2, B, 24, 1), rtr.endOfData(2, 7, 2))
    await receiver.ends(2)
    assert.deepEqual(receiver.lines.slice(3), ['log_close', 'log_init', `update ${B}-24 1`, 'end 2'])
    await receiver.stop()
  })

  it('what does not fit what is there: an Error Report, nothing of it is taken, and all is asked for anew', async context => {
    for (const [change, code] of [
      [rtr.roa(2, A, 24, 1), 7],
      [rtr.roa(2, A, 24, 2, false), 6],
      [rtr.aspa(9, [], false), 6],
      [rtr.aspa(9, [0, 1]), 9],
    ] as const) {
      const cache = await Cache.start(context)
      const receiver = new Receiver(context, [cache.port])
      const router = await cache.router()
      await router.asks()
      router.say(rtr.response(2, 7), rtr.roa(2, A, 24, 1), rtr.endOfData(2, 7, 1), rtr.notify(2, 7, 2))
      await router.asks()
      router.say(rtr.response(2, 7), rtr.roa(2, B, 24, 1), change, rtr.endOfData(2, 7, 2))
      assert.deepEqual((await router.asks()).slice(0, 4), [2, ERROR_REPORT, 0, code])
      const again = await cache.router()
      assert.deepEqual(await again.asks(), reset(2))
      assert.deepEqual(receiver.lines, ['log_init', `update ${A}-24 1`, 'end 1', 'log_close'])
      await receiver.stop()
    }
  })

  it('a cache without data yet is asked again after the retry time', async context => {
    const cache = await Cache.start(context)
    const receiver = new Receiver(context, [cache.port], { timers: { retry: 1 } })
    const router = await cache.router()
    await router.asks()
    router.say(rtr.errorReport(2, 2, 'still validating'))
    assert.deepEqual(await router.asks(), reset(2))
    router.say(rtr.response(2, 7), rtr.endOfData(2, 7, 1))
    assert.deepEqual(await receiver.ends(1), ['log_init', 'end 0'])
    assert.deepEqual(receiver.host.problems, [])
    await receiver.stop()
  })

  it('data that cannot be refreshed are taken back when their time is over', async context => {
    const cache = await Cache.start(context)
    const receiver = new Receiver(context, [cache.port], { timers: { expire: 1 } })
    const router = await cache.router()
    await router.asks()
    router.say(rtr.response(2, 7), rtr.roa(2, A, 24, 1), rtr.endOfData(2, 7, 1))
    await receiver.ends(1)
    cache.close()
    router.socket.destroy()
    await receiver.ends(2)
    const lines = receiver.lines.filter(line => line !== 'log_close')
    assert.deepEqual(lines.slice(2), ['end 1', `delete ${A}-24 1`, 'end 0'])
    assert.ok(receiver.host.codes.includes('rtr-session/expired'))
    await receiver.stop()
  })

  it('--once ends with the first complete set', async context => {
    const cache = await Cache.start(context)
    const receiver = new Receiver(context, [cache.port], { once: true })
    const router = await cache.router()
    await router.asks()
    router.say(rtr.response(2, 7), rtr.roa(2, A, 24, 1), rtr.endOfData(2, 7, 1))
    await until(() => router.hasLeft)
    await receiver.stop()
    assert.deepEqual(receiver.lines, ['log_init', `update ${A}-24 1`, 'end 1', 'log_close'])
  })
})

describe('rpki-recv finds a version', { concurrency: 4 }, () => {
  it('that the cache names in an Error Report', async context => {
    const cache = await Cache.start(context)
    const receiver = new Receiver(context, [cache.port])
    const router = await cache.router()
    assert.deepEqual(await router.asks(), reset(2))
    router.say(rtr.errorReport(1, 4, 'no version 2', reset(2)))
    const again = await cache.router()
    assert.deepEqual(await again.asks(), reset(1))
    again.say(rtr.response(1, 7), rtr.roa(1, A, 24, 1), rtr.endOfData(1, 7, 1))
    assert.deepEqual(await receiver.ends(1), ['log_init', `update ${A}-24 1`, 'end 1'])
    assert.equal(receiver.records[0]?.rtr_version, 1)
    assert.deepEqual(receiver.host.codes, ['rtr-session/downgrade'])
    await receiver.stop()
  })

  it('that the cache answers in', async context => {
    const cache = await Cache.start(context)
    const receiver = new Receiver(context, [cache.port])
    const router = await cache.router()
    await router.asks()
    router.say(rtr.response(0, 7), rtr.roa(0, A, 24, 1), rtr.endOfData(0, 7, 1))
    await receiver.ends(1)
    router.say(rtr.notify(0, 7, 2))
    assert.deepEqual(await router.asks(), serial(0, 7, 1))
    // From here on it stays (section 7).
    router.say(rtr.response(1, 7))
    assert.deepEqual((await router.asks()).slice(0, 4), [0, ERROR_REPORT, 0, 8])
    await receiver.stop()
  })

  it('by trying, where the cache just hangs up', async context => {
    const cache = await Cache.start(context)
    const receiver = new Receiver(context, [cache.port])
    for (const version of [2, 1, 0]) {
      const router = await cache.router()
      assert.deepEqual(await router.asks(), reset(version))
      if (version > 0) router.socket.end()
      else router.say(rtr.response(0, 7), rtr.endOfData(0, 7, 1))
    }
    assert.deepEqual(await receiver.ends(1), ['log_init', 'end 0'])
    await receiver.stop()
  })

  it('none that we know: an Error Report', async context => {
    const cache = await Cache.start(context)
    const receiver = new Receiver(context, [cache.port])
    const router = await cache.router()
    await router.asks()
    router.say(rtr.response(3, 7))
    assert.deepEqual((await router.asks()).slice(0, 4), [2, ERROR_REPORT, 0, 4])
    await receiver.stop()
  })
})

describe('rpki-recv and several caches', { concurrency: 4 }, () => {
  it('the next one while the first is away; the first again when it is back', async context => {
    const away = await Cache.start(context)
    const { port } = away
    away.close()
    const second = await Cache.start(context)
    const receiver = new Receiver(context, [port, second.port])
    const router = await second.router()
    await router.asks()
    router.say(rtr.response(2, 7), rtr.roa(2, A, 24, 1), rtr.endOfData(2, 7, 1))
    await receiver.ends(1)
    const first = await Cache.start(context, port)
    const preferred = await first.router()
    assert.deepEqual(await preferred.asks(), reset(2))
    preferred.say(rtr.response(2, 9), rtr.roa(2, A, 24, 1), rtr.roa(2, B, 24, 1), rtr.endOfData(2, 9, 1))
    await until(() => router.hasLeft)
    const lines = await receiver.ends(2)
    assert.deepEqual(lines.slice(0, 3), ['log_init', `update ${A}-24 1`, 'end 1'])
    assert.deepEqual(lines.slice(3).toSorted(), ['end 2', 'log_close', 'log_init', `update ${B}-24 1`])
    assert.equal(receiver.records.at(-1)?.peer_tcp_port ?? 0, second.port)
    await receiver.stop()
  })

  it('the next one while the first has no data', async context => {
    const first = await Cache.start(context)
    const second = await Cache.start(context)
    const receiver = new Receiver(context, [first.port, second.port])
    const empty = await first.router()
    await empty.asks()
    empty.say(rtr.errorReport(2, 2, 'empty'))
    const router = await second.router()
    await router.asks()
    router.say(rtr.response(2, 7), rtr.roa(2, A, 24, 1), rtr.endOfData(2, 7, 1))
    assert.deepEqual(await receiver.ends(1), ['log_init', `update ${A}-24 1`, 'end 1'])
    assert.equal(empty.hasLeft, false)
    await receiver.stop()
  })
})
