// The ndjson package reads what we write, and we read what it writes.
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fieldOf } from '../../src/fields/dictionary.ts'
import { readableOf, streamOf } from '../../src/runtime/node-streams.ts'
import { jsonText } from '../../src/stream/json.ts'
import { random, randomRecord } from '../support/random.ts'
import { recordsOf } from '../support/test-host.ts'

const source = random(77)
const fields = ['timestamp_arrival', 'ip_src', 'label', 'as_path', 'packets', 'ip_proto'].map(fieldOf)
const records = Array.from({ length: 1200 }, () => randomRecord(fields, source)).map(record =>
  // The package has no BigInts.
  Object.fromEntries(Object.entries(record).filter(([, value]) => typeof value !== 'bigint')),
)

test('ndjson reads our lines', async () => {
  const lines = Readable.from(records.map(record => `${jsonText(record)}\n`))
  assert.deepEqual(await recordsOf(streamOf(lines)), records)
})

test('there and back', async () => {
  const lines = Readable.from(records.map(record => `${jsonText(record)}\n`))
  assert.equal(await text(readableOf(streamOf(lines))), records.map(record => `${JSON.stringify(record)}\n`).join(''))
})
