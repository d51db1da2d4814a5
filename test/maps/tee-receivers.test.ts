import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Problem } from '../../src/contract/problem.ts'
import { parseTeeReceivers, type TeeReceivers } from '../../src/maps/tee-receivers.ts'

const read = (text: string): TeeReceivers => parseTeeReceivers(text, 'tee.lst') as TeeReceivers
const wrong = (text: string): string => (parseTeeReceivers(text, 'tee.lst') as Problem).message

test('pools: receivers, balance, tags, source port', () => {
  const { pools } = read(
    '! all\nid=1 ip=192.0.2.1:2100,[2001:db8::1]:2100,collector.example:9\nid=2 ip=192.0.2.3:1 tag=100,-7 balance-alg=hash-crc32 src_port=99\n',
  )
  assert.deepEqual(
    pools[0]?.receivers.map(({ host, port, name }) => [host, port, name]),
    [
      ['192.0.2.1', 2100, '192.0.2.1:2100'],
      ['2001:db8::1', 2100, '[2001:db8::1]:2100'],
      ['collector.example', 9, 'collector.example:9'],
    ],
  )
  assert.deepEqual([pools[0]?.balance, pools[0]?.tag, pools[0]?.sourcePort], ['all', undefined, undefined])
  assert.deepEqual([pools[1]?.balance, pools[1]?.sourcePort], ['hash-agent', 99])
  assert.deepEqual(
    [100, 7, 8, undefined].map(tag => pools[1]?.tag?.(tag)),
    [true, false, true, true],
  )
})

test('rows that cannot be', () => {
  assert.match(wrong('id=1 ip=192.0.2.1'), /line 1 column 6: ip=192\.0\.2\.1: "192\.0\.2\.1" is not ADDRESS:PORT/)
  assert.match(wrong('id=1 ip=192.0.2.1:0'), /not ADDRESS:PORT/)
  assert.match(wrong('id=1 ip=a:1,a:1'), /a:1 stands twice/)
  assert.match(wrong('id=1'), /the row has no "ip"/)
  assert.match(wrong('ip=a:1'), /the row has no "id"/)
  assert.match(wrong('id=1 ip=a:1\nid=1 ip=b:1'), /line 2: pool 1 stands twice/)
  assert.match(wrong('id=1 ip=a:1 balance-alg=best'), /one of all, rr, hash-agent, hash-tag, hash-crc32/)
  assert.match(wrong('id=1 zmq_address=a:1'), /by UDP and to Kafka only/)
  assert.match(wrong('id=1 kafka_broker=a:1'), /the row has no "ip"/)
  assert.match(wrong('id=1 kafka_broker=a:1 kafka_topic=flows! '), /no name of a topic/)
  assert.match(wrong('id=1 kafka_broker=a/b kafka_topic=flows'), /no HOST:PORT/)
  assert.match(wrong('id=1 ip=a:1 kafka_topic=flows'), /"ip" and a topic/)
  assert.match(wrong('id=1 ip=a:1 weight=1'), /"weight" is no key/)
})

test('topics of Kafka', () => {
  const { pools } = read(
    'id=1 kafka_broker=k1:9092,k2 kafka_topic=flows tag=7\nid=2 ip=kafka://k1/flows,kafka:///other,192.0.2.1:9\n',
  )
  assert.deepEqual(
    pools.map(({ receivers }) => receivers.map(({ name, topic }) => [name, topic?.brokers, topic?.topic])),
    [
      [['kafka://k1:9092,k2/flows', 'k1:9092,k2', 'flows']],
      [
        ['kafka://k1/flows', 'k1', 'flows'],
        ['kafka:///other', '', 'other'],
        ['192.0.2.1:9', undefined, undefined],
      ],
    ],
  )
})
