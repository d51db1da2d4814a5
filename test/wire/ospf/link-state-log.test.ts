import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { MAX_LSAS_PER_AREA } from '../../../src/wire/ospf/database.ts'
import { LinkStateLog, MAX_LSAS_OF_OBJECT, type Outcome } from '../../../src/wire/ospf/link-state-log.ts'
import { isLsaChecksumRight, LSA2, LSA3 } from '../../../src/wire/ospf/lsa.ts'
import { type LsaShape, link2, lsa, quad, router2, tlv, u16, u32 } from '../../support/ospf-writer.ts'

const AREA = '0.0.0.1'
const ROUTER = LSA2.router

class Log {
  readonly malformed: string[] = []
  crowded = 0
  readonly log = new LinkStateLog({
    envelope: { igp_domain: 'ospf' },
    localAs: undefined,
    malformed: (_lsa, what) => this.malformed.push(what),
    crowded: () => {
      this.crowded++
    },
  })

  /** Outcome, then what was written, without what all records have. */
  take(shape: LsaShape, seconds = 10_000, instance = 0): [Outcome, NetRecord[]] {
    const records: NetRecord[] = []
    return [this.log.take(lsa(shape), instance, AREA, seconds * 1e6, records), records.map(short)]
  }

  of(shape: LsaShape): NetRecord[] {
    return this.take(shape)[1]
  }

  age(seconds: number): NetRecord[] {
    const records: NetRecord[] = []
    this.log.age(seconds * 1e6, records)
    return records.map(short)
  }
}

function short(record: NetRecord): NetRecord {
  const hidden = new Set([
    'seq',
    'timestamp',
    'igp_domain',
    'event_type',
    'afi',
    'safi',
    'proto',
    'local_area_id',
    'remote_area_id',
  ])
  return Object.fromEntries(Object.entries(record).filter(([key]) => !hidden.has(key)))
}

const words = (records: readonly NetRecord[]): string[] =>
  records.map(({ log_type, nlri_type, local_igp_rtr_id, remote_igp_rtr_id, ip_reach }) =>
    [log_type, nlri_type, local_igp_rtr_id, remote_igp_rtr_id ?? ip_reach ?? ''].join(' ').trim(),
  )

const STUB = link2(3, '10.0.1.0', '255.255.255.0', 5)

describe('the databases', () => {
  it('newer LSAs are taken by number, checksum and age; only what changed is told', () => {
    const log = new Log()
    const body = router2([STUB])
    assert.deepEqual(words(log.of({ type: ROUTER, body })), [
      'update Node 192.0.2.1',
      'update IPv4 Topology Prefix 192.0.2.1 10.0.1.0/24',
    ])
    assert.deepEqual(log.take({ type: ROUTER, body }), ['same', []])
    assert.deepEqual(log.take({ type: ROUTER, body, sequence: 0x80000002 }), ['taken', []])
    assert.deepEqual(log.take({ type: ROUTER, body, sequence: 0x80000001 }), ['older', []])
    const [outcome, records] = log.take({ type: ROUTER, body: router2([]), sequence: 0x80000003 })
    assert.deepEqual([outcome, words(records)], ['taken', ['withdraw IPv4 Topology Prefix 192.0.2.1 10.0.1.0/24']])
    // Numbers are signed: 1 comes after 0x80000003.
    assert.equal(log.take({ type: ROUTER, body, sequence: 1 })[0], 'taken')
    // Ages that differ by more than 15 minutes are of two LSAs: the younger one is newer.
    assert.equal(log.take({ type: ROUTER, body, sequence: 1, age: 1000 })[0], 'older')
    assert.equal(log.take({ type: ROUTER, body, sequence: 1, age: 1 }, 11_000)[0], 'taken')
  })

  it('a flush takes all; what was made before does not come back, what is made anew does', () => {
    const log = new Log()
    const body = router2([STUB])
    log.take({ type: ROUTER, body, sequence: 0x80000005 }, 10_000)
    const [outcome, records] = log.take({ type: ROUTER, body, sequence: 0x80000005, age: 3600 }, 10_100)
    assert.deepEqual(
      [outcome, words(records)],
      ['flushed', ['withdraw Node 192.0.2.1', 'withdraw IPv4 Topology Prefix 192.0.2.1 10.0.1.0/24']],
    )
    assert.equal(log.take({ type: ROUTER, body, sequence: 0x80000005, age: 102 }, 10_102)[0], 'older')
    assert.equal(log.take({ type: ROUTER, body, sequence: 0x80000004, age: 60 }, 10_102)[0], 'older')
    assert.equal(log.take({ type: ROUTER, body, sequence: 0x80000001, age: 1 }, 10_106)[0], 'taken')
    assert.equal(log.log.objects, 2)
    log.take({ type: ROUTER, body, sequence: 0x80000001, age: 3600 }, 10_200)
    assert.equal(log.take({ type: ROUTER, body, sequence: 0x80000001, age: 1 }, 10_205)[0], 'taken')
  })

  it('ages go on by the clock to the largest one; DoNotAge does not', () => {
    const log = new Log()
    log.take({ type: ROUTER, body: router2([]), age: 3000 }, 10_000)
    log.take({ type: ROUTER, body: router2([]), router: '192.0.2.2', age: 3000 | 0x8000 }, 10_000)
    assert.deepEqual(log.age(10_599), [])
    assert.deepEqual(words(log.age(10_601)), ['withdraw Node 192.0.2.1'])
    log.age(10_700)
    assert.equal(log.log.database.lsas.size, 1)
    assert.deepEqual(log.age(100_000), [])
  })

  it('areas, instances and versions are apart; LSAs of a link are left out', () => {
    const log = new Log()
    log.take({ type: ROUTER, body: router2([]) })
    const [, [other]] = log.take({ type: ROUTER, body: router2([]) }, 10_000, 5)
    assert.equal(other?.bgp_ls_instance, 5)
    log.take({ version: 3, type: LSA3.router, id: '0.0.0.0', body: [0, 0, 0, 0x13] })
    assert.equal(log.log.objects, 3)
    assert.deepEqual(log.take({ type: LSA2.opaqueLink, body: [] }), ['link-scope', []])
    assert.deepEqual(log.take({ version: 3, type: LSA3.link, body: [] }), ['link-scope', []])
  })

  it('there is a limit of LSAs in an area', () => {
    const log = new Log()
    const one = lsa({ type: ROUTER, body: router2([]) })
    for (let index = 0; index < MAX_LSAS_PER_AREA; index++) {
      const id = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`
      log.log.database.put(id, { version: 2, instance: 0, area: AREA }, one, 0)
    }
    assert.deepEqual(log.take({ type: ROUTER, body: router2([]) }), ['no-room', []])
  })

  it('there is a limit of LSAs that say something of one object', () => {
    const log = new Log()
    log.take({ type: ROUTER, body: router2([], 1) })
    for (let index = 0; index < MAX_LSAS_OF_OBJECT + 4; index++) {
      const shape = { type: LSA2.asbrSummary, id: `10.0.${index >> 8}.${index & 255}`, body: [0, 0, 0, 0, ...u32(1)] }
      log.log.take(lsa(shape), 0, AREA, 1e10, [])
    }
    assert.equal(log.crowded, 5)
  })

  it('a wrong checksum is seen', () => {
    const good = lsa({ type: ROUTER, body: router2([STUB]) })
    assert.ok(isLsaChecksumRight(good))
    good.octets[30] = (good.octets[30] as number) ^ 1
    assert.ok(!isLsaChecksumRight(good))
  })

  it('bodies that are cut, or say more than there is', () => {
    const log = new Log()
    log.take({ type: ROUTER, body: [0, 0, 0, 2, ...STUB] })
    log.take({ type: ROUTER, router: '192.0.2.2', body: [0] })
    log.take({ type: LSA2.summary, body: [255, 0, 255, 0, 0, 0, 0, 1] })
    log.take({ version: 3, type: LSA3.intraAreaPrefix, body: [0, 1, 0x20, 1, 0, 0, 0, 0, 192, 0, 2, 1, 129, 0, 0, 0] })
    assert.deepEqual(log.malformed, [
      '2 links are said, and 1 are there',
      'it is cut',
      'its mask has holes',
      'it is cut',
    ])
  })
})

describe('OSPFv2 as objects of BGP-LS', () => {
  it('links: numbered, unnumbered, and to a LAN once its network LSA is there', () => {
    const log = new Log()
    const links = [
      link2(1, '192.0.2.2', '10.0.12.1', 10),
      link2(1, '192.0.2.3', '0.0.0.7', 20),
      link2(2, '10.0.0.3', '10.0.0.1', 30),
    ]
    const made = log.of({ type: ROUTER, body: router2(links, 3) })
    assert.deepEqual(made, [
      { log_type: 'update', attr_node_flags: '30', nlri_type: 'Node', local_igp_rtr_id: '192.0.2.1' },
      {
        log_type: 'update',
        attr_igp_metric: 10,
        nlri_type: 'Link',
        local_igp_rtr_id: '192.0.2.1',
        remote_igp_rtr_id: '192.0.2.2',
        local_addr_v4: '10.0.12.1',
      },
      {
        log_type: 'update',
        attr_igp_metric: 20,
        nlri_type: 'Link',
        local_igp_rtr_id: '192.0.2.1',
        remote_igp_rtr_id: '192.0.2.3',
        link_local_id: 7,
        link_remote_id: 0,
      },
    ])
    const network: LsaShape = {
      type: LSA2.network,
      id: '10.0.0.3',
      router: '192.0.2.3',
      body: [...quad('255.255.255.0'), ...quad('192.0.2.3'), ...quad('192.0.2.1')],
    }
    assert.deepEqual(words(log.of(network)), [
      'update Node 192.0.2.3:10.0.0.3',
      'update Link 192.0.2.3:10.0.0.3 192.0.2.3',
      'update Link 192.0.2.3:10.0.0.3 192.0.2.1',
      'update IPv4 Topology Prefix 192.0.2.3:10.0.0.3 10.0.0.0/24',
      'update Link 192.0.2.1 192.0.2.3:10.0.0.3',
    ])
    const gone = log.of({ ...network, age: 3600 })
    assert.equal(words(gone).at(-1), 'withdraw Link 192.0.2.1 192.0.2.3:10.0.0.3')
    assert.equal(gone.length, 5)
  })

  it('routers of stub areas say so by their options, in both versions', () => {
    const log = new Log()
    const [two] = log.of({ type: ROUTER, options: 0, body: router2([]) })
    const [three] = log.of({ version: 3, type: LSA3.router, id: '0.0.0.0', body: [0, 0, 0, 0x11] })
    assert.deepEqual([two?.attr_ospf_stub, three?.attr_ospf_stub], ['true', 'true'])
  })

  it('metrics of types of service are skipped; options alone make another LSA', () => {
    const log = new Log()
    const withService = [...quad('10.0.3.0'), ...quad('255.255.255.0'), 3, 1, ...u16(9), 8, 0, ...u16(1)]
    const made = log.of({ type: ROUTER, body: router2([withService, STUB]) })
    assert.deepEqual(
      made.slice(1).map(({ ip_reach, attr_prefix_metric }) => `${ip_reach} ${attr_prefix_metric}`),
      ['10.0.3.0/24 9', '10.0.1.0/24 5'],
    )
    const body = [...quad('255.255.0.0'), ...u32(20), ...u32(0), ...u32(0)]
    log.take({ type: LSA2.nssa, id: '10.8.0.0', options: 8, body })
    const [other] = log.of({ type: LSA2.nssa, id: '10.8.0.0', options: 0, sequence: 0x80000002, body })
    assert.deepEqual([other?.log_type, other?.attr_igp_flags], ['update', undefined])
  })

  it('prefixes of other areas, external ones, those of an NSSA; ways to routers with external routes', () => {
    const log = new Log()
    log.take({ type: ROUTER, body: router2([], 1) })
    const summary = [...quad('255.255.255.0'), ...u32(7)]
    const external = (metric: number, forward: string, tag: number) => [
      ...quad('255.255.0.0'),
      ...u32(metric),
      ...quad(forward),
      ...u32(tag),
    ]
    const made = [
      ...log.of({ type: LSA2.summary, id: '10.2.0.255', body: summary }),
      ...log.of({ type: LSA2.external, id: '10.9.0.0', body: external(0x80000014, '0.0.0.0', 0) }),
      ...log.of({ type: LSA2.nssa, id: '10.8.0.0', options: 8, body: external(20, '10.0.0.9', 77) }),
      ...log.of({ type: LSA2.asbrSummary, id: '192.0.2.9', body: [0, 0, 0, 0, ...u32(30)] }),
    ]
    const node = { nlri_type: 'Node', local_igp_rtr_id: '192.0.2.1' }
    const prefix = { nlri_type: 'IPv4 Topology Prefix', local_igp_rtr_id: '192.0.2.1' }
    const update = { log_type: 'update' }
    assert.deepEqual(made, [
      { ...update, attr_prefix_metric: 7, ...prefix, ospf_route_type: 2, ip_reach: '10.2.0.0/24' },
      { ...update, attr_prefix_metric: 20, ...prefix, ospf_route_type: 4, ip_reach: '10.9.0.0/16' },
      {
        ...update,
        attr_igp_flags: '10',
        attr_route_tags: [77],
        attr_prefix_metric: 20,
        attr_ospf_forwarding_address: '10.0.0.9',
        ...prefix,
        ospf_route_type: 5,
        ip_reach: '10.8.0.0/16',
      },
      { ...update, attr_node_flags: '10', attr_ospf_asbrs: [{ router: '192.0.2.9', metric: 30 }], ...node },
    ])
  })

  it('opaque: name, SR capabilities, SIDs of prefixes and links, traffic engineering', () => {
    const log = new Log()
    log.take({
      type: ROUTER,
      body: router2([link2(1, '192.0.2.2', '10.0.12.1', 10), link2(3, '192.0.2.1', '255.255.255.255', 0)]),
    })
    const range = (first: number, size: number) => [0, size >> 8, size & 255, 0, ...tlv(1, 0, first >> 8, first & 255)]
    const information = [
      tlv(7, ...Buffer.from('core')),
      tlv(8, 0, 128),
      tlv(9, ...range(16000, 1000)),
      tlv(14, ...range(15000, 100)),
    ]
    const [node] = log.of({ type: LSA2.opaqueArea, id: '4.0.0.0', body: information.flat() })
    assert.deepEqual(node, {
      log_type: 'update',
      attr_node_name: 'core',
      attr_sr_capabilities: { flags: '0', ranges: [{ range: 1000, label: 16000 }] },
      attr_sr_algorithms: [0, 128],
      attr_sr_local_block: { flags: '0', ranges: [{ range: 100, label: 15000 }] },
      nlri_type: 'Node',
      local_igp_rtr_id: '192.0.2.1',
    })
    const sid = tlv(2, 0x40, 0, 0, 0, ...u32(5))
    const [prefix] = log.of({
      type: LSA2.opaqueArea,
      id: '7.0.0.1',
      body: tlv(1, 1, 32, 0, 0x40, ...quad('192.0.2.1'), ...sid),
    })
    assert.deepEqual(prefix?.attr_prefix_sid, [{ flags: '40', algorithm: 0, index: 5 }])
    assert.equal(prefix?.attr_prefix_flags, '40')
    const adjacency = [
      ...tlv(2, 0x60, 0, 0, 9, 0, 0x3a, 0x98),
      ...tlv(3, 0x60, 0, 0, 9, ...quad('192.0.2.7'), 0, 0x3a, 0x99),
    ]
    const [link] = log.of({
      type: LSA2.opaqueArea,
      id: '8.0.0.1',
      body: tlv(1, 1, 0, 0, 0, ...quad('192.0.2.2'), ...quad('10.0.12.1'), ...adjacency),
    })
    assert.deepEqual(link?.attr_adj_sid, [{ flags: '60', weight: 9, label: 15000 }])
    assert.deepEqual(link?.attr_lan_adj_sid, [{ flags: '60', weight: 9, neighbor: '192.0.2.7', label: 15001 }])
    const te = [
      tlv(1, 1),
      tlv(2, ...quad('192.0.2.2')),
      tlv(3, ...quad('10.0.12.1')),
      tlv(5, ...u32(77)),
      tlv(6, 0x4c, 0xee, 0x6b, 0x28),
    ]
    const [engineered] = log.of({ type: LSA2.opaqueArea, id: '1.0.0.1', body: tlv(2, ...te.flat()) })
    assert.deepEqual(
      [engineered?.attr_te_df_metric, engineered?.attr_max_bw, engineered?.attr_igp_metric, engineered?.attr_adj_sid],
      [77, 1_000_000_000, 10, link?.attr_adj_sid],
    )
    const [addressed] = log.of({ type: LSA2.opaqueArea, id: '1.0.0.0', body: tlv(1, ...quad('192.0.2.1')) })
    assert.equal(addressed?.attr_v4_rid_local, '192.0.2.1')
    const back = log.of({ type: LSA2.opaqueArea, id: '8.0.0.1', body: [], age: 3600 })
    assert.deepEqual([back.length, back[0]?.attr_adj_sid, back[0]?.attr_te_df_metric], [1, undefined, 77])
  })

  it('router information of the whole AS is of the node in every area, whichever comes first', () => {
    const log = new Log()
    assert.deepEqual(log.of({ type: LSA2.opaqueAs, id: '4.0.0.0', body: tlv(7, ...Buffer.from('r1')) }), [])
    const records = log.of({ type: ROUTER, body: router2([]) })
    assert.deepEqual(records.at(-1)?.attr_node_name, 'r1')
  })
})

describe('OSPFv3 as objects of BGP-LS', () => {
  const take = (log: Log, shape: LsaShape) => log.of({ version: 3, id: '0.0.0.0', ...shape })

  it('links by interface ids, LANs, prefixes of both', () => {
    const log = new Log()
    const link = (type: number, metric: number, near: number, far: number, to: string) => [
      type,
      0,
      ...u16(metric),
      ...u32(near),
      ...u32(far),
      ...quad(to),
    ]
    const links = [
      ...link(1, 10, 5, 6, '192.0.2.2'),
      ...link(2, 20, 7, 8, '192.0.2.3'),
      ...link(4, 1, 1, 1, '192.0.2.4'),
    ]
    const made = take(log, { type: LSA3.router, body: [1, 0, 0, 0x13, ...links] })
    assert.deepEqual(
      made.map(({ attr_node_flags, remote_igp_rtr_id, link_local_id, link_remote_id }) => [
        attr_node_flags,
        remote_igp_rtr_id,
        link_local_id,
        link_remote_id,
      ]),
      [
        ['1c', undefined, undefined, undefined],
        [undefined, '192.0.2.2', 5, 6],
        [undefined, '192.0.2.3:0.0.0.8', 7, 8],
      ],
    )
    const lan = take(log, {
      type: LSA3.network,
      id: '0.0.0.8',
      router: '192.0.2.3',
      body: [0, 0, 0, 0x13, ...quad('192.0.2.3'), ...quad('192.0.2.1')],
    })
    assert.deepEqual(words(lan).slice(0, 2), [
      'update Node 192.0.2.3:0.0.0.8',
      'update Link 192.0.2.3:0.0.0.8 192.0.2.3',
    ])
    const prefix = [64, 0, ...u16(3), 0x20, 1, 0xd, 0xb8, 0, 0, 0, 1]
    const of = (referred: number, id: string, router: string) => [
      ...u16(1),
      ...u16(referred),
      ...quad(id),
      ...quad(router),
      ...prefix,
    ]
    const both = [
      ...take(log, { type: LSA3.intraAreaPrefix, body: of(LSA3.router, '0.0.0.0', '192.0.2.1') }),
      ...take(log, { type: LSA3.intraAreaPrefix, router: '192.0.2.3', body: of(LSA3.network, '0.0.0.8', '192.0.2.3') }),
    ]
    assert.deepEqual(words(both), [
      'update IPv6 Topology Prefix 192.0.2.1 2001:db8:0:1::/64',
      'update IPv6 Topology Prefix 192.0.2.3:0.0.0.8 2001:db8:0:1::/64',
    ])
    assert.equal(both[0]?.attr_prefix_metric, 3)
  })

  it('prefixes of other areas, external ones with address and tag; IPv4 in instances of it', () => {
    const log = new Log()
    const short = [32, 0, 0, 0, 0x20, 1, 0xd, 0xb8]
    const [inter] = take(log, { type: LSA3.interAreaPrefix, id: '0.0.0.1', body: [...u32(9), ...short] })
    assert.deepEqual([inter?.ip_reach, inter?.ospf_route_type, inter?.attr_prefix_metric], ['2001:db8::/32', 2, 9])
    const forward = [0xfe, 0x80, ...new Array<number>(13).fill(0), 9]
    const [external] = take(log, {
      type: LSA3.external,
      id: '0.0.0.1',
      body: [7, 0, 0, 20, ...short, ...forward, ...u32(5)],
    })
    assert.deepEqual(
      [external?.ospf_route_type, external?.attr_ospf_forwarding_address, external?.attr_route_tags],
      [4, 'fe80::9', [5]],
    )
    take(log, { type: LSA3.router, body: [1, 0, 0, 0x13] })
    const [node] = take(log, {
      type: LSA3.interAreaRouter,
      id: '0.0.0.9',
      body: [0, 0, 0, 0x13, ...u32(4), ...quad('192.0.2.9')],
    })
    assert.deepEqual(node?.attr_ospf_asbrs, [{ router: '192.0.2.9', metric: 4 }])
    const four = {
      version: 3,
      type: LSA3.interAreaPrefix,
      id: '0.0.0.1',
      body: [...u32(9), 24, 0, 0, 0, 10, 1, 2, 0],
    } as const
    assert.deepEqual(log.take(four, 10_000, 64)[1][0]?.ip_reach, '10.1.2.0/24')
  })
})
