// Templates that are kept: sent again with the newest sequence number; the datagrams themselves stay as they are.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TemplateKeeper } from '../../../src/sources/tee/template-keeper.ts'
import { data, netflow9, template } from '../../support/flow-writer.ts'
import { TestHost } from '../../support/test-host.ts'
import { EXPORTER } from '../../wire/flow/collector.ts'

const OF = template(256, [
  [8, 4],
  [1, 4],
])

test('the header is that of the newest message, and no datagram is written to', () => {
  const keeper = new TemplateKeeper(new TestHost())
  const message = (sequence: number, ...sets: Parameters<typeof netflow9>[1]) =>
    netflow9({ exportTime: 1_700_000_000 + sequence, sysUptimeMs: 5, sequence, sourceId: 7 }, sets)
  const messages = [message(1, OF), message(2, data(OF, [['10.0.0.1', 1]])), message(3, data(OF, [['10.0.0.1', 2]]))]
  const before = messages.map(octets => octets.toString('hex'))
  for (const octets of messages) {
    keeper.see(octets, new DataView(octets.buffer, octets.byteOffset, octets.length), 0, octets.length, EXPORTER)
  }
  assert.deepEqual(
    messages.map(octets => octets.toString('hex')),
    before,
  )
  const again = [...keeper.messages()].map(({ octets }) => Buffer.from(octets).toString('hex'))
  assert.deepEqual(again, [message(3, OF).toString('hex')])
})
