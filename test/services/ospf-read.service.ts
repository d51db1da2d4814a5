// FRR's ospfd and ospf6d: what a capture says is what the routers have, LSAs and routes, while the network changes.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NetRecord } from '../../src/contract/record.ts'
import { openOspf } from '../../src/sources/ospf/ospf.ts'
import { TestHost } from '../support/test-host.ts'
import { recordsOf, topologyOf } from '../support/topology.ts'
import { until } from './frr-lab.ts'
import { Lab, ROUTERS, type Router, withoutLab } from './ospf-lab.ts'

type Version = 2 | 3
const VERSIONS = [2, 3] as const

const read = (lab: Lab, pdus: boolean): Promise<NetRecord[]> =>
  recordsOf(openOspf({ captures: [lab.capture], domain: 'ospf', localAs: undefined, pdus }, new TestHost()))

const addressOf = (router: Router): string => `192.0.2.${router.slice(1)}`

/** FRR's words for types, and ours. */
const TYPES: { readonly [said: string]: string } = {
  'Router Link States': 'router',
  'Net Link States': 'network',
  'Summary Link States': 'summary-network',
  'ASBR-Summary Link States': 'summary-asbr',
  'AS External Link States': 'as-external',
  'NSSA-external Link States': 'nssa',
  'Area-Local Opaque-LSA': 'opaque-area',
  Rtr: 'router',
  Net: 'network',
  IAP: 'inter-area-prefix',
  IAR: 'inter-area-router',
  INP: 'intra-area-prefix',
  ASE: 'as-external',
}
const MAX_AGE = 3600

/** `2 0.0.0.1 router 192.0.2.1 192.0.2.1 80000005 28af` of each LSA that r4 has. */
function lsasOf2(lab: Lab): string[] {
  let [type, area] = ['', '']
  const found: string[] = []
  for (const line of lab.say(2, 'r4', 'show ip ospf database').split('\n')) {
    const title = /^ +(\S.* Link States|Area-Local Opaque-LSA)(?: \(Area (\S+)\))?/.exec(line)
    if (title) [type, area] = [TYPES[title[1] as string] ?? String(title[1]), title[2] ?? '']
    const lsa = /^(\d\S+) +(\S+) +(\d+) 0x(\S+) 0x(\S+)/.exec(line)
    if (lsa && Number(lsa[3]) < MAX_AGE) found.push([2, area, type, lsa[1], lsa[2], lsa[4], lsa[5]].join(' '))
  }
  return found
}

/** The same of OSPFv3, where the summary has no checksums. */
function lsasOf3(lab: Lab): string[] {
  let area: string | undefined = ''
  const found = new Set<string>()
  for (const line of lab.say(3, 'r4', 'show ipv6 ospf6 database').split('\n')) {
    const title = /^ +(AS|Area|I\/F) Scoped Link State Database(?: \(Area (\S+)\))?/.exec(line)
    if (title) area = title[1] === 'I/F' ? undefined : title[2] ? `0.0.0.${title[2]}` : ''
    const lsa = /^([A-Z]\w\w) +(\S+) +(\S+) +(\d+) (\w{8})/.exec(line)
    if (!lsa || area === undefined || Number(lsa[4]) >= MAX_AGE) continue
    found.add([3, area, TYPES[lsa[1] as string] ?? lsa[1], lsa[2], lsa[3], lsa[5]].join(' '))
  }
  return [...found]
}

/** The same of the packets in the capture. */
async function lsasOfCapture(lab: Lab): Promise<string[]> {
  const newest = new Map<string, { sequence: string; checksum: string; isGone: boolean }>()
  for (const { ospf_version: version, ospf_area_id: area, ospf_lsas: lsas } of await read(lab, true)) {
    for (const one of (lsas ?? []) as NetRecord[]) {
      const { type, id, advertising_router: router, age, sequence, checksum, checksum_ok: isRight } = one
      assert.equal(isRight, true)
      if (String(type) === 'link') continue
      const key = [version, type === 'as-external' ? '' : area, type, id, router].join(' ')
      const known = newest.get(key)
      const isGone = Number(age) >= MAX_AGE
      if (known && !known.isGone && (known.sequence > String(sequence) || (known.sequence === sequence && !isGone))) {
        continue
      }
      const sum = version === 2 ? ` ${Number(checksum).toString(16).padStart(4, '0')}` : ''
      newest.set(key, { sequence: String(sequence), checksum: sum, isGone })
    }
  }
  return [...newest].flatMap(([key, { sequence, checksum, isGone }]) =>
    isGone ? [] : [`${key} ${sequence}${checksum}`],
  )
}

const KINDS: { readonly [said: string]: number } = { N: 1, 'N IA': 2, 'N E1': 3, 'N E2': 4 }

interface Said2 {
  readonly routeType: string
  readonly cost: number
  readonly type2cost?: number
  readonly nexthops: readonly { readonly ip: string }[]
}

const routeText = (prefix: unknown, type: unknown, cost: unknown, type2: unknown, hops: readonly unknown[]): string =>
  [prefix, type, cost, type2 ?? '', hops.toSorted().join()].join(' ')

/** `10.0.0.0/24 2 30  10.0.12.2` of a router: route type, cost, metric of type 2, next hops. */
function routesOf2(lab: Lab, router: Router): string[] {
  const said = JSON.parse(lab.say(2, router, 'show ip ospf route json')) as { [prefix: string]: Said2 }
  return Object.entries(said).flatMap(([prefix, { routeType, cost, type2cost, nexthops }]) => {
    const type = KINDS[routeType.trim()]
    const hops = nexthops.map(({ ip }) => ip.trim()).filter(Boolean)
    return type === undefined ? [] : [routeText(prefix, type, cost, type2cost, hops)]
  })
}

const PATHS: { readonly [said: string]: number } = {
  'Intra-Area': 1,
  'Inter-Area': 2,
  'External-1': 3,
  'External-2': 4,
}

/** The same of OSPFv3; next hops are routers, by the last group of their link-local addresses. */
function routesOf3(lab: Lab, router: Router): string[] {
  const text = lab.say(3, router, 'show ipv6 ospf6 route detail')
  return text.split(/^(?=Destination: )/m).flatMap(route => {
    const said = (name: string): string => new RegExp(`^${name}: (.*)`, 'm').exec(route)?.[1] ?? ''
    if (said('Destination type') !== 'Network' || !said('Lock').includes('Flags: B')) return []
    const type = PATHS[said('Path Type').trim()]
    const [, cost, type2] = /^(\d+) \((\d+)\)/.exec(said('Metric')) ?? []
    const hops = [...route.matchAll(/^ +fe80::(\d) /gm)].map(([, number]) => `192.0.2.${number}`)
    return [routeText(said('Destination'), type, cost, type === 4 ? type2 : undefined, [...new Set(hops)])]
  })
}

/** The same of our records. */
async function routesOfRecords(records: readonly NetRecord[], version: Version, router: Router): Promise<string[]> {
  const made = await topologyOf(records, { routes: true, from: [addressOf(router)] })
  return made.flatMap(route => {
    const { proto, ip_prefix, ospf_route_type: type, igp_metric, ospf_type2_metric, next_hops } = route
    const hops = (next_hops as NetRecord[]).map(hop => (version === 2 && hop.address) || hop.router)
    // A router does not list its own external prefixes.
    const isOwn = Number(type) > 2 && hops.length === 0
    // FRR does not tell whether the LSA was of an NSSA.
    const kind = Number(type) > 4 ? Number(type) - 2 : type
    return proto !== `OSPFv${version}` || isOwn ? [] : [routeText(ip_prefix, kind, igp_metric, ospf_type2_metric, hops)]
  })
}

async function same(what: string, both: () => Promise<readonly [string[], string[]]>): Promise<number> {
  let [ours, theirs]: readonly [string[], string[]] = [[], []]
  const differ = () => assert.deepEqual(ours, theirs, what)
  await until(what, async () => {
    ;[ours, theirs] = (await both()).map(rows => rows.toSorted()) as [string[], string[]]
    return theirs.length > 0 && ours.join('\n') === theirs.join('\n')
  }).catch(differ)
  return ours.length
}

interface Compared {
  lsas: number
  routes: number
}

/**
 * FRR 8.4's ospf6d keeps the route to the prefix of a link that is down, in area 1 and inside it, though no LSA of its own
 * database says it: it is left out.
 */
const withoutStale = (isLinkDown: boolean, routes: readonly string[]): string[] =>
  routes.filter(route => !isLinkDown || !route.startsWith('2001:db8:12::/64 1 '))

async function sameAs(lab: Lab, routers: readonly Router[], isLinkDown = false): Promise<Compared> {
  const lsas = await same('LSAs of r4', async () => [await lsasOfCapture(lab), [...lsasOf2(lab), ...lsasOf3(lab)]])
  let routes = 0
  for (const router of routers) {
    routes += await same(`routes of ${router}, OSPFv2`, async () => [
      await routesOfRecords(await read(lab, false), 2, router),
      routesOf2(lab, router),
    ])
    routes += await same(`routes of ${router}, OSPFv3`, async () => [
      withoutStale(isLinkDown, await routesOfRecords(await read(lab, false), 3, router)),
      withoutStale(isLinkDown, routesOf3(lab, router)),
    ])
  }
  return { lsas, routes }
}

/** `192.0.2.1 192.0.2.1/32 1` of prefix SIDs, `192.0.2.1 8000 16000` of blocks: what opaque LSAs of r4 say. */
function segmentsOf(lab: Lab): string[] {
  let router = ''
  let prefix = ''
  const found = new Set<string>()
  const text = lab.say(2, 'r4', 'show ip ospf database opaque-area')
  for (const [, name, value] of text.matchAll(
    /^\s*(Advertising Router|Address|Index|Range Size|SID Label)(?: =|:) (\S+)/gm,
  )) {
    if (name === 'Advertising Router') router = String(value)
    else if (name === 'Address' || name === 'Range Size') prefix = String(value)
    else found.add(`${router} ${prefix} ${value}`)
  }
  return [...found]
}

interface Block {
  readonly ranges: readonly { readonly range: number; readonly label: number }[]
}

/** The same of our records. */
async function segmentsOfRecords(lab: Lab): Promise<string[]> {
  const made = await topologyOf(await read(lab, false))
  const found = made.flatMap(record => {
    const { local_igp_rtr_id: router, ip_reach: prefix, attr_prefix_sid: sids } = record
    const blocks = [record.attr_sr_capabilities, record.attr_sr_local_block].flatMap(block => (block ? [block] : []))
    const ranges = (blocks as unknown as Block[]).flatMap(block => block.ranges)
    return [
      ...((sids ?? []) as NetRecord[]).map(({ index }) => `${router} ${prefix} ${index}`),
      ...ranges.map(({ range, label }) => `${router} ${range} ${label}`),
    ]
  })
  return [...new Set(found)]
}

const some = (records: readonly NetRecord[], wanted: NetRecord): boolean =>
  records.some(record => Object.entries(wanted).every(([key, value]) => record[key] === value))

async function has(lab: Lab, wanted: NetRecord): Promise<void> {
  for (const version of VERSIONS) {
    const all = { ...wanted, proto: `OSPFv${version}` }
    await until(JSON.stringify(all), async () => some(await read(lab, false), all))
  }
}

describe('FRR ospfd and ospf6d', { skip: withoutLab() }, () => {
  it('the same LSAs and routes: two areas, a LAN, external prefixes, a metric, a link that goes down', async context => {
    const lab = await Lab.start(context)
    const tell = (step: string, { lsas, routes }: Compared) =>
      context.diagnostic(`${step}: ${lsas} LSAs and ${routes} routes are the same`)
    tell('two areas', await sameAs(lab, ROUTERS))

    const segments = await same('segments', async () => [await segmentsOfRecords(lab), segmentsOf(lab)])
    context.diagnostic(`${segments} prefix SIDs and label blocks are the same`)
    const adjacency = { nlri_type: 'Link', remote_igp_rtr_id: '192.0.2.2', local_addr_v4: '10.0.12.1' }
    // FRR 8.4 does not print the labels of its own adjacencies.
    await until('labels of an adjacency', async () => {
      const last = (await read(lab, false)).findLast(record => some([record], adjacency))
      const labels = (last?.attr_adj_sid ?? []) as NetRecord[]
      return labels.length > 0 && labels.every(({ label }) => Number(label) >= 15_000)
    })

    lab.configure('r3', 'ROUTER', 'redistribute kernel route-map external')
    for (const type of [3, 4]) await has(lab, { log_type: 'update', ospf_route_type: type })
    tell('external prefixes', await sameAs(lab, ROUTERS))

    const link = { nlri_type: 'Link', local_igp_rtr_id: '192.0.2.1', remote_igp_rtr_id: '192.0.2.2' }
    lab.configure('r1', 'interface p12', 'OSPF cost 25')
    await has(lab, { log_type: 'update', ...link, attr_igp_metric: 25 })
    tell('another metric', await sameAs(lab, ROUTERS))

    lab.ip('r1 link set p12 down')
    await has(lab, { log_type: 'withdraw', ...link })
    // r2 is alone in area 1 then, and nobody hears what it says there.
    tell('a link down', await sameAs(lab, ['r1', 'r3', 'r4'], true))

    lab.configure('r3', 'ROUTER', 'no redistribute kernel')
    for (const type of [3, 4]) await has(lab, { log_type: 'withdraw', ospf_route_type: type })
    tell('no external prefixes', await sameAs(lab, ['r1', 'r3', 'r4'], true))
    assert.match(await lab.stop(), /^0 packets dropped by kernel/m)
  })

  it('OSPFv2: an NSSA, whose border router gives its external prefix on with a forwarding address', async context => {
    const lab = await Lab.start(context)
    for (const router of ['r1', 'r2', 'r4'] as const) {
      lab.say(2, router, 'configure terminal', 'router ospf', 'area 1 nssa')
    }
    lab.ip('r1 route add blackhole 10.97.0.0/16')
    for (const router of ['r1', 'r3'] as const) {
      lab.say(2, router, 'configure terminal', 'router ospf', 'redistribute kernel metric 12')
    }
    const nssa = { log_type: 'update', ip_reach: '10.97.0.0/16', ospf_route_type: 6, local_igp_rtr_id: '192.0.2.1' }
    await until('the prefix of the NSSA', async () => some(await read(lab, false), nssa))
    const given = { log_type: 'update', ip_reach: '10.97.0.0/16', ospf_route_type: 4 }
    await until('the prefix given on', async () => some(await read(lab, false), given))
    let routes = 0
    for (const router of ROUTERS) {
      routes += await same(`routes of ${router}`, async () => [
        await routesOfRecords(await read(lab, false), 2, router),
        routesOf2(lab, router),
      ])
    }
    context.diagnostic(`${routes} routes are the same`)
  })
})
