import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Batch, NetRecord } from '../../../src/contract/record.ts'
import { ColumnBatch } from '../../../src/fields/batch.ts'
import { knownField } from '../../../src/fields/dictionary.ts'
import { OctetBuffer, writeBatch } from '../../../src/fields/json-write.ts'
import { type Envelope, RouteRecords } from '../../../src/wire/bgp/records.ts'
import { ROUTE_KEYS } from '../../../src/wire/bgp/route-keys.ts'
import type { Update } from '../../../src/wire/bgp/update.ts'
import { attribute, hex, label, labelled, mandatory, mpReach, prefix, u32 } from '../../support/bgp-writer.ts'
import { readParts } from './read.ts'

const KEYS = ['timestamp', 'peer_ip_src', 'peer_tcp_port', 'event_type']
const V4: Envelope = { values: [1767571200.123456, '192.0.2.1', 179, 'log'] }
const V6: Envelope = { values: [1767571201, '2001:db8::1', 50_000, 'log'] }

const prefixes = (count: number, second: number): number[] =>
  Array.from({ length: count }, (_, index) => prefix(`10.${second}.${index >> 8}.${index & 255}/32`)).flat()

/** Lines of everything: batches written one after the other, as a command does, because they share their columns. */
class Lines {
  readonly out = new OctetBuffer(4096)
  readonly sizes: number[] = []
  readonly kinds: string[] = []
  take(batches: Iterable<Batch | undefined>): void {
    for (const batch of batches) {
      if (!batch) continue
      this.sizes.push(batch.count)
      this.kinds.push(batch instanceof ColumnBatch ? 'columns' : 'plain')
      writeBatch(batch, this.out)
    }
  }
  get records(): NetRecord[] {
    return new TextDecoder()
      .decode(this.out.written())
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as NetRecord)
  }
}

function lines(...updates: [Update, Envelope][]): Lines {
  const records = new RouteRecords(KEYS, { next: 1 })
  const found = new Lines()
  for (const [update, envelope] of updates) found.take(records.update(update, envelope, 1))
  for (let batch = records.flush(); batch; batch = records.flush()) found.take([batch])
  return found
}

test('routes of several UPDATEs and peers share batches of 500, numbered in order', () => {
  const first = readParts({ attributes: mandatory(), nlri: prefixes(300, 1) })
  const second = readParts({ attributes: [...mandatory('192.0.2.9'), ...attribute(4, u32(5))], nlri: prefixes(700, 2) })
  const third = readParts({ withdrawn: prefixes(3, 1) })
  const found = lines([first, V4], [second, V6], [third, V4])
  assert.deepEqual(found.sizes, [500, 500, 3])
  const { records } = found
  assert.deepEqual(
    records.map(record => record.seq),
    Array.from({ length: 1003 }, (_, at) => at + 1),
  )
  assert.deepEqual(records[299], {
    seq: 300,
    log_type: 'update',
    timestamp: 1767571200.123456,
    peer_ip_src: '192.0.2.1',
    peer_tcp_port: 179,
    event_type: 'log',
    afi: 1,
    safi: 1,
    bgp_nexthop: '192.0.2.1',
    as_path: [64500, 64501],
    origin: 'i',
    ip_prefix: '10.1.1.43/32',
  })
  assert.deepEqual(records[999], {
    seq: 1000,
    log_type: 'update',
    timestamp: 1767571201,
    peer_ip_src: '2001:db8::1',
    peer_tcp_port: 50_000,
    event_type: 'log',
    afi: 1,
    safi: 1,
    bgp_nexthop: '192.0.2.9',
    as_path: [64500, 64501],
    origin: 'i',
    med: 5,
    ip_prefix: '10.2.2.187/32',
  })
  assert.deepEqual(records[1000], {
    seq: 1001,
    log_type: 'withdraw',
    timestamp: 1767571200.123456,
    peer_ip_src: '192.0.2.1',
    peer_tcp_port: 179,
    event_type: 'log',
    afi: 1,
    safi: 1,
    ip_prefix: '10.1.0.0/32',
  })
})

test('values of one batch do not show through in the next', () => {
  const rd = hex('0000fbf300000001')
  const full = [
    ...mandatory(),
    ...attribute(4, u32(1)),
    ...attribute(8, u32(1)),
    ...attribute(7, [...u32(1), 1, 1, 1, 1]),
    ...mpReach(1, 128, '192.0.2.1', labelled('10.0.0.0/8', label(7), rd)),
  ]
  const records = new RouteRecords(KEYS, { next: 1 })
  const found = new Lines()
  for (const parts of [
    { attributes: full },
    { attributes: mandatory(), nlri: prefixes(2, 1) },
    { withdrawn: prefixes(1, 1) },
  ]) {
    found.take(records.update(readParts(parts), V4, 1))
    found.take([records.flush()])
  }
  const [vpn, plain, , withdrawn] = found.records
  assert.deepEqual([vpn?.rd, vpn?.rd_origin, vpn?.mpls_label, vpn?.med], ['0:64499:1', 'bgp', 7, 1])
  const session = ['seq', 'log_type', 'timestamp', 'peer_ip_src', 'peer_tcp_port', 'event_type', 'afi', 'safi']
  assert.deepEqual(Object.keys(plain ?? {}), [...session, 'bgp_nexthop', 'as_path', 'origin', 'ip_prefix'])
  assert.deepEqual(Object.keys(withdrawn ?? {}), [...session, 'ip_prefix'])
})

test('within a batch, too: a route with a label between two without', () => {
  const labelledRoute = readParts({
    attributes: [...mandatory(), ...mpReach(1, 4, '192.0.2.1', labelled('10.0.0.0/8', label(7)))],
  })
  const plain = readParts({ attributes: mandatory(), nlri: prefix('11.0.0.0/8') })
  const found = lines([plain, V4], [labelledRoute, V4], [plain, V4])
  assert.deepEqual(found.sizes, [3])
  assert.deepEqual(
    found.records.map(record => record.mpls_label),
    [undefined, 7, undefined],
  )
})

test('routes with rare keys keep their place among the others', () => {
  const plain = readParts({ attributes: mandatory(), nlri: prefix('10.0.0.0/8') })
  const rare = readParts({ attributes: [...mandatory(), ...attribute(99, [1])], nlri: prefixes(2, 3) })
  const end = readParts({})
  const found = lines([plain, V4], [rare, V4], [plain, V6], [end, V6])
  assert.deepEqual(found.kinds, ['columns', 'plain', 'columns', 'plain'])
  assert.deepEqual(
    found.records.map(({ seq, ip_prefix, attr_99 }) => [seq, ip_prefix, attr_99]),
    [
      [1, '10.0.0.0/8', undefined],
      [2, '10.3.0.0/32', '01'],
      [3, '10.3.0.1/32', '01'],
      [4, '10.0.0.0/8', undefined],
      [5, undefined, undefined],
    ],
  )
  assert.deepEqual(found.records.at(-1), {
    seq: 5,
    log_type: 'end-of-rib',
    timestamp: 1767571201,
    peer_ip_src: '2001:db8::1',
    peer_tcp_port: 50_000,
    event_type: 'log',
    afi: 1,
    safi: 1,
  })
})

test('other records take their number and their place; a peer distinguisher is for routes without one of their own', () => {
  const records = new RouteRecords([], { next: 7 })
  const found = new Lines()
  const rd = hex('0000fbf300000001')
  found.take(
    records.update(readParts({ attributes: mandatory(), nlri: prefix('10.0.0.0/8') }), { values: [], rd: '0:1:1' }, 1),
  )
  found.take(records.record({ event_type: 'log_close' }, 1))
  const vpn = { attributes: [...mandatory(), ...mpReach(1, 128, '192.0.2.1', labelled('10.0.0.0/8', label(7), rd))] }
  found.take(records.update(readParts(vpn), { values: [], rd: '0:1:1' }, 1))
  found.take([records.flush()])
  assert.deepEqual(
    found.records.map(({ seq, event_type, rd: distinguisher, rd_origin }) => [
      seq,
      event_type,
      distinguisher,
      rd_origin,
    ]),
    [
      [7, undefined, '0:1:1', 'bmp'],
      [8, 'log_close', undefined, undefined],
      [9, undefined, '0:64499:1', 'bgp'],
    ],
  )
})

test('every key that tells routes apart has a row in the dictionary', () => {
  assert.deepEqual(
    ROUTE_KEYS.filter(name => !knownField(name)),
    [],
  )
})
