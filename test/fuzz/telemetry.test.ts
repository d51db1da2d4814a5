import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RECORDS_PER_BATCH } from '../../src/contract/record.ts'
import { jsonText } from '../../src/stream/json.ts'
import { TelemetryDecoder } from '../../src/wire/telemetry/decoder.ts'
import { TELEMETRY_DECODERS } from '../../src/wire/telemetry/options.ts'
import { type Random, random } from '../support/random.ts'
import { CISCO_COUNTERS, cisco, jti, jtiPort, udpNotif, udpNotifSegments } from '../support/telemetry-writer.ts'

/** Mutated messages; `NETALLY_FUZZ=1000000` for the long run. */
const MESSAGES = Number(process.env.NETALLY_FUZZ ?? 20_000)
const INTERESTING = [0, 1, 2, 0x0c, 0x10, 0x1f, 0x22, 0x5b, 0x7b, 0x7d, 0x7f, 0x9f, 0xbf, 0xff]
const UPDATE =
  '{"ietf-notification:notification":{"eventTime":"2026-01-01T00:00:00Z","ietf-yang-push:push-update":{"id":4}}}'
const XML = '<notification xmlns="urn:x:y"><push-update><id>4</id><a b="c">&amp;</a></push-update></notification>'
const CBOR = Buffer.from('bf6161a2616282f5fb3ff199999999999a6163c482210103ff', 'hex')
const SEEDS: Buffer[] = [
  udpNotif(UPDATE),
  ...udpNotifSegments(UPDATE, 40, { message: 1 }),
  udpNotif(UPDATE.replace('push-update', 'subscription-started')),
  udpNotif(XML, { type: 2 }),
  udpNotif(CBOR, { type: 3 }),
  udpNotif(UPDATE, { version: 0 }),
  cisco('gpb', CISCO_COUNTERS),
  cisco('json', UPDATE),
  Buffer.from(`${UPDATE}\n${UPDATE}`),
  CISCO_COUNTERS,
  jti(3, jtiPort(2n ** 63n)),
  jti(4242, [[1, 'a']]),
]
const COMMON = { maxPeers: 4, peerTimeoutMs: 1000, maxMessageOctets: 4096 }

function mutate(from: Random, seed: Uint8Array): Buffer {
  let message = Buffer.from(seed)
  for (let times = from.whole(5); times > 0; times--) {
    const at = from.whole(message.length)
    const kind = from.whole(8)
    if (kind < 3) message[at] = from.whole(256)
    else if (kind < 5) message[at] = from.pick(INTERESTING)
    else if (kind === 5) message = message.subarray(0, Math.max(1, at))
    else if (kind === 6) message.copy(message, at, from.whole(message.length))
    else message = Buffer.concat([message, message.subarray(at)])
  }
  return message
}

for (const [index, name] of TELEMETRY_DECODERS.entries()) {
  test(`fuzz: mutated telemetry, ${name}`, () => {
    const from = random(index + 31)
    let problems = 0
    const witness = { count() {}, report: () => problems++ }
    const decoder = new TelemetryDecoder({ ...COMMON, decoder: name }, witness)
    let records = 0
    const take = () => {
      for (const batch of decoder.take()) {
        assert.ok(batch.count > 0 && batch.count <= RECORDS_PER_BATCH)
        for (const record of batch.records) JSON.parse(jsonText(record))
        records += batch.count
      }
    }
    const messages = Math.ceil(MESSAGES / TELEMETRY_DECODERS.length)
    for (let count = 0; count < messages; count++) {
      const message = mutate(from, from.pick(SEEDS))
      const view = new DataView(message.buffer, message.byteOffset, message.length)
      const peer = { address: `192.0.2.${from.whole(8)}`, port: 1, family: 4 } as const
      decoder.datagram(message, view, 0, message.length, peer, 1.7e15 + count * 1e5)
      take()
    }
    decoder.finish(1.8e15)
    take()
    assert.equal(decoder.heldOctets, 0)
    assert.ok(records > messages / 20, `${records} records`)
    assert.ok(name === 'gpb' || problems > messages / 20, `${problems} problems`)
  })
}

test('fuzz: mutated bodies of requests: all of one is taken, or nothing', () => {
  const from = random(91)
  const decoder = new TelemetryDecoder({ ...COMMON, decoder: 'auto' }, { count() {}, report() {} })
  const peer = { address: '192.0.2.1', port: 1, family: 4 } as const
  const bodies = {
    json: [UPDATE, `[${UPDATE},${UPDATE}]`, `${UPDATE}\n${UPDATE}`].map(text => Buffer.from(text)),
    xml: [Buffer.from(XML)],
    cbor: [CBOR],
  }
  const taken = { refused: 0, whole: 0 }
  for (let count = 0; count < MESSAGES / 10; count++) {
    const encoding = from.pick(['json', 'xml', 'cbor'] as const)
    const problem = decoder.body(mutate(from, from.pick(bodies[encoding])), encoding, peer, 1)
    const records = [...decoder.take()].flatMap(batch => batch.records).filter(({ event_type }) => event_type === 'log')
    for (const record of records) JSON.parse(jsonText(record))
    assert.equal(problem === undefined, records.length > 0, `${problem?.code}, ${records.length} records`)
    taken[problem ? 'refused' : 'whole']++
  }
  assert.ok(taken.refused > MESSAGES / 100 && taken.whole > MESSAGES / 100, JSON.stringify(taken))
})

test('fuzz: connections with mutated telemetry', () => {
  const from = random(77)
  const decoder = new TelemetryDecoder({ ...COMMON, decoder: 'auto' }, { count() {}, report() {} })
  const peer = { address: '192.0.2.1', port: 1, family: 4 } as const
  let records = 0
  for (let count = 0; count < MESSAGES / 10; count++) {
    const session = decoder.open(peer, 1)
    const seeds = from.chance(0.5) ? [cisco('gpb', CISCO_COUNTERS), cisco('json', UPDATE)] : [Buffer.from(UPDATE)]
    for (let messages = from.whole(6); messages > 0 && !session.isOver; messages--) {
      const message = mutate(from, from.pick(seeds))
      const cut = from.whole(message.length)
      decoder.octets(session, message.subarray(0, cut), 1)
      decoder.octets(session, message.subarray(cut), 1)
      assert.ok((session.stream?.rest ?? 0) <= COMMON.maxMessageOctets + 2 * message.length + 12)
    }
    decoder.close(session, 2)
    for (const batch of decoder.take()) records += batch.records.filter(({ event_type }) => event_type === 'log').length
  }
  assert.ok(records > MESSAGES / 20, `${records} records`)
})
