// Messages of brokers: which records they are, and when they are confirmed.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PermanentError } from '../../../src/contract/backend.ts'
import { ProblemError } from '../../../src/contract/problem.ts'
import { exporterOf } from '../../../src/sources/message/datagrams.ts'
import type { Feed, FeedMessage } from '../../../src/sources/message/feed.ts'
import { MessageLines, messageLines } from '../../../src/sources/message/lines.ts'
import { type Receiving, receive } from '../../../src/sources/message/receive.ts'
import { TestHost } from '../../support/test-host.ts'

describe('messageLines', () => {
  const rows: readonly (readonly [what: string, message: string, lines: readonly string[] | undefined])[] = [
    ['an object stays as it is', '{"b": 1, "a":12345678901234567890}', ['{"b": 1, "a":12345678901234567890}']],
    ['blanks around it go', ' {"a":1}\n', ['{"a":1}']],
    ['objects with line feeds between them', '{"a":1}\n{"a":2}\n\n{"a":3}\n', ['{"a":1}', '{"a":2}', '{"a":3}']],
    ['an array, numbers exact', '[{"a":9007199254740993},{"b":[1]}]', ['{"a":9007199254740993}', '{"b":[1]}']],
    ['an empty array has no records', '[]', []],
    ['an object on several lines', '{\n "a": 1\n}', ['{"a":1}']],
    ['text', 'hello', undefined],
    ['a number', '7', undefined],
    ['an array of numbers', '[1]', undefined],
    ['half an object', '{"a":', undefined],
    ['one bad line among good ones', '{"a":1}\nx\n', undefined],
    ['nothing', '', undefined],
  ]
  for (const [what, message, lines] of rows) it(what, () => assert.deepEqual(messageLines(message), lines))
})

it('addresses of exporters', () => {
  assert.deepEqual(exporterOf('192.0.2.1:2055'), { address: '192.0.2.1', port: 2055, family: 4 })
  assert.deepEqual(exporterOf('192.0.2.1'), { address: '192.0.2.1', port: 0, family: 4 })
  assert.deepEqual(exporterOf('[2001:db8::1]:2055'), { address: '2001:db8::1', port: 2055, family: 6 })
  assert.deepEqual(exporterOf('2001:db8::1'), { address: '2001:db8::1', port: 0, family: 6 })
  assert.equal(exporterOf('router'), undefined)
  assert.equal(exporterOf(''), undefined)
})

class TakingHost extends TestHost {
  taken = 0
}

/** Gives its messages, then fails or is at its end; remembers what was confirmed. */
class FakeFeed implements Feed<FeedMessage & { n: number }, number> {
  readonly #messages: string[]
  readonly #fails: boolean
  readonly confirmed: number[] = []
  #given = 0

  constructor(messages: string[], fails = false) {
    this.#messages = messages
    this.#fails = fails
  }
  take() {
    const text = this.#messages[this.#given]
    if (text === undefined) {
      if (this.#fails) throw new Error('gone')
      return []
    }
    const n = this.#given++
    return [{ n, octets: Buffer.from(text), place: () => `message ${n}`, exporter: () => '', timeMs: 0 }]
  }
  async wait() {
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  tokenOf(messages: readonly { n: number }[]) {
    return messages.at(-1)?.n ?? -1
  }
  async confirm(tokens: readonly number[]) {
    this.confirmed.push(...tokens)
  }
  isAtEnd = () => this.#given === this.#messages.length
  async close() {}
}

const receiving = (host: TestHost, ...feeds: (FakeFeed | Error)[]): Receiving<FeedMessage & { n: number }, number> => ({
  area: 'fake',
  connect: async () => {
    const feed = feeds.shift()
    if (!feed || feed instanceof Error) throw feed ?? new Error('no more feeds')
    return feed
  },
  decoder: new MessageLines(host),
  untilEnd: true,
})

describe('receive', () => {
  it('confirms what the output has, not what it was given', async () => {
    const host = new TakingHost()
    const feed = new FakeFeed(['{"a":1}', '{"a":2}\n{"a":3}', '{"a":4}'])
    const texts: string[] = []
    const stream = receive(receiving(host, feed), host)[Symbol.asyncIterator]()
    for (let batches = 0; batches < 3; batches++) {
      const { value } = await stream.next()
      for (const record of value.records) texts.push(JSON.stringify(record))
    }
    host.taken = 2
    const end = stream.next()
    await new Promise(resolve => setTimeout(resolve, 50))
    assert.deepEqual(feed.confirmed, [0], 'half of the second message is not there yet')
    host.taken = 4
    assert.equal((await end).done, true)
    assert.deepEqual(feed.confirmed, [0, 1, 2])
    assert.deepEqual(texts, ['{"a":1}', '{"a":2}', '{"a":3}', '{"a":4}'])
  })

  it('after a failure: another connection; what was not confirmed is not confirmed there', async () => {
    const host = new TakingHost()
    const [first, second] = [new FakeFeed(['{"a":1}', '{"a":2}'], true), new FakeFeed(['{"a":2}', '{"a":3}'])]
    const seen: unknown[] = []
    for await (const batch of receive(receiving(host, first, second), host)) {
      seen.push(...batch.records.map(({ a }) => a))
      // The output is one record behind.
      host.taken = seen.length - 1
      if (seen.length === 4) setTimeout(() => (host.taken = 4), 30)
    }
    assert.deepEqual(seen, [1, 2, 2, 3])
    assert.deepEqual(first.confirmed, [], 'the connection failed before it was told')
    assert.deepEqual(second.confirmed, [0, 1])
    assert.equal(host.counters.reconnects, 1)
    assert.deepEqual(host.codes, ['fake/connection'])
  })

  it('confirms before the window of the broker is used up', async () => {
    const host = new TakingHost()
    const feed = Object.assign(new FakeFeed(Array.from({ length: 8 }, (_, n) => `{"a":${n}}`)), { window: 8 })
    let confirmed = 0
    for await (const batch of receive(receiving(host, feed), host)) {
      host.taken += batch.count
      confirmed = feed.confirmed.length
    }
    assert.ok(confirmed >= 4, `${confirmed} of 8 while messages came`)
    assert.equal(feed.confirmed.length, 8)
  })

  it('a refusal ends it', async () => {
    const host = new TestHost()
    const refused = new PermanentError({ code: 'fake/refused', message: 'no' })
    await assert.rejects(
      async () => {
        for await (const batch of receive(receiving(host, refused), host)) void batch
      },
      error => error instanceof ProblemError && error.problem.code === 'fake/refused',
    )
  })

  it('a message without records is counted and left out', async () => {
    const host = new TestHost()
    const feed = new FakeFeed(['nonsense', '{"a":1}'])
    const seen: unknown[] = []
    for await (const batch of receive(receiving(host, feed), host)) seen.push(...batch.records)
    assert.deepEqual(seen, [{ a: 1 }])
    assert.equal(host.counters['dropped/bad-message'], 1)
    assert.equal(host.problems[0]?.message, 'message 0: it is no JSON object, nor several')
    assert.deepEqual(feed.confirmed, [0, 1])
  })
})
