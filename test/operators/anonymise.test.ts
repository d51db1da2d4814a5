import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetRecord } from '../../src/contract/record.ts'
import { ColumnBatch, EVERY_ROW } from '../../src/fields/batch.ts'
import { makeColumn, putValue } from '../../src/fields/column.ts'
import { fieldOf } from '../../src/fields/dictionary.ts'
import { parsePrefix } from '../../src/lookup/prefix.ts'
import { type AnonymiseOptions, anonymise } from '../../src/operators/anonymise.ts'
import { batchesOf, recordsOf, streamOf, TestHost } from '../support/test-host.ts'

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index * 7)
const OPTIONS: AnonymiseOptions = { key: KEY, keep: [], macs: 'all', except: new Set(), remove: new Set() }

const run = (records: readonly NetRecord[], options: Partial<AnonymiseOptions> = {}) =>
  recordsOf(anonymise(streamOf(records), { ...OPTIONS, ...options }, new TestHost()))

const FLOW: NetRecord = {
  peer_ip_src: '192.0.2.1',
  ip_src: '10.1.2.3',
  ip_dst: '2001:db8::7',
  net_src: '10.1.2.0',
  mask_src: 24,
  mac_src: 'aa:bb:cc:00:11:22',
  port_src: 443,
  as_src: 64496,
  bytes: 5,
}

/** The records as a decoder would give them. */
function columnsOf(records: readonly NetRecord[]): ColumnBatch {
  const names = [...new Set(records.flatMap(record => Object.keys(record)))]
  const fields = names.map(fieldOf)
  const columns = fields.map(field => makeColumn(field))
  records.forEach((record, row) => {
    names.forEach((name, index) => {
      putValue(fields[index] as never, columns[index] as never, row, record[name])
    })
  })
  return new ColumnBatch({ fields }, columns, EVERY_ROW, records.length, 0)
}

test('addresses go, everything else stays, a network keeps its length', async () => {
  const [out] = await run([FLOW])
  assert.notEqual(out?.ip_src, FLOW.ip_src)
  assert.notEqual(out?.ip_dst, FLOW.ip_dst)
  assert.notEqual(out?.peer_ip_src, FLOW.peer_ip_src)
  assert.notEqual(out?.mac_src, FLOW.mac_src)
  assert.deepEqual([out?.port_src, out?.as_src, out?.bytes, out?.mask_src], [443, 64496, 5, 24])
  const host = String(out?.ip_src).split('.')
  assert.equal(out?.net_src, `${host.slice(0, 3).join('.')}.0`)
})

test('columns and records give the same', async () => {
  const records = [FLOW, { ip_src: 'odd 10.1.2.3', comms: ['64496:1', '10.1.2.3'], net_dst: '10.0.0.0', mask_dst: 8 }]
  const host = new TestHost()
  for (const options of [{}, { macs: 'vendor' as const, remove: new Set(['port_src']), except: new Set(['ip_dst']) }]) {
    const fromColumns = await recordsOf(anonymise(batchesOf(columnsOf(records)), { ...OPTIONS, ...options }, host))
    assert.deepEqual(fromColumns, await run(records, options))
  }
})

test('the columns that came stay as they were: other branches may read them', async () => {
  const batch = columnsOf([FLOW])
  await recordsOf(anonymise(batchesOf(batch), OPTIONS, new TestHost()))
  assert.deepEqual(batch.records, [FLOW])
})

test('addresses in texts, lists and objects, prefixes, and route distinguishers', async () => {
  const [out] = await run([
    {
      ip_src: '10.1.2.3',
      ip_prefix: '10.1.0.0/16',
      rd: '1:10.1.2.3:7',
      label: 'seen at 10.1.2.3.',
      cluster_list: ['10.1.2.3'],
      unknown: { a: { b: '2001:db8::1/64' } },
      version: '1.2.3',
      lcomms: ['64496:1:2'],
      mac_dst: 'x',
    },
  ])
  const address = out?.ip_src as string
  assert.equal(out?.rd, `1:${address}:7`)
  assert.equal(out?.label, `seen at ${address}.`)
  assert.deepEqual(out?.cluster_list, [address])
  assert.match(String(out?.ip_prefix), /^\d+\.\d+\.0\.0\/16$/)
  assert.ok(address.startsWith(String(out?.ip_prefix).split('.').slice(0, 2).join('.')))
  assert.match(JSON.stringify(out?.unknown), /::\/64"/)
  assert.deepEqual([out?.version, out?.lcomms, out?.mac_dst], ['1.2.3', ['64496:1:2'], 'x'])
})

test('what is kept, excepted and removed; no address stays no address', async () => {
  const keep = [parsePrefix('10.1.0.0/16')].flatMap(prefix => prefix ?? [])
  const [out] = await run([{ ...FLOW, ip_next_hop: '0.0.0.0' }], {
    keep,
    except: new Set(['peer_ip_src']),
    remove: new Set(['as_src']),
    macs: 'keep',
  })
  assert.deepEqual(
    [out?.ip_src, out?.peer_ip_src, out?.mac_src, out?.ip_next_hop],
    ['10.1.2.3', '192.0.2.1', FLOW.mac_src, '0.0.0.0'],
  )
  assert.equal(Object.hasOwn(out ?? {}, 'as_src'), false)
})
