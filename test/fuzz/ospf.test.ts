import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetRecord } from '../../src/contract/record.ts'
import { jsonText } from '../../src/stream/json.ts'
import { putFletcher } from '../../src/wire/igp/checksum.ts'
import { readBody } from '../../src/wire/ospf/body.ts'
import { LinkStateLog } from '../../src/wire/ospf/link-state-log.ts'
import { isLsaChecksumRight, LSA_CHECKSUM, LSA2, LSA3 } from '../../src/wire/ospf/lsa.ts'
import { isFault, parsePacket } from '../../src/wire/ospf/packet.ts'
import { packetRecord } from '../../src/wire/ospf/packet-record.ts'
import { TopologyState } from '../../src/wire/topology/state.ts'
import {
  CARRIER4,
  CARRIER6,
  link2,
  packetOctets,
  putPacketChecksum,
  quad,
  router2,
  tlv,
  u16,
  u32,
  updateOctets,
} from '../support/ospf-writer.ts'
import { type Random, random } from '../support/random.ts'
import { applyAll, findSomeRoutes } from '../support/topology.ts'

/** Mutated packets; `NETALLY_FUZZ=1000000` for the long run. */
const PACKETS = Number(process.env.NETALLY_FUZZ ?? 20_000)
const NETWORK = [...quad('255.255.255.0'), ...quad('192.0.2.1'), ...quad('192.0.2.2')]
const EXTERNAL = [...quad('255.255.0.0'), ...u32(0x80000014), ...quad('10.0.0.9'), ...u32(7)]
const PREFIX3 = [64, 0, 0, 3, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 1]
const LINKS = [
  link2(1, '192.0.2.2', '10.0.12.1', 10),
  link2(2, '10.0.0.1', '10.0.0.1', 5),
  link2(3, '10.0.1.0', '255.255.255.0', 5),
]
const TE = [...tlv(1, 1), ...tlv(2, ...quad('192.0.2.2')), ...tlv(3, ...quad('10.0.12.1')), ...tlv(5, ...u32(9))]
const RANGE = tlv(9, 0, 3, 0xe8, 0, ...tlv(1, 0, 0x3e, 0x80))
const SEEDS = [
  updateOctets([
    { type: LSA2.router, body: router2(LINKS, 3) },
    { type: LSA2.network, id: '10.0.0.1', body: NETWORK },
    {
      type: LSA2.router,
      router: '192.0.2.2',
      body: router2([link2(1, '192.0.2.1', '10.0.12.2', 10), LINKS[1] as number[]]),
    },
  ]),
  updateOctets([
    { type: LSA2.summary, id: '10.2.0.0', body: [...quad('255.255.0.0'), ...u32(7)] },
    { type: LSA2.asbrSummary, id: '192.0.2.9', body: [0, 0, 0, 0, ...u32(7)] },
    { type: LSA2.external, id: '10.9.0.0', body: EXTERNAL },
    { type: LSA2.nssa, id: '10.8.0.0', options: 8, body: EXTERNAL },
  ]),
  updateOctets([
    { type: LSA2.opaqueArea, id: '1.0.0.1', body: tlv(2, ...TE) },
    { type: LSA2.opaqueAs, id: '4.0.0.0', body: [...tlv(7, 65, 66), ...RANGE] },
    {
      type: LSA2.opaqueArea,
      id: '7.0.0.1',
      body: tlv(1, 1, 24, 0, 0x40, 10, 0, 1, 0, ...tlv(2, 0, 0, 0, 0, ...u32(5))),
    },
    {
      type: LSA2.opaqueArea,
      id: '8.0.0.1',
      body: tlv(1, 1, 0, 0, 0, ...quad('192.0.2.2'), ...quad('10.0.12.1'), ...tlv(2, 0, 0, 0, 0, 0, 1, 2)),
    },
  ]),
  updateOctets(
    [
      {
        type: LSA3.router,
        id: '0.0.0.0',
        body: [3, 0, 0, 0x13, 2, 0, 0, 9, ...u32(5), ...u32(5), ...quad('192.0.2.1')],
      },
      { type: LSA3.network, id: '0.0.0.5', body: [0, 0, 0, 0x13, ...quad('192.0.2.1'), ...quad('192.0.2.2')] },
      {
        type: LSA3.intraAreaPrefix,
        body: [...u16(1), ...u16(LSA3.router), ...quad('0.0.0.0'), ...quad('192.0.2.1'), ...PREFIX3],
      },
      { type: LSA3.interAreaPrefix, body: [...u32(9), ...PREFIX3] },
      { type: LSA3.interAreaRouter, body: [0, 0, 0, 0, ...u32(9), ...quad('192.0.2.9')] },
      { type: LSA3.external, body: [7, 0, 0, 9, ...PREFIX3, ...new Array<number>(16).fill(2), ...u32(7)] },
      { type: LSA3.informationArea, body: tlv(7, 65, 66, 67) },
    ],
    3,
  ),
  packetOctets(1, [...new Array<number>(20).fill(1), ...quad('192.0.2.2')]),
  packetOctets(2, [...new Array<number>(8).fill(1), ...new Array<number>(20).fill(2)]),
  packetOctets(3, new Array<number>(24).fill(0), 3),
]

/** Changes octets, and makes the checksums right again, mostly. */
function mutate(from: Random, seed: Uint8Array): Uint8Array {
  const octets = new Uint8Array(seed)
  const view = new DataView(octets.buffer)
  for (let times = from.whole(5); times > 0; times--) octets[4 + from.whole(octets.length - 4)] = from.whole(256)
  const bodyAt = octets[0] === 2 ? 28 : 20
  for (let at = bodyAt; octets[1] === 4 && from.chance(0.9) && at + 20 <= octets.length; ) {
    const length = view.getUint16(at + 18)
    if (length < 20 || at + length > octets.length) break
    putFletcher(octets.subarray(at, at + length), LSA_CHECKSUM)
    at += length
  }
  if (octets[0] === 2 && from.chance(0.9)) octets.fill(0, 14, 24)
  if (from.chance(0.95)) {
    putPacketChecksum(octets, octets[0] === 2 ? CARRIER4 : CARRIER6)
    if (octets[0] === 2 && octets[15] !== 0) octets[15] = 2
  }
  return from.chance(0.1) ? octets.slice(0, from.whole(octets.length)) : octets
}

test('fuzz: mutated packets of OSPF', () => {
  const from = random(11)
  let [taken, refused, changes, malformed] = [0, 0, 0, 0]
  const log = new LinkStateLog({
    envelope: { igp_domain: 'ospf' },
    localAs: undefined,
    malformed: () => {
      malformed++
    },
    crowded: () => {},
  })
  const state = new TopologyState()
  for (let index = 0; index < PACKETS; index++) {
    const octets = mutate(from, from.pick(SEEDS))
    const carrier = octets[0] === 2 ? CARRIER4 : CARRIER6
    const packet = parsePacket(octets, 0, octets.length, carrier)
    const body = isFault(packet) ? packet.message : readBody(packet)
    if (isFault(packet) || typeof body === 'string') {
      refused++
      continue
    }
    taken++
    jsonText(packetRecord(packet, body, carrier))
    const records: NetRecord[] = []
    const lsas = body.kind === 'update' ? body.lsas.filter(isLsaChecksumRight) : []
    for (const lsa of lsas) log.take(lsa, packet.instance, packet.areaId, index * 1e5, records)
    if (index % 100 === 0) log.age(index * 1e5, records)
    applyAll(state, records)
    changes += records.length
    if (index % 500 === 0) findSomeRoutes(state)
  }
  assert.equal(state.objects.size, log.objects)
  assert.ok(
    taken > PACKETS / 10 && refused > 0 && changes > 0 && malformed > 0,
    `${taken} ${refused} ${changes} ${malformed}`,
  )
  // All that was said goes when all ages end, and nothing is left behind.
  const records: NetRecord[] = []
  for (const seconds of [4000, 8000]) log.age((PACKETS * 0.1 + seconds) * 1e6, records)
  applyAll(state, records)
  assert.equal(state.objects.size, log.objects)
  assert.ok([...log.database.lsas.values()].every(({ lsa }) => lsa.isAgeless))
})
