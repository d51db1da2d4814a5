import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordBatch, type Stream } from '../../src/contract/record.ts'
import { broadcast } from '../../src/stream/broadcast.ts'
import { leave, withInputs } from '../../src/stream/leave.ts'

async function* batches(count: number): Stream {
  for (let number = 0; number < count; number++) yield recordBatch([{ number }], number)
}

async function* same(input: Stream): Stream {
  yield* input
}

async function countOf(stream: Stream): Promise<number> {
  let count = 0
  for await (const batch of stream) count += batch.count
  return count
}

test('a stage that was never asked leaves its input, through other names too', async () => {
  const [left, read] = broadcast(batches(3), 2) as [Stream, Stream]
  const [again] = broadcast(withInputs(same(left), [left]), 1) as [Stream]
  leave(withInputs(same(again), [again]))
  assert.equal(await countOf(read), 3)
})

test('a stage that waits for its input comes to its end', async () => {
  const [left, silent] = broadcast(batches(3), 2) as [Stream, Stream]
  const stage = withInputs(same(left), [left])
  const next = stage[Symbol.asyncIterator]().next()
  leave(stage)
  assert.equal((await next).done, true)
  assert.equal(await countOf(silent), 3)
})

test('what was asked for passes', async () => {
  const [one, other] = broadcast(batches(3), 2) as [Stream, Stream]
  assert.deepEqual(await Promise.all([countOf(withInputs(same(one), [one])), countOf(other)]), [3, 3])
})
