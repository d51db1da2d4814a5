import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type NetRecord, recordBatch } from '../../src/contract/record.ts'
import { readBmpTagMap, readPreTagMap } from '../../src/maps/pre-tag-map.ts'
import { routeOutput, withOutput } from '../../src/runtime/route-output.ts'
import { scratch } from '../support/cli.ts'
import { TestHost } from '../support/test-host.ts'

const bgp = (prefix: string): NetRecord => ({
  event_type: 'log',
  log_type: 'update',
  peer_ip_src: '192.0.2.1',
  ip_prefix: prefix,
})

test('tags by a map that is read again on SIGHUP; what the label filter drops was created too', async context => {
  const map = join(scratch(context), 'tags')
  writeFileSync(map, 'set_label=one ip=192.0.2.1')
  const host = new TestHost()
  const output = await routeOutput({ 'tag-map': map, 'label-filter': 'two' }, readPreTagMap)
  async function* stream() {
    yield recordBatch([bgp('10.0.0.0/8')], 1000)
    writeFileSync(map, 'set_label=two ip=192.0.2.0/24\n')
    host.reloads++
    yield recordBatch([bgp('10.1.0.0/16'), { ...bgp('10.2.0.0/16'), peer_ip_src: '198.51.100.1' }], 2000)
  }
  const out: NetRecord[] = []
  for await (const batch of withOutput(stream(), output, host)) out.push(...batch.records)
  assert.deepEqual(out, [{ ...bgp('10.1.0.0/16'), label: 'two' }])
  assert.deepEqual([host.counters.created, host.counters['dropped/tag-filter']], [2, 2])
})

test('in the map of BMP ip is the router, of either family, and jumps go by it', async context => {
  const map = join(scratch(context), 'tags')
  writeFileSync(map, 'set_tag=4 ip=192.0.2.0/24 jeq=on\nset_tag=6 ip=2001:db8::/32 jeq=on\nset_label=both label=on\n')
  const output = await routeOutput({ 'tag-map': map }, readBmpTagMap)
  async function* stream() {
    const peer = { peer_ip: '203.0.113.1' }
    yield recordBatch(
      ['192.0.2.5', '2001:db8::5', '198.51.100.5'].map(router => ({ bmp_router: router, ...peer })),
      1000,
    )
  }
  const out: NetRecord[] = []
  for await (const batch of withOutput(stream(), output, new TestHost())) out.push(...batch.records)
  assert.deepEqual(
    out.map(({ tag, label }) => [tag, label]),
    [
      [4, 'both'],
      [6, 'both'],
      [undefined, 'both'],
    ],
  )
})

test('nothing is asked for: the stream as it is', async () => {
  const stream = (async function* () {})()
  assert.equal(withOutput(stream, await routeOutput({}, readPreTagMap), new TestHost()), stream)
})
