// The same network told by IS-IS and by BGP-LS is the same topology. The UPDATEs are written here after RFC 9552 and its
// companions, with TLVs of their own: nothing of the code that turns IS-IS into BGP-LS is used for them.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NetRecord } from '../../src/contract/record.ts'
import { topologyOperator } from '../../src/operators/topology.ts'
import { LinkStateLog } from '../../src/wire/isis/link-state-log.ts'
import { asPath, attribute, hex, mpReach, mpUnreach, origin, tlv, u16, u24, u32 } from '../support/bgp-writer.ts'
import { type LspShape, lsp, name, neighbor, prefix4 } from '../support/isis-writer.ts'
import { recordsOf, streamOf, TestHost } from '../support/test-host.ts'
import { recordsOfParts } from '../wire/bgp/read.ts'

const ALL = { routes: false, from: [], only: [], everyMs: 0 }
const AFI = 16388
const SAFI = 71

function topology(records: readonly NetRecord[], options = {}): Promise<NetRecord[]> {
  const every = { fields: [], rest: true }
  return recordsOf(topologyOperator.apply(streamOf(records), { ...ALL, ...options }, new TestHost(), every))
}

function isis(...lsps: LspShape[]): NetRecord[] {
  const log = new LinkStateLog({ envelope: { igp_domain: 'isis' }, localAs: undefined, malformed: () => assert.fail() })
  const records: NetRecord[] = []
  for (const shape of lsps) log.take(lsp(shape), 1e6, records)
  return records
}

const session = { timestamp: 1, peer_ip_src: '192.0.2.200', peer_tcp_port: 179, event_type: 'log' }
const node = (type: number, id: string) =>
  tlv(type, [...tlv(512, u32(64500)), ...tlv(513, u32(0)), ...tlv(515, hex(id))])
const nlri = (type: number, ...descriptors: number[][]) =>
  tlv(type, [2, ...new Array(8).fill(0), ...descriptors.flat()])

/** Records of an UPDATE: an NLRI and the TLVs of attribute 29. */
function told(route: number[], ...attributes: number[][]): NetRecord[] {
  const all = [
    ...origin(),
    ...asPath(64500),
    ...mpReach(AFI, SAFI, '192.0.2.1', route),
    ...attribute(29, attributes.flat(), 0x80),
  ]
  return recordsOfParts({ attributes: all }).map(record => ({ ...session, ...record }))
}

const withdrawn = (route: number[]): NetRecord[] =>
  recordsOfParts({ attributes: mpUnreach(AFI, SAFI, route) }).map(record => ({ ...session, ...record }))

const [R1, R2, LAN] = ['000000000001', '000000000002', '00000000000205']
const SID = hex('fc000001000000000000000000000040')

const ISIS: LspShape[] = [
  {
    id: '0000.0000.0001.00-00',
    flags: 0x07,
    tlvs: [
      [1, [3, 0x49, 0, 1]],
      name('r1'),
      [134, [192, 0, 2, 1]],
      [229, [0, 0, 0, 2]],
      [
        242,
        [
          192, 0, 2, 1, 0, 2, 9, 0xc0, 0, 3, 0xe8, 1, 3, 0, 0x3e, 0x80, 19, 2, 0, 1, 22, 9, 0, 0, 0, 100, 1, 3, 0, 0x3a,
          0x98, 23, 2, 1, 10,
        ],
      ],
    ],
  },
  {
    id: '0000.0000.0001.00-01',
    tlvs: [
      [
        22,
        neighbor(
          '0000.0000.0002.00',
          10,
          [
            6, 4, 10, 0, 0, 1, 8, 4, 10, 0, 0, 2, 3, 4, 0, 0, 0, 1, 10, 4, 0x4c, 0xee, 0x6b, 0x28, 18, 3, 0, 0, 7, 31,
            5, 0x30, 1, 0, 0x3a, 0x98,
          ],
        ),
      ],
      [22, neighbor('0000.0000.0002.05', 30, [32, 11, 0x30, 0, 0, 0, 0, 0, 0, 2, 0, 0x3a, 0x99])],
      [222, [0, 2, ...neighbor('0000.0000.0002.00', 12)]],
      [
        135,
        [
          ...prefix4(10, 32, [192, 0, 2, 1], 0x40),
          11,
          3,
          6,
          0x40,
          0,
          0,
          0,
          0,
          1,
          4,
          1,
          0x20,
          ...prefix4(5, 16, [10, 9], 0x80),
        ],
      ],
      [237, [0, 2, 0, 0, 0, 7, 0, 32, 0x20, 1, 0x0d, 0xb8]],
      [27, [0, 2, 0, 0, 0, 3, 0, 0, 64, 0xfc, 0, 0, 1, 0, 0, 0, 0, 28, 5, 26, 0, 0, 1, ...SID, 6, 1, 4, 32, 16, 16, 0]],
    ],
  },
  {
    id: '0000.0000.0002.05-00',
    tlvs: [[22, [...neighbor('0000.0000.0001.00', 0), ...neighbor('0000.0000.0002.00', 0)]]],
  },
]

const local = node(256, R1)
const mt2 = tlv(263, u16(2))
const BGP_LS = [
  ...told(
    nlri(1, local),
    tlv(263, [...u16(0), ...u16(2)]),
    tlv(1024, [0x80]),
    tlv(1026, [...Buffer.from('r1')]),
    tlv(1027, hex('490001')),
    tlv(1028, [192, 0, 2, 1]),
    tlv(1034, [0xc0, 0, ...u24(1000), ...tlv(1161, u24(16000))]),
    tlv(1035, [0, 1]),
    tlv(1036, [0, 0, ...u24(100), ...tlv(1161, u24(15000))]),
    tlv(266, [1, 10]),
  ),
  ...told(
    nlri(2, local, node(257, R2), tlv(259, [10, 0, 0, 1]), tlv(260, [10, 0, 0, 2])),
    tlv(1088, u32(1)),
    tlv(1090, hex('4cee6b28')),
    tlv(1092, u32(7)),
    tlv(1095, u24(10)),
    tlv(1099, [0x30, 1, 0, 0, ...u24(15000)]),
  ),
  ...told(nlri(2, local, node(257, LAN)), tlv(1095, u24(30)), tlv(1100, [0x30, 0, 0, 0, ...hex(R2), ...u24(15001)])),
  ...told(nlri(2, local, node(257, R2), mt2), tlv(1095, u24(12))),
  ...told(
    nlri(3, local, tlv(265, [32, 192, 0, 2, 1])),
    tlv(1155, u32(10)),
    tlv(1158, [0x40, 0, 0, 0, ...u32(1)]),
    tlv(1170, [0x20]),
  ),
  ...told(nlri(3, local, tlv(265, [16, 10, 9])), tlv(1152, [0x80]), tlv(1155, u32(5))),
  ...told(nlri(4, local, mt2, tlv(265, [32, 0x20, 1, 0x0d, 0xb8])), tlv(1155, u32(7))),
  ...told(nlri(4, local, mt2, tlv(265, [64, 0xfc, 0, 0, 1, 0, 0, 0, 0])), tlv(1162, [0, 0, 0, 0, ...u32(3)])),
  ...told(nlri(6, local, mt2, tlv(518, SID)), tlv(1250, [...u16(1), 0, 0]), tlv(1252, [32, 16, 16, 0])),
  ...told(nlri(1, node(256, LAN))),
  ...told(nlri(2, node(256, LAN), node(257, R1)), tlv(1095, u24(0))),
  ...told(nlri(2, node(256, LAN), node(257, R2)), tlv(1095, u24(0))),
]

describe('topology', () => {
  it('of IS-IS and of BGP-LS is the same', async () => {
    const ours = await topology(isis(...ISIS))
    assert.equal(ours.length, 12)
    assert.deepEqual(ours, await topology(BGP_LS))
    assert.deepEqual(
      ours.map(row => JSON.stringify(row)),
      (await topology(BGP_LS)).map(row => JSON.stringify(row)),
    )
  })

  it('so are the routes', async () => {
    const back: LspShape = {
      id: '0000.0000.0002.00-00',
      tlvs: [
        [22, neighbor('0000.0000.0001.00', 10)],
        [135, prefix4(1, 24, [10, 2, 2])],
      ],
    }
    const local2 = node(256, R2)
    const bgp = [
      ...BGP_LS,
      ...told(nlri(1, local2)),
      ...told(nlri(2, local2, node(257, R1)), tlv(1095, u24(10))),
      ...told(nlri(3, local2, tlv(265, [24, 10, 2, 2])), tlv(1155, u32(1))),
    ]
    const routes = await topology(isis(...ISIS, back), { routes: true })
    assert.deepEqual(routes, await topology(bgp, { routes: true }))
    assert.ok(routes.some(({ ip_prefix, igp_metric }) => ip_prefix === '10.2.2.0/24' && igp_metric === 11))
  })

  it('a change and a withdrawal; two sessions that tell the same; the close of all at the end is none', async () => {
    const link = nlri(2, local, node(257, R2))
    const open = { ...session, event_type: 'log_init' }
    const other = (record: NetRecord) => ({ ...record, peer_ip_src: '192.0.2.201' })
    const first = [open, ...told(link, tlv(1095, u24(10)))]
    const metric = async (...records: NetRecord[]) => (await topology(records)).map(row => row.attr_igp_metric)
    assert.deepEqual(await metric(...first, ...told(link, tlv(1095, u24(11)))), [11])
    assert.deepEqual(await metric(...first, ...withdrawn(link)), [])
    assert.deepEqual(await metric(...first, ...first.map(other), ...withdrawn(link)), [10])
    assert.deepEqual(await metric(...first, { ...session, event_type: 'log_close' }), [10])
    assert.deepEqual(await metric(...first, { ...session, event_type: 'log_close' }, other(open)), [])
    assert.deepEqual(await metric(...first, open), [])
  })

  it('what is no link-state record is counted, and so is a router that is not there', async () => {
    const host = new TestHost()
    const every = { fields: [], rest: true }
    const options = { ...ALL, routes: true, from: ['nobody'] }
    await recordsOf(topologyOperator.apply(streamOf([{ ip_prefix: '10.0.0.0/8' }]), options, host, every))
    assert.equal(host.counters['dropped/no-link-state'], 1)
    assert.deepEqual(host.codes, ['topology/no-such-router'])
  })
})
