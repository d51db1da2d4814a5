import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { isProblem, type Problem } from '../../../src/contract/problem.ts'
import { type NetRecord, recordBatch, type Stream } from '../../../src/contract/record.ts'
import { readBgpAgentMap } from '../../../src/maps/agent-map.ts'
import { readFlowToRdMap } from '../../../src/maps/flow-to-rd-map.ts'
import { readNetworksFile } from '../../../src/maps/networks-file.ts'
import { readPeerDstIpMap } from '../../../src/maps/peer-dst-ip-map.ts'
import { readPeerSrcAsMap, readSrcLocalPrefMap, readSrcMedMap } from '../../../src/maps/source-maps.ts'
import { enrich } from '../../../src/operators/enrich/enrich.ts'
import { METHOD } from '../../../src/operators/enrich/methods.ts'
import { ENRICH_DEFAULTS, type EnrichOptions } from '../../../src/operators/enrich/options.ts'
import type { Readable } from '../../../src/operators/enrich/reloaded.ts'
import { scratch } from '../../support/cli.ts'
import { recordsOf, streamOf, TestHost } from '../../support/test-host.ts'

const by = (method: (typeof METHOD)[keyof typeof METHOD]) => ({ longest: false, methods: [method] })
const FLOW = { timestamp_arrival: 200, peer_ip_src: '192.0.2.9', ip_src: '10.1.1.1', ip_dst: '10.1.1.2', iface_in: 1 }

const route = (peer: string, as: number, more: NetRecord = {}): NetRecord => ({
  log_type: 'update',
  timestamp: 100,
  peer_ip_src: peer,
  event_type: 'log',
  afi: 1,
  safi: 1,
  bgp_nexthop: peer,
  as_path: [as],
  ip_prefix: '10.0.0.0/8',
  ...more,
})
const PATHS = [1, 2].map(path =>
  route('192.0.2.9', 64500 + path, { as_path_id: path, bgp_nexthop: `203.0.113.${path}` }),
)
const VPNS = [1, 2].map(rd => route('192.0.2.9', 64500 + rd, { safi: 128, rd: `0:64500:${rd}` }))

interface Row {
  readonly read: (path: string) => Promise<object | Problem>
  readonly option: keyof EnrichOptions
  readonly rest?: (routes: Stream) => Partial<EnrichOptions>
  readonly routes?: readonly NetRecord[]
  /** Text of the map, that of the next one, and one that is wrong. */
  readonly texts: readonly [string, string, string]
  readonly field: string
  /** With the first map, and with the second. */
  readonly values: readonly [unknown, unknown]
}

const WITH_ROUTES = (routes: Stream) => ({ bgp: [routes], as: by(METHOD.routes), net: by(METHOD.routes) })

/** A map of enrich is one row. */
const ROWS: readonly Row[] = [
  {
    read: readNetworksFile,
    option: 'networks',
    rest: () => ({ as: by(METHOD.file), net: by(METHOD.file) }),
    texts: ['64501,10.0.0.0/8\n', '64502,10.0.0.0/8\n', '64502,10.0.0.0/88\n'],
    field: 'as_dst',
    values: [64501, 64502],
  },
  {
    read: readBgpAgentMap,
    option: 'bgpAgentMap',
    rest: WITH_ROUTES,
    routes: [route('192.0.2.1', 64501), route('192.0.2.2', 64502)],
    texts: ['bgp_ip=192.0.2.1 ip=192.0.2.9\n', 'bgp_ip=192.0.2.2 ip=192.0.2.9\n', 'bgp_ip=nobody ip=192.0.2.9\n'],
    field: 'as_dst',
    values: [64501, 64502],
  },
  {
    read: readFlowToRdMap,
    option: 'rdMap',
    rest: WITH_ROUTES,
    routes: VPNS,
    texts: ['id=0:64500:1 ip=192.0.2.9\n', 'id=0:64500:2 ip=192.0.2.9\n', 'id=one ip=192.0.2.9\n'],
    field: 'as_dst',
    values: [64501, 64502],
  },
  {
    read: readPeerDstIpMap,
    option: 'nextHopMap',
    rest: WITH_ROUTES,
    routes: PATHS,
    texts: ['id=203.0.113.1 ip=192.0.2.9\n', 'id=203.0.113.2 ip=192.0.2.9\n', 'id=here ip=192.0.2.9\n'],
    field: 'as_dst',
    values: [64501, 64502],
  },
  {
    read: readPeerSrcAsMap,
    option: 'peerSrcAsMap',
    rest: () => ({ peerSrcAs: 'map' }),
    texts: ['id=64501 ip=192.0.2.9\n', 'id=64502 ip=192.0.2.9\n', 'id=64502 ip=192.0.2\n'],
    field: 'peer_as_src',
    values: [64501, 64502],
  },
  {
    read: readSrcLocalPrefMap,
    option: 'srcLocalPrefMap',
    rest: () => ({ srcLocalPref: 'map' }),
    texts: ['id=10 ip=192.0.2.9\n', 'id=20 ip=192.0.2.9\n', 'id=much ip=192.0.2.9\n'],
    field: 'local_pref_src',
    values: [10, 20],
  },
  {
    read: readSrcMedMap,
    option: 'srcMedMap',
    rest: () => ({ srcMed: 'map' }),
    texts: ['id=10 ip=192.0.2.9\n', 'id=20 ip=192.0.2.9\n', 'id=-1 ip=192.0.2.9\n'],
    field: 'med_src',
    values: [10, 20],
  },
]

async function readable(read: Row['read'], path: string): Promise<Readable<object>> {
  const table = await read(path)
  assert.ok(!isProblem(table), JSON.stringify(table))
  return { table, read: () => read(path) }
}

/** One flow after each text of the file was put in place and SIGHUP came. */
async function* flowsUnder(texts: readonly string[], path: string, host: TestHost): Stream {
  for (const [index, text] of texts.entries()) {
    if (index > 0) {
      writeFileSync(path, text)
      host.reloads++
    }
    yield recordBatch([{ ...FLOW }], 200_000)
  }
}

async function check(context: TestContext, { read, option, rest, routes, texts, field, values }: Row): Promise<void> {
  const path = join(scratch(context), 'map')
  writeFileSync(path, texts[0])
  const host = new TestHost()
  const options = {
    ...ENRICH_DEFAULTS,
    ...rest?.(streamOf(routes ?? [])),
    [option]: await readable(read, path),
  } as EnrichOptions
  const made = await recordsOf(enrich(flowsUnder([...texts, texts[0]], path, host), options, host))
  assert.deepEqual(
    made.map(record => record[field]),
    [values[0], values[1], values[1], values[0]],
  )
  assert.equal(host.counters['maps/reloaded'], 2)
  assert.equal(host.counters['maps/refused'], 1)
  assert.equal(host.problems.length, 1)
  assert.match(String(host.problems[0]?.message), /map line 1 .*stays in force$/)
}

for (const row of ROWS) {
  test(`${row.option} is read again between batches; a wrong one is told, counted, and not used`, context =>
    check(context, row))
}

test('a map that asks for what was not read is refused', async context => {
  const path = join(scratch(context), 'map')
  writeFileSync(path, 'id=64501 ip=192.0.2.9\n')
  const host = new TestHost()
  const peerSrcAsMap = (await readable(readPeerSrcAsMap, path)) as NonNullable<EnrichOptions['peerSrcAsMap']>
  const options = { ...ENRICH_DEFAULTS, peerSrcAs: 'map', peerSrcAsMap } as const
  const texts = ['', 'id=64502 ip=192.0.2.9 in=1\n']
  const made = await recordsOf(enrich(flowsUnder(texts, path, host), options, host))
  assert.deepEqual(
    made.map(({ peer_as_src }) => peer_as_src),
    [64501, 64501],
  )
  assert.deepEqual([host.codes, host.counters['maps/refused']], [['maps/new-field'], 1])
})
