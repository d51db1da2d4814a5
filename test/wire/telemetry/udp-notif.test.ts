import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { TelemetryDecoder } from '../../../src/wire/telemetry/decoder.ts'
import type { TelemetryDecoderOptions } from '../../../src/wire/telemetry/options.ts'
import { INCOMPLETE_MESSAGES, SEGMENT_WAIT_US } from '../../../src/wire/telemetry/segments.ts'
import { SUBSCRIPTIONS_PER_NODE } from '../../../src/wire/telemetry/subscriptions.ts'
import { udpNotif, udpNotifSegments } from '../../support/telemetry-writer.ts'
import { TestHost } from '../../support/test-host.ts'

const OPTIONS: TelemetryDecoderOptions = {
  decoder: 'auto',
  maxPeers: 2,
  peerTimeoutMs: 300_000,
  maxMessageOctets: 10_000,
}

class Receiver {
  readonly host = new TestHost()
  readonly decoder: TelemetryDecoder
  timeUs = 1_000_000

  constructor(options: Partial<TelemetryDecoderOptions> = {}) {
    this.decoder = new TelemetryDecoder({ ...OPTIONS, ...options }, this.host)
  }

  send(datagram: Uint8Array, address = '192.0.2.1', port = 5000): NetRecord[] {
    const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length)
    this.decoder.datagram(datagram, view, 0, datagram.length, { address, port, family: 4 }, this.timeUs)
    return this.taken()
  }

  taken(): NetRecord[] {
    return [...this.decoder.take()].flatMap(batch => batch.records)
  }
}

const data = (records: readonly NetRecord[]) =>
  records.filter(({ event_type }) => event_type === 'log').map(({ telemetry_data }) => telemetry_data)
const notification = (name: string, contents: object): string =>
  JSON.stringify({ 'ietf-notification:notification': { eventTime: '2026-01-01T00:00:00Z', [name]: contents } })

describe('UDP-notif', () => {
  it('segments and messages that are lost or come late are counted', () => {
    const receiver = new Receiver()
    const [first, second, third] = udpNotifSegments('{"abc":1}', 3, { message: 1 }) as [Buffer, Buffer, Buffer]
    receiver.send(udpNotif('{}'))
    for (const segment of [third, first, udpNotif('{}', { message: 5 }), udpNotif('{}', { message: 4 })]) {
      receiver.send(segment)
    }
    receiver.send(second, '192.0.2.2')
    receiver.decoder.finish(2)
    const { counters } = receiver.host
    assert.equal(counters['udp-notif/segments-out-of-order'], 1)
    assert.equal(counters['udp-notif/incomplete'], 2)
    // One of the first node's, two or more of the second's.
    assert.equal(counters['udp-notif/segments-lost'], 3)
    assert.equal(counters['lost/udp-notif-messages'], 3)
    assert.equal(counters['udp-notif/out-of-order'], 1)
  })

  it('a private encoding is base64, with what the node calls it', () => {
    const options = Buffer.concat([Buffer.of(2, 8), Buffer.from('my-gpb')])
    const [, record] = new Receiver().send(udpNotif('xy', { isPrivate: true, type: 3, options }))
    assert.deepEqual([record?.telemetry_data, record?.serialization], ['eHk=', 'unknown'])
    assert.equal(record?.private_encoding, 'my-gpb')
  })

  it('a message is a record, the first of a node opens it', () => {
    assert.deepEqual(new Receiver().send(udpNotif('{"a":12345678901234567890}')), [
      { event_type: 'log_init', seq: 0, timestamp: 1, telemetry_node: '192.0.2.1', telemetry_node_port: 5000 },
      {
        event_type: 'log',
        seq: 1,
        timestamp: 1,
        telemetry_node: '192.0.2.1',
        telemetry_port: 5000,
        telemetry_data: { a: 12_345_678_901_234_567_890n },
        serialization: 'json',
        session_protocol: 'yang-push',
      },
    ])
  })

  it('segments come in any order, doubled, and among those of others', () => {
    const receiver = new Receiver()
    const payload = JSON.stringify({ text: 'x'.repeat(100) })
    const one = udpNotifSegments(payload, 30, { message: 1 })
    const other = udpNotifSegments('{"b":[1,2,3]}', 5, { message: 1, publisher: 8 })
    const got = [...one.reverse().slice(0, -1), one[0] as Buffer, ...other, one.at(-1) as Buffer].flatMap(part =>
      receiver.send(part),
    )
    assert.deepEqual(data(got), [{ b: [1, 2, 3] }, JSON.parse(payload)])
    assert.equal(receiver.host.counters['udp-notif/doubled'], 1)
    assert.equal(receiver.decoder.heldOctets, 0)
  })

  it('what misses a segment is given up after a while', () => {
    const receiver = new Receiver()
    receiver.send(udpNotifSegments('{"a":"1234567890"}', 8, { message: 1 })[0] as Buffer)
    assert.equal(receiver.decoder.heldOctets, 8)
    receiver.timeUs += SEGMENT_WAIT_US + 1
    receiver.decoder.expire(receiver.timeUs)
    assert.equal(receiver.decoder.heldOctets, 0)
    assert.equal(receiver.host.counters['udp-notif/incomplete'], 1)
  })

  it('segments that wait are bounded, by message and in number', () => {
    const receiver = new Receiver()
    for (const part of udpNotifSegments('x'.repeat(12_000), 5000, { message: 1 })) receiver.send(part)
    assert.equal(receiver.host.counters['udp-notif/too-long'], 1)
    for (let message = 2; message < INCOMPLETE_MESSAGES + 4; message++) {
      receiver.send(udpNotif('x', { message, segment: [0, false] }))
    }
    assert.equal(receiver.host.counters['udp-notif/incomplete'], 2)
    assert.equal(receiver.decoder.heldOctets, INCOMPLETE_MESSAGES)
  })

  it('a segment after the last one is no whole', () => {
    const receiver = new Receiver()
    receiver.send(udpNotif('{', { segment: [0, false] }))
    receiver.send(udpNotif('}', { segment: [2, false] }))
    assert.deepEqual(data(receiver.send(udpNotif('', { segment: [1, true] }))), [{}])
    receiver.send(udpNotif('{', { message: 1, segment: [0, false] }))
    receiver.send(udpNotif('}', { message: 1, segment: [5, false] }))
    assert.deepEqual(data(receiver.send(udpNotif('', { message: 1, segment: [2, true] }))), [])
  })

  it('XML and CBOR become JSON, unknown media types base64', () => {
    const receiver = new Receiver()
    const cbor = Buffer.from('a1616182f51903e8', 'hex')
    assert.deepEqual(data(receiver.send(udpNotif('<a><b>1</b></a>', { type: 2 }))), [{ a: { b: '1' } }])
    assert.deepEqual(data(receiver.send(udpNotif(cbor, { type: 3 }))), [{ a: [true, 1000] }])
    const [unknown] = receiver.send(udpNotif('\x01\x02', { type: 1, isPrivate: true }))
    assert.equal(unknown?.telemetry_data, 'AQI=')
    assert.equal(unknown?.serialization, 'unknown')
  })

  it('version 0 has other numbers', () => {
    const receiver = new Receiver()
    assert.deepEqual(data(receiver.send(udpNotif('{"a":1}', { version: 0, type: 1 }))), [{ a: 1 }])
    assert.deepEqual(data(receiver.send(udpNotif('{"a":1}', { version: 0, type: 2, message: 1 }))), [{ a: 1 }])
    assert.deepEqual(data(receiver.send(udpNotif(Buffer.from('a0', 'hex'), { version: 0, type: 0, message: 2 }))), [{}])
  })

  it('an update has the subscription that its node told, until that ends', () => {
    const receiver = new Receiver()
    const started = { id: 4, encoding: 'encode-json' }
    const send = (name: string, contents: object, address?: string) =>
      receiver.send(udpNotif(notification(name, contents)), address).at(-1)?.yang_push_subscription
    assert.equal(send('ietf-yang-push:push-update', { id: 4 }), undefined)
    assert.equal(send('ietf-subscribed-notifications:subscription-started', started), undefined)
    assert.deepEqual(send('ietf-yang-push:push-update', { id: 4 }), started)
    assert.equal(send('ietf-yang-push:push-update', { id: 4 }, '192.0.2.2'), undefined)
    assert.equal(send('ietf-subscribed-notifications:subscription-modified', { ...started, dscp: 1 }), undefined)
    assert.deepEqual(send('ietf-yang-push:push-change-update', { id: 4 }), { ...started, dscp: 1 })
    assert.deepEqual(send('ietf-subscribed-notifications:subscription-terminated', { id: 4 }), { ...started, dscp: 1 })
    assert.equal(send('ietf-yang-push:push-update', { id: 4 }), undefined)
  })

  it('subscriptions of a node are bounded', () => {
    const receiver = new Receiver()
    for (let id = 0; id <= SUBSCRIPTIONS_PER_NODE; id++) {
      receiver.send(udpNotif(notification('subscription-started', { id })))
    }
    assert.equal(receiver.host.counters['telemetry/subscriptions-over-limit'], 1)
    const [update] = receiver.send(udpNotif(notification('push-update', { id: 1 })))
    assert.deepEqual(update?.yang_push_subscription, { id: 1 })
    assert.equal(receiver.send(udpNotif(notification('push-update', { id: 0 })))[0]?.yang_push_subscription, undefined)
  })

  it('messages that did not come are counted, a restart is none', () => {
    const receiver = new Receiver()
    for (const message of [10, 11, 14, 12, 15, 100_000, 0]) receiver.send(udpNotif('{}', { message }))
    receiver.send(udpNotif('{}', { message: 77, publisher: 8 }))
    assert.equal(receiver.host.counters['lost/udp-notif-messages'], 2)
  })

  it('nodes are bounded, and closed when they are silent', () => {
    const receiver = new Receiver()
    for (const last of [1, 2, 3]) receiver.send(udpNotif('{}'), `192.0.2.${last}`)
    assert.equal(receiver.host.counters['peers-refused'], 1)
    assert.deepEqual(receiver.host.codes, ['telemetry/too-many-peers'])
    receiver.timeUs += 300_000_001
    const records = receiver.send(udpNotif('{}', { message: 1 }), '192.0.2.3')
    assert.deepEqual(
      records.map(({ event_type, telemetry_node }) => `${event_type} ${telemetry_node}`),
      ['log_close 192.0.2.1', 'log_close 192.0.2.2', 'log_init 192.0.2.3', 'log 192.0.2.3'],
    )
  })

  it('what is damaged is reported, not written', () => {
    const whole = udpNotif('{"a":1}')
    const cases: [string, Buffer][] = [
      ['udp-notif/truncated', whole.subarray(0, 11)],
      ['udp-notif/truncated', whole.subarray(0, 15)],
      ['udp-notif/version', Buffer.concat([Buffer.of(0x41), whole.subarray(1)])],
      ['udp-notif/malformed', Buffer.concat([Buffer.of(0x21, 11), whole.subarray(2)])],
      ['udp-notif/malformed', udpNotif('{}', { options: Buffer.of(9, 1) })],
      ['udp-notif/malformed', udpNotif('{}', { options: Buffer.of(9, 3) })],
      ['udp-notif/malformed', udpNotif('{}', { options: Buffer.of(1, 3, 0) })],
      ['telemetry/json', udpNotif('{"a":')],
      ['telemetry/json', udpNotif('{"a":x}')],
      ['telemetry/too-deep', udpNotif('['.repeat(200) + ']'.repeat(200))],
      ['telemetry/xml', udpNotif('<a><b></a>', { type: 2 })],
      ['telemetry/cbor', udpNotif(Buffer.of(0x82, 1), { type: 3 })],
    ]
    for (const [code, datagram] of cases) {
      const receiver = new Receiver({ decoder: 'udp-notif' })
      assert.deepEqual(data(receiver.send(datagram)), [])
      assert.deepEqual(receiver.host.codes, [code], datagram.toString('latin1'))
    }
    const receiver = new Receiver()
    receiver.send(Buffer.from('<13>syslog'))
    assert.deepEqual(receiver.host.codes, ['telemetry/unknown-encoding'])
  })

  it('options that are not known are passed over', () => {
    assert.deepEqual(data(new Receiver().send(udpNotif('{"a":1}', { options: Buffer.of(9, 4, 1, 2, 10, 2) }))), [
      { a: 1 },
    ])
  })
})
