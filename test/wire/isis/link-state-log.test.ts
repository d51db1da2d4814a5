import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { LinkStateLog } from '../../../src/wire/isis/link-state-log.ts'
import { idOctets } from '../../../src/wire/isis/write.ts'
import { type LspShape, lsp, name, neighbor, prefix4 } from '../../support/isis-writer.ts'

const ID = '0000.0000.0001.00-00'

class Log {
  readonly malformed: number[] = []
  readonly log = new LinkStateLog({
    envelope: { igp_domain: 'isis' },
    localAs: undefined,
    malformed: (_lsp, type) => this.malformed.push(type),
  })

  /** Outcome, then what was written, without what all records have. */
  take(shape: LspShape, seconds = 100): [string, NetRecord[]] {
    const records: NetRecord[] = []
    return [this.log.take(lsp(shape), seconds * 1e6, records), records.map(short)]
  }

  age(seconds: number): NetRecord[] {
    const records: NetRecord[] = []
    this.log.age(seconds * 1e6, records)
    return records.map(short)
  }
}

function short(record: NetRecord): NetRecord {
  const {
    seq: _seq,
    timestamp: _time,
    igp_domain: _domain,
    event_type: _event,
    afi: _afi,
    safi: _safi,
    ...rest
  } = record
  return rest
}

const objects = (records: readonly NetRecord[]): string[] =>
  records.map(({ log_type, nlri_type, remote_igp_rtr_id, ip_reach }) =>
    [log_type, nlri_type, remote_igp_rtr_id ?? ip_reach ?? ''].join(' ').trim(),
  )

const of = (log: Log, tlvs: LspShape['tlvs']): NetRecord[] => log.take({ id: ID, tlvs: tlvs ?? [] })[1]

describe('the link-state database', () => {
  it('newer LSPs are taken, others not; only what changed is told', () => {
    const log = new Log()
    const tlvs = [name('r1'), [135, [...prefix4(10, 24, [10, 0, 0]), ...prefix4(20, 24, [10, 0, 1])]]] as const
    const [outcome, first] = log.take({ id: ID, sequence: 5, tlvs })
    assert.equal(outcome, 'taken')
    assert.deepEqual(objects(first), [
      'update IPv4 Topology Prefix 10.0.0.0/24',
      'update IPv4 Topology Prefix 10.0.1.0/24',
      'update Node',
    ])
    assert.deepEqual(log.take({ id: ID, sequence: 5, tlvs }), ['same', []])
    assert.deepEqual(log.take({ id: ID, sequence: 4, tlvs }), ['older', []])
    assert.deepEqual(log.take({ id: ID, sequence: 6, tlvs }), ['taken', []])
    const changed = [name('r1'), [135, prefix4(11, 24, [10, 0, 0])]] as const
    assert.deepEqual(objects(log.take({ id: ID, sequence: 7, tlvs: changed })[1]), [
      'withdraw IPv4 Topology Prefix 10.0.1.0/24',
      'update IPv4 Topology Prefix 10.0.0.0/24',
    ])
  })

  it('a purge takes all, and an older LSP does not come back', () => {
    const log = new Log()
    log.take({ id: ID, sequence: 5, tlvs: [[135, prefix4(10, 24, [10, 0, 0])]] })
    const [outcome, records] = log.take({
      id: ID,
      sequence: 5,
      lifetime: 0,
      tlvs: [[13, [1, ...idOctets(ID.slice(0, 14))]]],
    })
    assert.equal(outcome, 'purged')
    assert.deepEqual(objects(records), ['withdraw IPv4 Topology Prefix 10.0.0.0/24', 'withdraw Node'])
    assert.equal(log.take({ id: ID, sequence: 5 })[0], 'older')
    assert.equal(log.take({ id: ID, sequence: 5, lifetime: 0 })[0], 'same')
    assert.equal(log.take({ id: ID, sequence: 6 })[0], 'taken')
  })

  it('a lifetime ends', () => {
    const log = new Log()
    log.take({ id: ID, lifetime: 30 }, 100)
    assert.deepEqual(log.age(129), [])
    assert.deepEqual(objects(log.age(131)), ['withdraw Node'])
    assert.equal(log.log.database.lsps.size, 1)
    log.age(131 + 60)
    assert.equal(log.log.database.lsps.size, 0)
    assert.equal(log.log.objects, 0)
  })

  it('fragments are one node; without fragment 0 there is none', () => {
    const log = new Log()
    const fragment = '0000.0000.0001.00-01'
    assert.deepEqual(log.take({ id: fragment, tlvs: [[135, prefix4(10, 24, [10, 0, 1])]] })[1], [])
    const [, records] = log.take({ id: ID, tlvs: [[135, prefix4(10, 24, [10, 0, 0])]] })
    assert.equal(records.length, 3)
    const purged = log.take({ id: ID, sequence: 2, lifetime: 0 })[1]
    assert.deepEqual(objects(purged).sort(), [
      'withdraw IPv4 Topology Prefix 10.0.0.0/24',
      'withdraw IPv4 Topology Prefix 10.0.1.0/24',
      'withdraw Node',
    ])
  })

  it('levels and pseudonodes are apart', () => {
    const log = new Log()
    log.take({ id: ID, level: 1 })
    log.take({ id: ID, level: 2 })
    const [, records] = log.take({ id: '0000.0000.0001.05-00', tlvs: [[22, neighbor('0000.0000.0002.00', 0)]] })
    assert.equal(log.log.objects, 4)
    assert.deepEqual(records[0], {
      log_type: 'update',
      attr_igp_metric: 0,
      nlri_type: 'Link',
      proto: 'IS-IS Level 2',
      local_igp_rtr_id: '0000.0000.0001-05',
      pseudonode: 'true',
      remote_igp_rtr_id: '0000.0000.0002',
    })
  })
})

describe('TLVs as attributes of BGP-LS', () => {
  it('node: areas, name, router ids, overload, SR, SRv6, MSD', () => {
    const capabilities = [192, 0, 2, 1, 0]
    const tlvs: LspShape['tlvs'] = [
      [1, [3, 0x49, 0, 1, 1, 0x47]],
      name('core'),
      [134, [192, 0, 2, 1]],
      [229, [0, 0, 0x40, 2]],
      [242, [...capabilities, 2, 9, 0xc0, 0, 3, 0xe8, 1, 3, 0, 0x3e, 0x80, 19, 2, 0, 128, 23, 2, 1, 10, 25, 2, 0, 0]],
      [242, [...capabilities, 22, 9, 0, 0, 0, 100, 1, 3, 0, 0x3a, 0x98]],
    ]
    const [node] = new Log().take({ id: ID, flags: 0x07, tlvs })[1]
    assert.deepEqual(node, {
      log_type: 'update',
      attr_multi_topology_ids: [0, 2],
      attr_node_msd: ['010a'],
      attr_node_flags: '80',
      attr_node_name: 'core',
      attr_isis_area_id: ['490001', '47'],
      attr_v4_rid_local: '192.0.2.1',
      attr_sr_capabilities: { flags: 'c0', ranges: [{ range: 1000, label: 16000 }] },
      attr_sr_algorithms: [0, 128],
      attr_sr_local_block: { flags: '0', ranges: [{ range: 100, label: 15000 }] },
      attr_srv6_capabilities: '0000',
      nlri_type: 'Node',
      proto: 'IS-IS Level 2',
      local_igp_rtr_id: '0000.0000.0001',
    })
  })

  it('link: addresses, ids, TE, delay, adjacency SIDs, End.X', () => {
    const sid = [0xfc, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    const sub = [
      ...[8, 4, 10, 0, 0, 2, 6, 4, 10, 0, 0, 1, 4, 8, 0, 0, 0, 5, 0, 0, 0, 6],
      ...[3, 4, 0, 0, 0, 0xff, 9, 4, 0x4c, 0xee, 0x6b, 0x28, 18, 3, 0, 1, 0, 33, 4, 0, 0, 0, 100],
      ...[31, 5, 0x30, 0, 0, 0x3a, 0x98, 43, 22, 0, 0, 0, 0, 5, ...sid, 0],
    ]
    const unnumbered = [22, neighbor('0000.0000.0003.00', 1, [4, 8, 0, 0, 0, 5, 0, 0, 0, 6])] as const
    const risk = [138, [...idOctets('0000.0000.0003.00'), 0, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 9, 0, 0, 1, 0]] as const
    const [link, other] = of(new Log(), [[22, neighbor('0000.0000.0002.00', 100, sub)], risk, unnumbered])
    assert.deepEqual(other?.attr_srlg, [9, 256])
    assert.deepEqual(link, {
      log_type: 'update',
      attr_admin_group: 'ff',
      attr_max_bw: 1_000_000_000,
      attr_te_df_metric: 256,
      attr_igp_metric: 100,
      attr_adj_sid: [{ flags: '30', weight: 0, label: 15000 }],
      attr_srv6_end_x_sid: [{ behavior: 5, flags: '0', algorithm: 0, weight: 0, sid: 'fc00::1' }],
      attr_link_delay_usec: 100,
      nlri_type: 'Link',
      proto: 'IS-IS Level 2',
      local_igp_rtr_id: '0000.0000.0001',
      remote_igp_rtr_id: '0000.0000.0002',
      link_local_id: 5,
      link_remote_id: 6,
      local_addr_v4: '10.0.0.1',
      neigh_addr_v4: '10.0.0.2',
    })
  })

  it('prefixes: wide with sub-TLVs and the down bit, narrow, IPv6, topologies, the lower metric of two', () => {
    const wide = prefix4(10, 24, [10, 0, 0], 0xc0)
    const v6 = [0, 0, 0, 5, 0x00, 32, 0x20, 1, 0x0d, 0xb8]
    const records = of(new Log(), [
      [135, [...wide, 8, 3, 6, 0x40, 0, 0, 0, 0, 7]],
      [130, [0x8a, 0x80, 0x80, 0x80, 10, 9, 0, 0, 255, 255, 0, 0]],
      [128, [20, 0x80, 0x80, 0x80, 10, 8, 0, 0, 255, 255, 0, 0]],
      [135, prefix4(12, 16, [10, 8])],
      [236, v6],
      [237, [0, 2, ...v6]],
    ])
    assert.deepEqual(
      records.map(({ ip_reach, attr_prefix_metric, attr_igp_flags, attr_prefix_sid, multi_topology_ids }) => ({
        ip_reach,
        attr_prefix_metric,
        attr_igp_flags,
        attr_prefix_sid,
        multi_topology_ids,
      })),
      [
        {
          ip_reach: '10.0.0.0/24',
          attr_prefix_metric: 10,
          attr_igp_flags: '80',
          attr_prefix_sid: [{ flags: '40', algorithm: 0, index: 7 }],
          multi_topology_ids: undefined,
        },
        ...[
          ['10.9.0.0/16', 10, '80', undefined],
          ['10.8.0.0/16', 12, undefined, undefined],
          ['2001:db8::/32', 5, undefined, undefined],
          ['2001:db8::/32', 5, undefined, [2]],
          [undefined, undefined, undefined, undefined],
        ].map(([ip_reach, attr_prefix_metric, attr_igp_flags, multi_topology_ids]) => ({
          ip_reach,
          attr_prefix_metric,
          attr_igp_flags,
          attr_prefix_sid: undefined,
          multi_topology_ids,
        })),
      ],
    )
  })

  it('SRv6 locators and their SIDs', () => {
    const sid = [0xfc, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40]
    const end = [5, 26, 0, 0, 1, ...sid, 6, 1, 4, 32, 16, 16, 0]
    const records = of(new Log(), [[27, [0, 0, 0, 0, 0, 3, 0, 128, 64, 0xfc, 0, 0, 1, 0, 0, 0, 0, end.length, ...end]]])
    assert.deepEqual(records.slice(0, 2), [
      {
        log_type: 'update',
        attr_srv6_locator: { flags: '0', algorithm: 128, metric: 3 },
        nlri_type: 'IPv6 Topology Prefix',
        proto: 'IS-IS Level 2',
        local_igp_rtr_id: '0000.0000.0001',
        ip_reach: 'fc00:1::/64',
      },
      {
        log_type: 'update',
        attr_srv6_endpoint_behavior: { behavior: 1, flags: '0', algorithm: 128 },
        attr_srv6_sid_structure: { locator_block: 32, locator_node: 16, function: 16, argument: 0 },
        nlri_type: 'SRv6 SID',
        proto: 'IS-IS Level 2',
        local_igp_rtr_id: '0000.0000.0001',
        srv6_sid: 'fc00:1::40',
      },
    ])
  })

  it('narrow neighbours; more about a neighbour; a TLV that is malformed is told, the rest stays', () => {
    const log = new Log()
    const records = of(log, [
      [2, [0, 63, 0x80, 0x80, 0x80, ...idOctets('0000.0000.0002.00')]],
      [23, neighbor('0000.0000.0002.00', 0, [18, 3, 0, 0, 9])],
      [135, [0, 0, 0, 1, 33]],
    ])
    assert.deepEqual(log.malformed, [135])
    assert.deepEqual([records[0]?.attr_igp_metric, records[0]?.attr_te_df_metric], [63, 9])
    assert.equal(records.length, 2)
  })
})
