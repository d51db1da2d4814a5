import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TelemetryDecoder } from '../../../src/wire/telemetry/decoder.ts'
import type { TelemetryDecoderName } from '../../../src/wire/telemetry/options.ts'
import { CISCO_COUNTERS, cisco, gpb } from '../../support/telemetry-writer.ts'
import { TestHost } from '../../support/test-host.ts'

const PEER = { address: '192.0.2.1', port: 5000, family: 4 } as const
const COUNTERS = {
  node_id_str: 'xr1',
  subscription_id_str: 'sub1',
  encoding_path: 'Cisco-IOS-XR-infra-statsd-oper:infra-statistics/interfaces/interface/latest/generic-counters',
  collection_id: 77,
  msg_timestamp: 1_767_225_600_000,
  data_gpbkv: [
    {
      timestamp: 1_767_225_599_900,
      keys: { 'interface-name': 'HundredGigE0/0/0/1' },
      content: {
        'bytes-received': 9_223_372_036_854_775_808n,
        'carrier-transitions': 3,
        offset: -3,
        'is-up': true,
        load: 0.25,
        temperature: 1.5,
        mac: 'AQI=',
        lane: [{ id: 0 }, { id: 1 }],
      },
    },
  ],
}

class Receiver {
  readonly host = new TestHost()
  readonly decoder: TelemetryDecoder

  constructor(decoder: TelemetryDecoderName = 'auto', maxMessageOctets = 10_000) {
    this.decoder = new TelemetryDecoder({ decoder, maxPeers: 2, peerTimeoutMs: 1000, maxMessageOctets }, this.host)
  }

  get data() {
    return [...this.decoder.take()]
      .flatMap(batch => batch.records)
      .filter(({ event_type }) => event_type === 'log')
      .map(({ telemetry_data }) => telemetry_data)
  }

  datagram(datagram: string | Uint8Array) {
    const octets = Buffer.from(datagram)
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
    this.decoder.datagram(octets, view, 0, octets.length, PEER, 1e6)
    return this.data
  }

  stream(...chunks: readonly Uint8Array[]) {
    const session = this.decoder.open(PEER, 1e6)
    for (const chunk of chunks) {
      // The octets of a socket or capture are used again.
      const octets = Buffer.from(chunk)
      this.decoder.octets(session, octets, 1e6)
      octets.fill(0xff)
    }
    this.decoder.close(session, 2e6)
    return this.data
  }
}

describe('Cisco dial-out', () => {
  it('self-describing GPB becomes rows of keys and content', () => {
    assert.deepEqual(new Receiver().datagram(cisco('gpb', CISCO_COUNTERS)), [COUNTERS])
    assert.deepEqual(new Receiver('gpb').datagram(CISCO_COUNTERS), [COUNTERS])
  })

  it('compact GPB stays base64', () => {
    const row = [
      1,
      [
        [1, 5n],
        [10, Buffer.from([1])],
        [11, Buffer.from([2, 3])],
      ],
    ] as const
    const message = gpb([6, 'path'], [12, [row, row]], [99, 'newer'])
    const rows = Array.from({ length: 2 }, () => ({ timestamp: 5, keys: 'AQ==', content: 'AgM=' }))
    assert.deepEqual(new Receiver().datagram(cisco('gpb', message)), [{ encoding_path: 'path', data_gpb: rows }])
  })

  it('JSON, and messages without data', () => {
    assert.deepEqual(new Receiver().datagram(cisco('json', '{"a":1}')), [{ a: 1 }])
    assert.deepEqual(new Receiver().datagram(cisco('json', '{"a":1}', 4)), [])
  })

  it('the header of IOS XR 6.0', () => {
    const header = Buffer.from('000000040000000000000000', 'hex')
    header.writeUInt32BE(CISCO_COUNTERS.length, 8)
    assert.deepEqual(new Receiver('cisco').datagram(Buffer.concat([header, CISCO_COUNTERS])), [COUNTERS])
    header[7] = 1
    const receiver = new Receiver('cisco')
    assert.deepEqual(receiver.datagram(Buffer.concat([header, CISCO_COUNTERS])), [])
    assert.deepEqual(receiver.host.codes, ['cisco-mdt/compressed'])
  })

  it('over TCP, wherever the octets are cut', () => {
    const octets = Buffer.concat([cisco('gpb', CISCO_COUNTERS), cisco('json', '{"a":1}'), cisco('json', '{"b":2}')])
    for (let cut = 0; cut <= octets.length; cut++) {
      const receiver = new Receiver()
      const middle = Math.min(cut + 20, octets.length)
      const got = receiver.stream(octets.subarray(0, cut), octets.subarray(cut, middle), octets.subarray(middle))
      assert.deepEqual(got, [COUNTERS, { a: 1 }, { b: 2 }], `cut at ${cut}`)
      assert.deepEqual(receiver.host.codes, [])
    }
  })

  it('a message that cannot be read does not hold up the next; a wrong header ends the connection', () => {
    const receiver = new Receiver()
    const bad = cisco('json', '{"a":')
    const wrong = Buffer.concat([Buffer.of(0, 1, 0, 9), cisco('json', '{}').subarray(4)])
    assert.deepEqual(receiver.stream(bad, cisco('json', '{"b":1}'), wrong, cisco('json', '{"c":1}')), [{ b: 1 }])
    assert.deepEqual(receiver.host.codes, ['telemetry/json', 'cisco-mdt/header'])
  })

  it('says what is wrong', () => {
    const cases: [string, Uint8Array][] = [
      ['cisco-mdt/header', Buffer.of(0, 1)],
      ['cisco-mdt/truncated', cisco('json', '{"a":1}').subarray(0, 15)],
      ['telemetry/gpb', cisco('gpb', Buffer.of(0x0a, 9, 1))],
      ['telemetry/gpb', cisco('gpb', Buffer.of(0x08))],
      ['telemetry/gpb', cisco('gpb', Buffer.of(0x0b))],
      ['telemetry/gpb', cisco('gpb', Buffer.alloc(12, 0xff))],
      ['telemetry/gpb', cisco('gpb', gpb([6, 5n]))],
    ]
    for (const [code, datagram] of cases) {
      const receiver = new Receiver('cisco')
      assert.deepEqual(receiver.datagram(datagram), [])
      assert.deepEqual(receiver.host.codes, [code])
    }
    const receiver = new Receiver('auto', 100)
    assert.deepEqual(receiver.stream(cisco('json', `{"a":"${'x'.repeat(200)}"}`)), [])
    assert.deepEqual(receiver.host.codes, ['cisco-mdt/too-long'])
  })
})

describe('plain telemetry', () => {
  it('datagrams of one document or several', () => {
    assert.deepEqual(new Receiver().datagram('{"a":1}'), [{ a: 1 }])
    assert.deepEqual(new Receiver().datagram(' {"a":1}\n[2]\n'), [{ a: 1 }, [2]])
    const receiver = new Receiver()
    assert.deepEqual(receiver.datagram('{"a":1}{"b"'), [{ a: 1 }])
    assert.deepEqual(receiver.host.codes, ['telemetry/json'])
  })

  it('connections: a document in several segments, several in one', () => {
    const receiver = new Receiver()
    assert.deepEqual(receiver.stream(Buffer.from('{"a":1}{"b"'), Buffer.from(':{}}\n{"c":1')), [{ a: 1 }, { b: {} }])
    assert.deepEqual(receiver.host.codes, ['telemetry/truncated'])
  })

  it('GPB of others is kept', () => {
    assert.deepEqual(new Receiver('gpb').datagram(gpb([1, 'x'])), [gpb([1, 'x']).toString('base64')])
  })
})
