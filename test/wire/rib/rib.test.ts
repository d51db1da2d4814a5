import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type NetRecord, recordBatch } from '../../../src/contract/record.ts'
import { LineBatch } from '../../../src/fields/batch.ts'
import { parsePrefix } from '../../../src/lookup/prefix.ts'
import { answer } from '../../../src/wire/rib/answer.ts'
import type { RibQuery } from '../../../src/wire/rib/query.ts'
import { Rib } from '../../../src/wire/rib/rib.ts'
import { dumpTable } from '../../../src/wire/rib/table-rows.ts'
import { random as randomOf } from '../../support/random.ts'

type Counts = { [name: string]: number }

function makeRib(limit?: number): { rib: Rib; counts: Counts } {
  const counts: Counts = {}
  const count = (name: string, by = 1) => {
    counts[name] = (counts[name] ?? 0) + by
  }
  return { rib: new Rib(count, limit), counts }
}

/** As a pipe gives them: text, in a buffer that is used again. */
function lines(texts: readonly string[]): LineBatch {
  const octets = Buffer.from(texts.map(text => `${text}\n`).join(''))
  const starts = new Int32Array(texts.length)
  const ends = new Int32Array(texts.length)
  let at = 0
  texts.forEach((text, index) => {
    starts[index] = at
    at += Buffer.byteLength(text) + 1
    ends[index] = at - 1
  })
  const context = { clock: { nowMs: 0 }, onBadLine() {}, newestMs: () => 0 }
  return new LineBatch(octets, starts, ends, new Int32Array(texts.length), texts.length, context)
}

function takeLines(rib: Rib, records: readonly (NetRecord | string)[]): void {
  const batch = lines(records.map(record => (typeof record === 'string' ? record : JSON.stringify(record))))
  rib.take(batch)
  batch.octets.fill(32)
}

const ALL: RibQuery = { match: 'exact' }

function found(rib: Rib, query: RibQuery = ALL): NetRecord[] {
  let text = ''
  for (const piece of answer(rib, query, Number.POSITIVE_INFINITY)) text += Buffer.from(piece).toString()
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as NetRecord)
}

const log = (more: NetRecord): NetRecord => ({
  seq: 1,
  log_type: 'update',
  timestamp: 1767225600,
  peer_ip_src: '192.0.2.1',
  peer_tcp_port: 179,
  event_type: 'log',
  afi: 1,
  safi: 1,
  ...more,
})

describe('rib', () => {
  it('is the same from lines, odd lines, records and columns', () => {
    const records = [
      log({ ip_prefix: '10.0.0.0/8', as_path: [64496], comms: ['64496:1'] }),
      log({ ip_prefix: '2001:db8::/32', afi: 2, as_path_id: 4294967295, note: 'é "quoted" \\ \n' }),
      log({ ip_prefix: '10.1.0.0/16', big: 2 ** 53, nested: { a: [1, { b: ']}"' }] } }),
    ]
    const [plain, spaced, parsed] = [makeRib(), makeRib(), makeRib()]
    takeLines(plain.rib, records)
    takeLines(
      spaced.rib,
      records.map(record => JSON.stringify(record, null, 1).replaceAll('\n', ' ')),
    )
    parsed.rib.take(recordBatch(records, 0))
    const expected = found(parsed.rib)
    assert.equal(expected.length, 3)
    assert.deepEqual(found(plain.rib), expected)
    assert.deepEqual(found(spaced.rib), expected)
    assert.deepEqual(
      expected.map(({ note, big, as_path_id }) => [note, big, as_path_id]),
      [
        [undefined, undefined, undefined],
        [undefined, 2 ** 53, undefined],
        ['é "quoted" \\ \n', undefined, 4294967295],
      ],
    )
  })

  it('keeps one text for the attributes of an UPDATE, and the label apart', () => {
    const { rib } = makeRib()
    const vpn = { safi: 128, rd: '0:64496:1', rd_origin: 'bgp', as_path: [64496] }
    takeLines(
      rib,
      [1, 2, 3, 4].map(number => log({ ...vpn, ip_prefix: `10.${number}.0.0/16`, mpls_label: number })),
    )
    assert.equal(rib.table.texts.count, 5)
    assert.deepEqual(
      found(rib).map(({ mpls_label }) => mpls_label),
      [1, 2, 3, 4],
    )
  })

  it('tells paths, tables and route distinguishers apart; a withdrawal takes its own', () => {
    const { rib } = makeRib()
    const prefix = { ip_prefix: '10.0.0.0/8' }
    takeLines(rib, [
      log(prefix),
      log({ ...prefix, as_path_id: 1 }),
      log({ ...prefix, as_path_id: 2 }),
      log({ ...prefix, safi: 128, rd: '0:1:1' }),
      log({ ...prefix, safi: 128, rd: '0:1:2' }),
      log({ ...prefix, log_type: 'withdraw', as_path_id: 1 }),
      log({ ...prefix, log_type: 'delete', safi: 128, rd: '0:1:2' }),
      log({ ...prefix, log_type: 'withdraw', peer_ip_src: '192.0.2.2' }),
      log({ log_type: 'end-of-rib' }),
    ])
    assert.deepEqual(
      found(rib).map(({ safi, rd, as_path_id }) => [safi, rd, as_path_id]),
      [
        [1, undefined, undefined],
        [1, undefined, 2],
        [128, '0:1:1', undefined],
      ],
    )
  })

  it('keeps routes that are no prefixes by all that names them', () => {
    const { rib } = makeRib()
    const evpn = { afi: 25, safi: 70, rd: '1:192.0.2.1:1', rd_origin: 'bgp', evpn_ethernet_tag: 0 }
    const mac = { ...evpn, evpn_route_type: 2, evpn_mac: '00:00:5e:00:53:01' }
    takeLines(rib, [
      log({ ...mac, evpn_esi: '00:00', evpn_ip: '192.0.2.7', mpls_label: 5 }),
      log({ ...mac, evpn_esi: '00:11', evpn_ip: '192.0.2.7', mpls_label: 6 }),
      log({ ...evpn, evpn_route_type: 5, ip_prefix: '10.0.0.0/8', evpn_gateway: '192.0.2.9' }),
      log({ ...evpn, evpn_route_type: 5, ip_prefix: '10.0.0.0/16', evpn_gateway: '192.0.2.9' }),
      log({ ...evpn, log_type: 'withdraw', evpn_route_type: 5, ip_prefix: '10.0.0.0/16' }),
      log({ afi: 1, safi: 133, flowspec: 'destination 10.0.0.0/8' }),
      log({ ...evpn, evpn_route_type: 1, evpn_esi: '00:11' }),
      log({ ...evpn, evpn_route_type: 1, evpn_esi: '00:22' }),
    ])
    assert.deepEqual(
      found(rib).map(route => [
        route.evpn_route_type,
        route.evpn_esi,
        route.ip_prefix,
        route.mpls_label,
        route.flowspec,
      ]),
      [
        [2, '00:11', undefined, 6, undefined],
        [5, undefined, '10.0.0.0/8', undefined, undefined],
        [1, '00:11', undefined, undefined, undefined],
        [1, '00:22', undefined, undefined, undefined],
        [undefined, undefined, undefined, undefined, 'destination 10.0.0.0/8'],
      ],
    )
    takeLines(rib, [
      { seq: 1, timestamp: 1767225600, peer_ip_src: '192.0.2.1', peer_tcp_port: 179, event_type: 'log_close' },
    ])
    assert.deepEqual([rib.table.size, rib.table.texts.count, rib.table.prefixes.count, rib.peers.count], [0, 0, 0, 0])
  })

  it('a dump read back is the table', () => {
    const { rib } = makeRib()
    const random = randomOf(11)
    takeLines(
      rib,
      Array.from({ length: 1500 }, () =>
        log({
          peer_ip_src: `192.0.2.${random.whole(3)}`,
          ip_prefix: `${random.whole(224)}.${random.whole(256)}.0.0/16`,
          as_path: [64496 + random.whole(20)],
          ...(random.chance(0.5) ? { as_path_id: random.whole(3) + 1 } : {}),
          log_type: random.chance(0.2) ? 'withdraw' : 'update',
        }),
      ),
    )
    const again = makeRib()
    const options = { nowMs: 1767225600000, seq: 1, periodSeconds: 0, withoutStatistics: false }
    const dump = dumpTable(rib, options)
    let records = 0
    for (const batch of dump.batches) {
      records += batch.count
      again.rib.take(batch)
    }
    dump.release()
    assert.equal(records, dump.records)
    assert.ok(rib.table.size > 1000)
    assert.deepEqual(found(again.rib), found(rib))
    assert.deepEqual(again.counts, { merged: records })
  })

  it('a dump has the table as it was when it began, whatever comes while it is written', () => {
    const { rib } = makeRib()
    const prefixes = Array.from({ length: 1200 }, (_, number) => `10.${number >> 8}.${number & 255}.0/24`)
    takeLines(
      rib,
      prefixes.map(ip_prefix => log({ ip_prefix, as_path: [1] })),
    )
    const dump = dumpTable(rib, { nowMs: 0, seq: 1, periodSeconds: 0, withoutStatistics: false })
    const paths = new Set<string>()
    const seen: unknown[] = []
    for (const batch of dump.batches) {
      for (const record of batch.records) {
        if (record.event_type === 'dump') seen.push(record.ip_prefix)
        if (record.as_path) paths.add(JSON.stringify(record.as_path))
      }
      takeLines(
        rib,
        prefixes.slice(0, 900).map(ip_prefix => log({ ip_prefix, log_type: 'withdraw' })),
      )
      takeLines(
        rib,
        prefixes.map(ip_prefix => log({ ip_prefix: ip_prefix.replace('10.', '11.'), as_path: [2] })),
      )
    }
    dump.release()
    assert.deepEqual(seen, prefixes)
    assert.deepEqual([...paths], ['[1]'])
    assert.equal(rib.table.size, 1500)
  })

  it('answers what a plain search answers', () => {
    const { rib } = makeRib()
    const random = randomOf(5)
    const routes: { peer: string; prefix: string }[] = []
    for (let index = 0; index < 400; index++) {
      const peer = `192.0.2.${random.whole(3)}`
      const prefix = parsePrefix(`10.${random.whole(4)}.${random.whole(4) << 6}.0/${random.whole(25)}`)
      assert.ok(prefix)
      const text = `${[24, 16, 8, 0].map(shift => (prefix.words[0] >>> shift) & 255).join('.')}/${prefix.length}`
      if (!routes.some(route => route.peer === peer && route.prefix === text)) routes.push({ peer, prefix: text })
    }
    takeLines(
      rib,
      routes.map(({ peer, prefix }) => log({ peer_ip_src: peer, ip_prefix: prefix })),
    )
    const inside = (inner: string, outer: string): boolean => {
      const [a, b] = [parsePrefix(inner), parsePrefix(outer)]
      assert.ok(a && b)
      return (
        a.length >= b.length && (b.length === 0 || a.words[0] >>> (32 - b.length) === b.words[0] >>> (32 - b.length))
      )
    }
    const lengthOf = (prefix: string) => Number(prefix.split('/')[1])
    const key = ({ peer, prefix }: { peer: string; prefix: string }) => `${peer} ${prefix}`
    for (let step = 0; step < 200; step++) {
      const asked = `10.${random.whole(4)}.${random.whole(256)}.${random.whole(256)}/32`
      const wide = (random.pick(routes) as { prefix: string }).prefix
      const covering = routes.filter(({ prefix }) => inside(asked, prefix))
      const longest = covering.filter(
        one => !covering.some(other => other.peer === one.peer && lengthOf(other.prefix) > lengthOf(one.prefix)),
      )
      const expected = {
        longest,
        less: routes.filter(({ prefix }) => inside(wide, prefix)),
        more: routes.filter(({ prefix }) => inside(prefix, wide)),
        exact: routes.filter(({ prefix }) => prefix === wide),
      }
      for (const match of ['longest', 'less', 'more', 'exact'] as const) {
        const query = { prefix: parsePrefix(match === 'longest' ? asked : wide), match }
        const got = found(rib, query).map(route => `${route.peer_ip_src} ${route.ip_prefix}`)
        assert.deepEqual(got.sort(), expected[match].map(key).sort(), `${match} ${asked} ${wide}`)
      }
    }
  })

  it('counts what it cannot keep', () => {
    const { rib, counts } = makeRib(2)
    takeLines(rib, [
      log({ ip_prefix: '10.0.0.0/8' }),
      log({ ip_prefix: '11.0.0.0/8' }),
      log({ ip_prefix: '12.0.0.0/8', as_path: [7] }),
      log({}),
      log({ ip_prefix: '10.0.0.0/33' }),
      { event_type: 'log', log_type: 'update', afi: 1, safi: 1, ip_prefix: '10.0.0.0/8' },
      { as_src: 64496, bytes: 1 },
      'no record',
    ])
    assert.equal(rib.table.size, 2)
    assert.deepEqual(counts, { merged: 2, 'dropped/table-full': 1, 'dropped/no-route': 3, 'dropped/no-peer': 1 })
  })

  it('a withdrawn BMP peer loses the routes of its tables, and of its route distinguisher only', () => {
    const { rib } = makeRib()
    const bmp = (more: NetRecord): NetRecord => ({
      event_type: 'log',
      timestamp: 1,
      bmp_router: '192.0.2.1',
      bmp_router_port: 1790,
      peer_ip: '198.51.100.1',
      bmp_msg_type: 'route_monitor',
      ...more,
    })
    const route = (more: NetRecord) => bmp({ log_type: 'update', afi: 1, safi: 1, ip_prefix: '10.0.0.0/8', ...more })
    const down = (more: NetRecord) => bmp({ bmp_msg_type: 'peer_down', peer_type: 0, ...more })
    const all = [
      route({ is_in: 1, is_post: 0 }),
      route({ is_in: 1, is_post: 1 }),
      route({ is_in: 1, is_post: 0, rd: '0:1:1', rd_origin: 'bmp' }),
      route({ is_loc: 1 }),
      route({ is_in: 1, is_post: 0, peer_ip: '198.51.100.2' }),
    ]
    const left = (more: NetRecord): unknown[] => {
      takeLines(rib, [...all, down(more)])
      return found(rib).map(({ peer_ip, is_loc, is_post, rd }) => [peer_ip, is_loc ?? is_post, rd].join(' ').trim())
    }
    const [one, two] = ['198.51.100.1', '198.51.100.2']
    assert.deepEqual(left({}), [`${one} 1`, `${two} 0`, `${one} 0 0:1:1`])
    assert.deepEqual(left({ rd: '0:1:1', peer_type: 1 }), [`${one} 0`, `${one} 1`, `${one} 1`, `${two} 0`])
    assert.deepEqual(left({ peer_type: 3 }), [`${one} 0`, `${one} 1`, `${two} 0`, `${one} 0 0:1:1`])
  })
})
