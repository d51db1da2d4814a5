import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordBatch, type Stream } from '../../src/contract/record.ts'
import { broadcast } from '../../src/stream/broadcast.ts'

/** Batches 0..count-1; `pulled` tells how far it got, `left` whether it was left early. */
function numbers(count: number) {
  const state = { pulled: 0, left: false }
  async function* stream(): Stream {
    try {
      for (let number = 0; number < count; number++) {
        state.pulled++
        yield recordBatch([{ number }], number)
      }
    } finally {
      state.left = state.pulled < count
    }
  }
  return { state, stream: stream() }
}

async function all(stream: Stream, most = Number.POSITIVE_INFINITY): Promise<number[]> {
  const seen: number[] = []
  for await (const { records } of stream) {
    seen.push(records[0]?.number as number)
    if (seen.length >= most) break
  }
  return seen
}

test('every reader has every batch', async () => {
  const { stream } = numbers(50)
  const expected = Array.from({ length: 50 }, (_, number) => number)
  assert.deepEqual(await Promise.all(broadcast(stream, 3).map(reader => all(reader))), [expected, expected, expected])
})

test('the next batch is pulled only when the slowest reader asks', async () => {
  const { stream, state } = numbers(10)
  const [fast, slow] = broadcast(stream, 2) as [Stream, Stream]
  const fastReader = fast[Symbol.asyncIterator]()
  const slowReader = slow[Symbol.asyncIterator]()
  await Promise.all([fastReader.next(), slowReader.next()])
  const waiting = fastReader.next()
  await new Promise(resolve => setImmediate(resolve))
  assert.equal(state.pulled, 1)
  await Promise.all([waiting, slowReader.next()])
  assert.equal(state.pulled, 2)
})

test('a reader that leaves does not hold the others; the input is left with the last', async () => {
  const { stream, state } = numbers(100)
  const [short, long] = broadcast(stream, 2) as [Stream, Stream]
  const results = await Promise.all([all(short, 3), all(long, 10)])
  assert.deepEqual(
    results.map(({ length }) => length),
    [3, 10],
  )
  assert.equal(state.left, true)
})

test('a failure of the input reaches every reader', async () => {
  async function* failing(): Stream {
    yield recordBatch([{ number: 0 }], 0)
    throw new Error('gone')
  }
  const results = await Promise.allSettled(broadcast(failing(), 2).map(reader => all(reader)))
  assert.deepEqual(
    results.map(result => (result.status === 'rejected' ? String(result.reason) : '')),
    ['Error: gone', 'Error: gone'],
  )
})
