import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NetRecord, Value } from '../../../src/contract/record.ts'
import { type FlatOptions, flat } from '../../../src/operators/telemetry/flat.ts'
import { recordsOf, streamOf, TestHost } from '../../support/test-host.ts'

const OPTIONS: FlatOptions = {
  keys: new Set(),
  keepsText: false,
  closes: false,
  rates: [],
  maxSeries: 100,
  maxGapSeconds: 3600,
}

const message = (data: Value, more: NetRecord = {}): NetRecord => ({
  event_type: 'log',
  timestamp: 1000,
  telemetry_node: '192.0.2.1',
  telemetry_data: data,
  serialization: 'json',
  session_protocol: 'telemetry',
  ...more,
})
const pushed = (contents: Value, eventTime = '1970-01-01T00:16:39.123456789Z', more: NetRecord = {}): NetRecord =>
  message(
    {
      'ietf-notification:notification': {
        eventTime,
        'ietf-yang-push:push-update': { id: 1, 'datastore-contents': contents },
      },
    },
    { session_protocol: 'yang-push', ...more },
  )

/** What differs between the leaves of a message. */
async function leaves(messages: NetRecord[], options: Partial<FlatOptions> = {}, host = new TestHost()) {
  const records = await recordsOf(flat(streamOf(messages), { ...OPTIONS, ...options }, host))
  return records.map(({ timestamp, telemetry_node, ...rest }) => rest)
}

describe('telemetry, one record a leaf', () => {
  it('has who, when, path, keys and value', async () => {
    const contents = {
      'm:top': {
        list: [
          { name: 'a', leaf: '12' },
          { leaf: 1, name: 'b' },
        ],
      },
    }
    const records = await recordsOf(flat(streamOf([pushed(contents, undefined, { tag: 7 })]), OPTIONS, new TestHost()))
    const common = { timestamp: 1000, timestamp_event: 999.123456, telemetry_node: '192.0.2.1', tag: 7 }
    assert.deepEqual(records, [
      { ...common, name: '/m:top/list/leaf', list_name: 'a', value: 12 },
      { ...common, name: '/m:top/list/leaf', list_name: 'b', value: 1 },
    ])
  })

  it('keys: the usual names, those that are asked for, else the place', async () => {
    const data = {
      a: [{ 'peer-id': 4, x: 1, index: { not: 'scalar' } }],
      b: [{ x: 1 }, { x: 2 }],
      c: [{ vrf: 'red', 'm:afi': 'v4', id: 9, x: [{ y: 1, name: 'in' }] }],
    }
    assert.deepEqual(await leaves([message(data)], { keys: new Set(['vrf', 'afi']) }), [
      { name: '/a/x', a_peer_id: 4, value: 1 },
      { name: '/a/index/not', a_peer_id: 4, value: 'scalar' },
      { name: '/b/x', b_position: 0, value: 1 },
      { name: '/b/x', b_position: 1, value: 2 },
      { name: '/c/id', c_vrf: 'red', c_afi: 'v4', value: 9 },
      { name: '/c/x/y', c_vrf: 'red', c_afi: 'v4', x_name: 'in', value: 1 },
    ])
  })

  it('types: numbers that YANG writes as text become numbers, unless texts are to be kept', async () => {
    const contents = {
      a: '18446744073709551615',
      b: '-2.50',
      c: '007',
      d: 'x',
      e: [1, '2'],
      f: true,
      g: null,
      '@a': { meta: 1 },
    }
    const values = async (options: Partial<FlatOptions>, more: NetRecord = {}) =>
      (await leaves([pushed(contents, undefined, more)], options)).map(({ value }) => value)
    const others = [[1, '2'], true, null]
    assert.deepEqual(await values({}), [18_446_744_073_709_551_615n, -2.5, '007', 'x', ...others])
    assert.deepEqual(await values({ keepsText: true }), [contents.a, '-2.50', '007', 'x', ...others])
    const [xml] = await leaves([pushed({ up: 'true' }, undefined, { serialization: 'xml' })])
    assert.equal(xml?.value, true)
    assert.equal((await leaves([message({ a: '1' })]))[0]?.value, '1')
  })

  it('changes: what is there now, by the path of its target', async () => {
    const edit = [
      { 'edit-id': '1', operation: 'replace', target: '/m:top/list=a%20b/state', value: { 'm:state': 'up' } },
      {
        'edit-id': '3',
        operation: 'replace',
        target: "/m:top[name='a/b']/list[id=4]/x",
        value: { 'm:x': [{ name: 'n', y: 1 }] },
      },
      { 'edit-id': '2', operation: 'delete', target: '/m:top/list=b' },
    ]
    const update = { id: 1, 'datastore-changes': { 'yang-patch': { 'patch-id': '0', edit } } }
    const data = {
      'ietf-notification:notification': { eventTime: 'never', 'ietf-yang-push:push-change-update': update },
    }
    assert.deepEqual(await leaves([message(data, { session_protocol: 'yang-push' })]), [
      { name: '/m:top/list/m:state', list_key: 'a b', value: 'up' },
      { name: '/m:top/list/x', top_name: 'a/b', list_id: '4', deleted: true },
      { name: '/m:top/list/m:x/y', top_name: 'a/b', list_id: '4', x_name: 'n', value: 1 },
      { name: '/m:top/list', list_key: 'b', deleted: true },
    ])
  })

  it('a node that closes has a record where that is asked for', async () => {
    const close = { event_type: 'log_close', timestamp: 1000, telemetry_node: '192.0.2.1', telemetry_node_port: 1 }
    assert.deepEqual(await leaves([close]), [])
    assert.deepEqual(await leaves([close], { closes: true }), [{ event_type: 'log_close', name: '/', deleted: true }])
  })

  it('other notifications have their name; what is said of subscriptions is no leaf', async () => {
    const send = (name: string) =>
      leaves([message({ 'n:notification': { [name]: { id: 3 } } }, { session_protocol: 'yang-push' })])
    assert.deepEqual(await send('m:link-down'), [{ name: '/m:link-down/id', value: 3 }])
    assert.deepEqual(await send('ietf-subscribed-notifications:subscription-started'), [])
    assert.deepEqual(await leaves([{ event_type: 'log_init', telemetry_node: '192.0.2.1' }]), [])
  })

  it('rows of Cisco have keys of their own, and the time in milliseconds', async () => {
    const row = {
      timestamp: 5500,
      keys: { 'interface-name': 'Hu0/0/0/1', name: 'x' },
      content: { 'bytes-received': 5 },
    }
    const common = { timestamp_event: 5.5, name: '/m:infra/counters/bytes-received' }
    assert.deepEqual(await leaves([message({ encoding_path: 'm:infra/counters', data_gpbkv: [row] })]), [
      { ...common, interface_name: 'Hu0/0/0/1', key_name: 'x', value: 5 },
    ])
  })

  it('many leaves are several batches, none is a heartbeat', async () => {
    const sizes: number[] = []
    const data = { list: Array.from({ length: 1200 }, (_, id) => ({ id, x: 1 })) }
    for await (const batch of flat(streamOf([message(data)]), OPTIONS, new TestHost())) sizes.push(batch.count)
    assert.deepEqual(sizes, [500, 500, 200])
  })
})

describe('telemetry, rates', () => {
  const at = (second: number, octets: Value, name = 'a') =>
    pushed({ i: [{ name, 'm:in-octets': octets, 'oper-status': 3 }] }, new Date(second * 1000).toISOString())
  const rates = async (messages: NetRecord[], options: Partial<FlatOptions> = {}, host = new TestHost()) =>
    (await leaves(messages, { rates: ['*-octets'], ...options }, host))
      .filter(({ rate }) => rate !== undefined)
      .map(({ rate }) => rate)

  it('the growth a second of each counter, by its keys', async () => {
    const messages = [at(10, 100), at(10, 7, 'b'), at(20, 150), at(20, 8, 'b'), at(25, '200')]
    assert.deepEqual(await rates(messages), [5, 0.1, 10])
    assert.deepEqual(await rates(messages, { rates: ['octets'] }), [])
    assert.deepEqual(await rates([at(1, '18446744073709551000'), at(2, '18446744073709551600')]), [600])
  })

  it('a counter that began anew has none, nor has a message that is late', async () => {
    const host = new TestHost()
    assert.deepEqual(await rates([at(10, 100), at(20, 50), at(15, 70), at(30, 60)], {}, host), [1])
    assert.deepEqual(host.counters, { 'rate/reset': 1, 'rate/out-of-order': 1 })
  })

  it('a counter that was full goes on from 0; after a long silence there is no rate', async () => {
    const host = new TestHost()
    const wraps = [at(10, 2 ** 32 - 100), at(20, 100), at(30, String(2n ** 64n - 50n)), at(40, '50'), at(50, '40')]
    assert.deepEqual(
      (await rates(wraps, {}, host)).filter(rate => Number(rate) < 1e6),
      [20, 10],
    )
    assert.deepEqual(host.counters, { 'rate/wrap': 2, 'rate/reset': 1 })
    const silent = new TestHost()
    assert.deepEqual(await rates([at(1, 1), at(100, 2), at(101, 5)], { maxGapSeconds: 60 }, silent), [3])
    assert.deepEqual(silent.counters, { 'rate/gap': 1 })
  })

  it('counters are bounded', async () => {
    const host = new TestHost()
    const messages = [at(1, 1, 'a'), at(1, 1, 'b'), at(2, 2, 'a'), at(1, 1, 'c'), at(3, 3, 'a'), at(3, 3, 'b')]
    assert.deepEqual(await rates(messages, { maxSeries: 2 }, host), [1, 1])
    assert.equal(host.counters['rate/forgotten'], 2)
  })
})
