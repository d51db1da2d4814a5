import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetRecord } from '../../src/contract/record.ts'
import { jsonText } from '../../src/stream/json.ts'
import { putChecksum } from '../../src/wire/isis/checksum.ts'
import { areasOf, entriesOf, hears, threeWayOf } from '../../src/wire/isis/hello.ts'
import { LinkStateLog } from '../../src/wire/isis/link-state-log.ts'
import { PDU, parsePdu } from '../../src/wire/isis/pdu.ts'
import { pduRecord } from '../../src/wire/isis/pdu-record.ts'
import { threeWayTlv, writeCsnps, writeHello } from '../../src/wire/isis/write.ts'
import { TopologyState } from '../../src/wire/topology/state.ts'
import { lspOctets, name, neighbor, prefix4 } from '../support/isis-writer.ts'
import { type Random, random } from '../support/random.ts'
import { applyAll, findSomeRoutes } from '../support/topology.ts'

/** Mutated PDUs; `NETALLY_FUZZ=1000000` for the long run. */
const PDUS = Number(process.env.NETALLY_FUZZ ?? 20_000)
const END = [5, 26, 0, 0, 1, ...new Array(16).fill(1), 6, 1, 4, 32, 16, 16, 0]
const CAPABILITIES = [192, 0, 2, 1, 0, 2, 9, 0xc0, 0, 3, 0xe8, 1, 3, 0, 0x3e, 0x80, 19, 2, 0, 128]
const SUB_TLVS = [31, 5, 0x30, 0, 0, 0x3a, 0x98, 32, 11, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 9, 6, 4, 10, 0, 0, 1]
const SEEDS = [
  lspOctets({
    id: '0000.0000.0001.00-00',
    tlvs: [name('r1'), [22, neighbor('0000.0000.0002.00', 10, SUB_TLVS)], [242, CAPABILITIES]],
  }),
  lspOctets({
    id: '0000.0000.0002.00-00',
    tlvs: [
      [22, neighbor('0000.0000.0001.00', 10)],
      [135, prefix4(10, 24, [10, 0, 0])],
    ],
  }),
  lspOctets({
    id: '0000.0000.0001.00-00',
    tlvs: [[27, [0, 0, 0, 0, 0, 3, 0, 0, 64, 0xfc, 0, 0, 1, 0, 0, 0, 0, END.length, ...END]]],
  }),
  lspOctets({
    id: '0000.0000.0001.00-00',
    tlvs: [
      [1, [3, 0x49, 0, 1]],
      [229, [0, 0, 0, 2]],
      [237, [0, 2, 0, 0, 0, 5, 0x20, 32, 0x20, 1, 0xd, 0xb8, 4, 1, 2, 0, 0]],
      [222, [0, 2, ...neighbor('0000.0000.0002.00', 10)]],
      [128, new Array(12).fill(255)],
      [2, new Array(12).fill(1)],
    ],
  }),
  writeHello(
    { type: PDU.helloP2p, levels: 3, systemId: '0000.0000.0001', holdSeconds: 30 },
    [threeWayTlv(1, 5, { systemId: '0000.0000.0002', circuit: 1 })],
    undefined,
  ),
  writeHello(
    { type: PDU.lanHello2, levels: 3, systemId: '0000.0000.0001', holdSeconds: 30, lanId: '0000.0000.0001.02' },
    [
      { type: 6, octets: new Uint8Array(12) },
      { type: 1, octets: Uint8Array.of(3, 1, 2, 3) },
    ],
    undefined,
  ),
  ...writeCsnps(
    2,
    '0000.0000.0001',
    [{ id: '0000.0000.0001.00-00', sequence: 1, checksum: 2, lifetimeSeconds: 3 }],
    15,
    undefined,
  ),
]

function mutate(from: Random, seed: Uint8Array): Uint8Array {
  const octets = new Uint8Array(seed)
  for (let times = from.whole(5); times > 0; times--) octets[from.whole(octets.length)] = from.whole(256)
  if (from.chance(0.9))
    new DataView(octets.buffer).setUint16(octets[4] === 17 || octets[4] === 16 ? 17 : 8, octets.length)
  if (from.chance(0.9) && (octets[4] === 18 || octets[4] === 20)) putChecksum(octets)
  return octets
}

test('fuzz: mutated PDUs of IS-IS', () => {
  const from = random(11)
  let [taken, refused, changes] = [0, 0, 0]
  const log = new LinkStateLog({ envelope: { igp_domain: 'isis' }, localAs: undefined, malformed: () => {} })
  const state = new TopologyState()
  for (let index = 0; index < PDUS; index++) {
    const octets = mutate(from, from.pick(SEEDS))
    const pdu = parsePdu(octets, 0, octets.length)
    if (typeof pdu === 'string') {
      refused++
      continue
    }
    taken++
    jsonText(pduRecord(pdu))
    const records: NetRecord[] = []
    if (pdu.kind === 'hello') [threeWayOf(pdu), areasOf(pdu), hears(pdu, '020000000001')]
    else if (pdu.kind !== 'lsp') entriesOf(pdu)
    else log.take(pdu, index * 1e5, records)
    log.age(index * 1e5, records)
    applyAll(state, records)
    changes += records.length
    if (index % 500 === 0) findSomeRoutes(state)
  }
  assert.equal(state.objects.size, log.objects)
  assert.ok(taken > PDUS / 10 && refused > 0 && changes > 0, `${taken} ${refused} ${changes}`)
})
