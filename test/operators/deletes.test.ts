import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Batch, type NetRecord, recordBatch } from '../../src/contract/record.ts'
import { withDeletes } from '../../src/operators/deletes.ts'
import { RouteRecords } from '../../src/wire/bgp/records.ts'
import { TestHost } from '../support/test-host.ts'

async function through(batches: Iterable<Batch>, host = new TestHost()): Promise<NetRecord[]> {
  async function* stream() {
    yield* batches
  }
  const out: NetRecord[] = []
  for await (const batch of withDeletes(stream(), host)) out.push(...structuredClone(batch.records))
  return out
}

const bmp = { bmp_router: '203.0.113.5', bmp_router_port: 4 }
const peer = { ...bmp, event_type: 'log', peer_ip: '192.0.2.9', peer_type: 0, is_in: 1 }
const route = (prefix: string, more: NetRecord = {}): NetRecord => ({
  ...peer,
  bmp_msg_type: 'route_monitor',
  log_type: 'update',
  afi: 1,
  safi: 1,
  ip_prefix: prefix,
  ...more,
})

const numbered = (records: NetRecord[]): NetRecord[] => records.map((record, seq) => ({ seq, ...record }))
const shown = (records: NetRecord[]) =>
  records.map(({ event_type, bmp_msg_type, log_type, ip_prefix }) =>
    [log_type ?? bmp_msg_type ?? event_type, ip_prefix].filter(Boolean).join(' '),
  )

test('a peer down takes what that peer has left, a close what the router has; numbers go on without a gap', async () => {
  const other = { peer_ip: '192.0.2.10' }
  const out = await through([
    recordBatch(
      numbered([
        { ...bmp, event_type: 'log_init', timestamp: 1 },
        route('10.0.0.0/8'),
        route('10.1.0.0/16'),
        route('10.1.0.0/16', { log_type: 'withdraw' }),
        route('10.2.0.0/16', other),
        route('10.3.0.0/16', { is_in: undefined as never, is_loc: 1, peer_type: 3 }),
        { ...peer, bmp_msg_type: 'peer_down', timestamp: 5, timestamp_arrival: 6 },
        route('10.4.0.0/16', other),
        { ...bmp, event_type: 'log_close', timestamp: 9 },
      ]),
      9000,
    ),
  ])
  assert.deepEqual(shown(out), [
    ...['log_init', 'update 10.0.0.0/8', 'update 10.1.0.0/16', 'withdraw 10.1.0.0/16', 'update 10.2.0.0/16'],
    ...['update 10.3.0.0/16', 'delete 10.0.0.0/8', 'peer_down', 'update 10.4.0.0/16'],
    ...['delete 10.2.0.0/16', 'delete 10.4.0.0/16', 'delete 10.3.0.0/16', 'log_close'],
  ])
  assert.deepEqual(
    out.map(({ seq }) => seq),
    out.map((_, index) => index),
  )
  const deleted = out.filter(({ log_type }) => log_type === 'delete')
  assert.deepEqual([deleted[0]?.timestamp, deleted[0]?.timestamp_arrival], [5, 6])
  assert.deepEqual([deleted[1]?.timestamp, deleted[1]?.timestamp_arrival], [undefined, 9])
  assert.ok(deleted.every(({ bmp_msg_type }) => bmp_msg_type === 'internal'))
})

test('columns are numbered again as well; more routes than a batch holds', async () => {
  const names = ['timestamp', 'peer_ip_src', 'peer_tcp_port', 'event_type']
  const records = new RouteRecords(names, { next: 0 })
  const many = Array.from({ length: 1200 }, (_, index) => ({ prefix: `10.${index >> 8}.${index & 255}.0/24` }))
  const announced = (port: number) =>
    records.update(
      {
        announced: [{ afi: 1, safi: 1, nextHop: '192.0.2.1', routes: many }],
        withdrawn: [],
        attributes: { values: { origin: 'i' } } as never,
        problems: [],
        endOfRib: undefined,
      },
      { values: [port, '192.0.2.1', port, 'log'] },
      1000,
    )
  const close = (port: number) =>
    records.record({ timestamp: 7, peer_ip_src: '192.0.2.1', peer_tcp_port: port, event_type: 'log_close' }, 7000)
  function* batches() {
    for (const port of [1, 2]) {
      yield* announced(port)
      yield* close(port)
    }
    const rest = records.flush()
    if (rest) yield rest
  }
  const host = new TestHost()
  const out = await through(batches(), host)
  assert.equal(out.length, 2 * (1200 + 1200 + 1))
  assert.ok(out.every(({ seq }, index) => seq === index))
  const gone = out.slice(1200, 2400)
  assert.ok(gone.every(row => row.log_type === 'delete' && row.peer_tcp_port === 1 && row.origin === 'i'))
  assert.equal(new Set(gone.map(({ ip_prefix }) => ip_prefix)).size, 1200)
  assert.equal(host.counters['deletes/written'], 2400)
})
