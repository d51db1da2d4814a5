import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { NetRecord, Stream } from '../../../src/contract/record.ts'
import { ColumnBatch, EVERY_ROW } from '../../../src/fields/batch.ts'
import { makeColumn, putValue } from '../../../src/fields/column.ts'
import { fieldOf } from '../../../src/fields/dictionary.ts'
import { OctetBuffer, writeBatch } from '../../../src/fields/json-write.ts'
import { readLines } from '../../../src/fields/line-reader.ts'
import { enrich } from '../../../src/operators/enrich/enrich.ts'
import { METHOD } from '../../../src/operators/enrich/methods.ts'
import { ENRICH_DEFAULTS } from '../../../src/operators/enrich/options.ts'
import { openFile } from '../../../src/stream/file-input.ts'
import { scratch } from '../../support/cli.ts'
import { streamOf, TestHost } from '../../support/test-host.ts'

const FLOWS: NetRecord[] = [
  { timestamp_arrival: 1, as_src: 7, peer_ip_src: '192.0.2.1', ip_src: '10.0.0.1', ip_dst: '10.9.0.1', bytes: 1 },
  { timestamp_arrival: 1, peer_ip_src: '192.0.2.1', ip_src: '10.0.0.1', ip_dst: '192.0.2.7', as_dst: 9, bytes: 2 },
  { timestamp_arrival: 1, peer_ip_src: '192.0.2.2', as_src: 7, ip_src: '2001:db8::1', bytes: 3 },
]
const ROUTE: NetRecord = {
  log_type: 'update',
  timestamp: 1,
  peer_ip_src: '192.0.2.1',
  event_type: 'log',
  afi: 1,
  safi: 1,
  bgp_nexthop: '198.51.100.1',
  as_path: [64501, '{64502,64503}'],
  comms: ['64501:1'],
  ip_prefix: '10.0.0.0/8',
}

async function text(input: Stream): Promise<string[]> {
  const routes = { longest: false, methods: [METHOD.routes] }
  const options = { ...ENRICH_DEFAULTS, bgp: [streamOf([ROUTE])], as: routes, net: routes, why: true }
  const out = new OctetBuffer(1 << 12)
  for await (const batch of enrich(input, options, new TestHost())) writeBatch(batch, out)
  return new TextDecoder().decode(out.written()).trim().split('\n')
}

async function* asColumns(records: readonly NetRecord[]): Stream {
  const fields = ['timestamp_arrival', 'as_src', 'peer_ip_src', 'ip_src', 'ip_dst', 'as_dst', 'bytes'].map(fieldOf)
  const columns = fields.map(field => {
    const column = makeColumn(field)
    records.forEach((record, row) => {
      putValue(field, column, row, record[field.name])
    })
    return column
  })
  yield new ColumnBatch({ fields }, columns, EVERY_ROW, records.length, 1000)
}

test('columns, records and lines are filled alike, new fields last', async context => {
  const file = join(scratch(context), 'flows.ndjson')
  writeFileSync(file, FLOWS.map(record => `${JSON.stringify(record)}\n`).join(''))
  const lines = await text(readLines(openFile(file), new TestHost(), { heartbeat: false, name: file }))
  const [first = '', second = '', third = ''] = lines
  assert.match(
    first,
    /^\{"timestamp_arrival":1,"peer_ip_src":"192.0.2.1","ip_src":"10.0.0.1","ip_dst":"10.9.0.1","bytes":1,"as_src":64503,/,
  )
  assert.match(second, /"bytes":2,"as_src":64503,"net_src":"10.0.0.0","mask_src":8,"why":\{.*"as_dst":"no prefix"\}\}$/)
  assert.equal(
    third,
    '{"timestamp_arrival":1,"peer_ip_src":"192.0.2.2","ip_src":"2001:db8::1","bytes":3,"why":{"as_src":"no peer","as_dst":"no address"}}',
  )
  assert.deepEqual(await text(streamOf(structuredClone(FLOWS))), lines)
  assert.deepEqual(await text(asColumns(FLOWS)), lines)
})

test('lines that are not compact are filled too', async context => {
  const file = join(scratch(context), 'flows.ndjson')
  const loose = [
    '{ "timestamp_arrival": 1, "as_src": 7, "peer_ip_src": "192.0.2.1", "ip_src": "10.0.0.1" }',
    '{"timestamp_arrival":1,"as\\u005fsrc":7,"peer_ip_src":"192.0.2.1","ip_src":"10.0.0.1"}',
    '{"as_src":7,"as_dst":8}',
    '{"peer_ip_src":"192.0.2.1","note":"a \\"b\\", c","ip_src":"10.0.0.1","as_src":7}',
  ]
  writeFileSync(file, `${loose.join('\n')}\n`)
  const made = await text(readLines(openFile(file), new TestHost(), { heartbeat: false, name: file }))
  assert.deepEqual(
    made.map(line => JSON.parse(line)).map(({ as_src, note, why }) => [as_src, note, why.as_dst]),
    [
      [64503, undefined, 'no address'],
      [64503, undefined, 'no address'],
      [undefined, undefined, 'no address'],
      [64503, 'a "b", c', 'no address'],
    ],
  )
})
