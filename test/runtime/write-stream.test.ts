// What goes to standard output, and when.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordBatch, type Stream } from '../../src/contract/record.ts'
import { writeStream } from '../../src/runtime/write-stream.ts'
import { TestHost } from '../support/test-host.ts'

async function* failing(): Stream {
  yield recordBatch([{ n: 1 }, { n: 2 }], 0)
  throw new Error('the second file is not there')
}

test('records before a failure are written', async () => {
  const host = new TestHost()
  let text = ''
  const output = {
    async write(octets: Uint8Array) {
      text += new TextDecoder().decode(octets)
    },
  }
  await assert.rejects(writeStream(failing(), output, host), /the second file is not there/)
  assert.equal(text, '{"n":1}\n{"n":2}\n')
  assert.equal(host.counters.out, 2)
})
