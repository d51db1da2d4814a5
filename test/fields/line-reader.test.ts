import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readLines } from '../../src/fields/line-reader.ts'
import type { OctetInput } from '../../src/stream/input.ts'
import { TestHost } from '../support/test-host.ts'

/** A live input that gives the text and then nothing, until it is closed. */
function silentAfter(text: string): OctetInput {
  let given = false
  let close = () => {}
  return {
    live: true,
    async read(into) {
      if (given) return new Promise(resolve => (close = () => resolve(0)))
      given = true
      return new TextEncoder().encodeInto(text, into).written
    },
    close: () => close(),
  }
}

for (const [what, line] of [
  ['flows', '{"timestamp_arrival":1767571200.5,"timestamp":5}'],
  ['sums', '{"stamp_updated":1767571200.5}'],
  ['routes', '{"timestamp":1767571200.5,"event_type":"log"}'],
] as const) {
  test(`the clock of ${what}: the newest receive time, and heartbeats when they fall silent`, async () => {
    const nows: number[] = []
    const options = { heartbeat: true, name: 'test' }
    for await (const batch of readLines(silentAfter(`${line}\n`), new TestHost(), options)) {
      nows.push(batch.now)
      if (batch.count === 0) break
    }
    assert.deepEqual(nows, [1767571200500, 1767571201500])
  })
}
