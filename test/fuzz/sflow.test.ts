import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALL_FIELDS } from '../../src/contract/component.ts'
import { RECORDS_PER_BATCH } from '../../src/contract/record.ts'
import { FlowDecoder } from '../../src/wire/flow/decoder.ts'
import type { FlowDecoderOptions } from '../../src/wire/flow/options.ts'
import { dissect } from '../../src/wire/packet/dissect.ts'
import { ETHERNET_LAYER, IP_LAYER, MPLS_LAYER, PPP_LAYER } from '../../src/wire/packet/layer.ts'
import { Packet } from '../../src/wire/packet/packet.ts'
import { STRUCTURES } from '../../src/wire/sflow/counters.ts'
import { type Random, random } from '../support/random.ts'
import {
  address,
  counterSample,
  discard,
  expandedSample,
  flowSample,
  header,
  legacySample,
  list,
  opaque,
  sflow4,
  sflow5,
  tagged,
  u32,
} from '../support/sflow-writer.ts'
import { ETHERNET, hex, IPV4_TCP, IPV6_UDP } from '../wire/packet/frames.ts'
import { TUNNELS } from '../wire/packet/tunnel-frames.ts'

/** Mutated messages; `NETALLY_FUZZ=1000000` for the long run. */
const MESSAGES = Number(process.env.NETALLY_FUZZ ?? 20_000)
const INTERESTING = [0, 1, 2, 3, 4, 5, 127, 128, 254, 255]
const FRAMES = [
  hex(ETHERNET, '88a8 a064', '8100 00c8', '0800', IPV4_TCP),
  hex(ETHERNET, '86dd', IPV6_UDP),
  ...Object.values(TUNNELS).map(({ octets }) => octets),
]
const GATEWAY = tagged(
  1003,
  address('192.0.2.7'),
  u32(1, 2, 3, 2),
  u32(2),
  list(4, 5),
  u32(1),
  list(6),
  list(7, 8),
  u32(9),
)
const EXTENDED = [
  tagged(1001, u32(1, 2, 3, 4)),
  tagged(1002, address('2001:db8::1'), u32(24, 16)),
  GATEWAY,
  tagged(1004, u32(3), opaque('alice'), u32(3), opaque('bob')),
  tagged(1012, list(1, 2)),
  tagged(1027, u32(14)),
]
const SEEDS: readonly Buffer[] = [
  ...FRAMES.map(frame => sflow5({}, flowSample({}, ...EXTENDED, header(frame)))),
  sflow5({}, expandedSample({}, [0, 1], [2, 3], header(FRAMES[0] as Uint8Array)), flowSample({ sequence: 2 }, GATEWAY)),
  sflow5({}, discard({}, 5, header(FRAMES[1] as Uint8Array), tagged(1042, opaque('why')))),
  sflow5({}, counterSample({}, ...[...STRUCTURES.keys()].map(format => tagged(format, Buffer.alloc(160, 1))))),
  sflow4(4, {}, legacySample({}, Buffer.concat([u32(1, 1, 100), opaque(FRAMES[0] as Uint8Array)]), u32(1, 1, 2, 3, 4))),
  sflow4(2, { agent: '2001:db8::1' }, Buffer.concat([u32(2, 1, 3, 30, 1), Buffer.alloc(88)])),
]

function mutate(from: Random, seed: Uint8Array): Buffer {
  let message = Buffer.from(seed)
  for (let times = 1 + from.whole(6); times > 0; times--) {
    const at = from.whole(message.length)
    const kind = from.whole(8)
    if (kind < 3) message[at] = from.whole(256)
    else if (kind < 5) message[at] = from.pick(INTERESTING)
    else if (kind === 5) message = message.subarray(0, Math.max(8, at))
    else if (kind === 6) message.copy(message, at, from.whole(message.length))
    else message = Buffer.concat([message, message.subarray(at)])
  }
  return message
}

const OPTION_SETS: readonly FlowDecoderOptions[] = [
  {},
  { counters: true, discards: true },
  { innerHeader: true, renormalize: true, ignoreExporterAddress: true },
]

for (const [index, options] of OPTION_SETS.entries()) {
  test(`fuzz: mutated sFlow datagrams, ${JSON.stringify(options)}`, () => {
    const from = random(index + 11)
    const host = { signal: new AbortController().signal, reloads: 0, count() {}, report() {}, watch() {} }
    const decoder = new FlowDecoder(options, host, ALL_FIELDS)
    let records = 0
    const take = (batch: { count: number; records: readonly object[] }) => {
      assert.ok(batch.count > 0 && batch.count <= RECORDS_PER_BATCH)
      assert.equal(batch.records.length, batch.count)
      records += batch.count
    }
    const messages = Math.ceil(MESSAGES / OPTION_SETS.length)
    for (let count = 0; count < messages; count++) {
      const message = mutate(from, from.pick(SEEDS))
      const view = new DataView(message.buffer, message.byteOffset, message.length)
      const exporter = { address: `192.0.2.${from.whole(8)}`, port: 1, family: 4 } as const
      for (const batch of decoder.decode(message, view, 0, message.length, exporter, 1.7e15 + count * 1e5)) take(batch)
    }
    for (const batch of decoder.flush()) take(batch)
    assert.ok(records > messages / 10, `${records} records`)
  })
}

test('fuzz: mutated packets are read within their octets', () => {
  const from = random(7)
  const packet = new Packet()
  let tunnels = 0
  for (let count = 0; count < MESSAGES; count++) {
    const octets = mutate(from, from.pick(FRAMES))
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
    packet.clear()
    dissect(
      from.pick([ETHERNET_LAYER, ETHERNET_LAYER, ETHERNET_LAYER, IP_LAYER, MPLS_LAYER, PPP_LAYER]),
      view,
      0,
      octets.length,
      packet,
    )
    assert.ok(packet.at <= packet.end && packet.end <= octets.length, octets.toString('hex'))
    if (packet.tunnels > 0) tunnels++
  }
  assert.ok(tunnels > MESSAGES / 20, `${tunnels} tunnels`)
})
