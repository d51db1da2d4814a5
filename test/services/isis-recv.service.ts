// Adjacencies with FRR on both kinds of circuits: our database and routes are those of the routers.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { NetRecord } from '../../src/contract/record.ts'
import type { TopologyOptions } from '../../src/operators/topology.ts'
import { scratch } from '../support/cli.ts'
import { topologyOf } from '../support/topology.ts'
import { until } from './frr-lab.ts'
import { Lab, type Listener, type Router, type Row, withoutLab } from './isis-lab.ts'

/** `L1 0000.0000.0001.00-00 5 ba6d` of each LSP that a router has. */
function databaseOf(lab: Lab, router: Router): string[] {
  let level = ''
  return lab
    .say(router, 'show isis database')
    .split('\n')
    .flatMap(line => {
      level = /Level-([12])/.exec(line)?.[1] ?? level
      const found = /^(\S+)[ *]+\d+ +0x([0-9a-f]+) +0x([0-9a-f]+)/.exec(line)
      if (!found) return []
      const [, id = '', sequence = '', checksum] = found
      return [`L${level} ${id.replace(/^r(\d)/, '0000.0000.000$1')} ${Number.parseInt(sequence, 16)} ${checksum}`]
    })
    .sort()
}

/** The same of PDUs that we have. */
function databaseOfPdus(rows: readonly Row[]): string[] {
  const newest = new Map<string, string>()
  for (const { isis_pdu: pdu, isis_lsp_id: id, isis_sequence: sequence, isis_checksum: checksum } of rows) {
    if (id === undefined) continue
    const key = `${String(pdu).slice(0, 2).toUpperCase()} ${id}`
    newest.set(key, `${key} ${sequence} ${Number(checksum).toString(16).padStart(4, '0')}`)
  }
  return [...newest.values()].sort()
}

const KINDS: { readonly [said: string]: string } = {
  'Extended Reachability': 'Link',
  'MT Reachability': 'Link',
  'Extended IP Reachability': 'Prefix',
  'MT IPv6 Reachability': 'Prefix',
}

/** Links and prefixes with their metrics as a router tells its database in detail. */
function objectsOf(lab: Lab, router: Router): string[] {
  let [level, node] = ['', '']
  const found: string[] = []
  for (const line of lab.say(router, 'show isis database detail').split('\n')) {
    level = /Level-([12])/.exec(line)?.[1] ?? level
    node = /^(\S+)-[0-9a-f]{2} /.exec(line)?.[1]?.replace(/^r(\d)/, '0000.0000.000$1') ?? node
    const said = /^ {2}([^:]+): (\S+) \(Metric: (\d+)\)( ipv6-unicast)?/.exec(line)
    const kind = KINDS[said?.[1] ?? '']
    if (kind) found.push([`L${level}`, node, kind, said?.[2], said?.[3], said?.[4] ? 'mt2' : ''].join(' '))
  }
  return found.sort()
}

const nodeOf = (id: unknown): string => (String(id).includes('-') ? String(id).replace('-', '.') : `${id}.00`)

const topology = (rows: readonly Row[], options?: Partial<TopologyOptions>): Promise<Row[]> =>
  topologyOf(rows as NetRecord[], options)

/** The same of our records. */
async function objectsOfRecords(rows: readonly Row[]): Promise<string[]> {
  return (await topology(rows))
    .flatMap(row => {
      const { proto, nlri_type: type, multi_topology_ids: mt } = row
      const place = [`L${String(proto).at(-1)}`, nodeOf(row.local_igp_rtr_id)]
      const end = Array.isArray(mt) && mt[0] === 2 ? 'mt2' : ''
      if (type === 'Link')
        return [[...place, 'Link', nodeOf(row.remote_igp_rtr_id), row.attr_igp_metric, end].join(' ')]
      return row.ip_reach === undefined
        ? []
        : [[...place, 'Prefix', row.ip_reach, row.attr_prefix_metric, end].join(' ')]
    })
    .sort()
}

/** `prefix metric next hop` of level 1, without what the router announces itself. */
function routesOf(lab: Lab, router: Router, own: ReadonlySet<unknown>): string[] {
  const text = lab.say(router, 'show isis route').split(/IS-IS L2 /)[0] as string
  return [...text.matchAll(/^ (\S+\/\d+) +(\d+) +\S+ +(\S+)/gm)]
    .filter(([, prefix, , hop]) => !own.has(prefix) && hop !== '-')
    .map(([, prefix, metric, hop]) => `${prefix} ${metric} ${String(prefix).includes(':') ? '' : hop}`.trim())
    .sort()
}

async function routesOfRecords(rows: readonly Row[], router: Router): Promise<{ routes: string[]; own: Set<unknown> }> {
  const made = await topology(rows, { routes: true, from: [router] })
  const own = new Set(made.filter(({ next_hops: hops }) => (hops as unknown[]).length === 0).map(row => row.ip_prefix))
  const routes = made
    .filter(({ ip_prefix: prefix }) => !own.has(prefix))
    .flatMap(({ ip_prefix: prefix, igp_metric: metric, next_hops: hops }) =>
      // Next hops of IPv6 are link-local in FRR's table, which no LSP says.
      (hops as Row[]).map(({ address }) => `${prefix} ${metric} ${String(prefix).includes(':') ? '' : address}`.trim()),
    )
  return { routes: routes.sort(), own }
}

async function sameAs(lab: Lab, listener: Listener, router: Router): Promise<void> {
  let [ours, theirs]: [string[], string[]] = [[], []]
  await until('our database is that of the router', async () => {
    ours = await objectsOfRecords(listener.rows)
    theirs = objectsOf(lab, router)
    return theirs.length > 0 && ours.join('\n') === theirs.join('\n')
  }).catch(() => assert.deepEqual(ours, theirs))
  for (const one of ['r1', 'r2', 'r3'] as const) {
    // Flags and the router's own table follow the database a moment later.
    await until(`routes of ${one}`, async () => {
      const seen = await routesOfRecords(listener.rows, one)
      ;[ours, theirs] = [seen.routes, routesOf(lab, one, seen.own)]
      return ours.join('\n') === theirs.join('\n')
    }).catch(() => assert.deepEqual(ours, theirs, one))
  }
}

const has = (rows: readonly Row[], wanted: Row): boolean =>
  rows.some(row => Object.entries(wanted).every(([key, value]) => row[key] === value))

describe('FRR isisd', { skip: withoutLab() }, () => {
  it('point to point: the same database and routes; overload; a new designated router purges', async context => {
    const lab = await Lab.start(context)
    const listener = lab.listen('--interface', 'p41')
    await until('the adjacency', () => /adjacency with 0000.0000.0001 is up/.test(listener.said))
    await sameAs(lab, listener, 'r1')
    const names = (await topology(listener.rows)).map(({ attr_node_name: name }) => name)
    assert.deepEqual(new Set(names.filter(Boolean)), new Set(['r1', 'r2', 'r3']))
    lab.configure('r2', 'router isis 1', 'set-overload-bit')
    const overloaded = { log_type: 'update', nlri_type: 'Node', local_igp_rtr_id: '0000.0000.0002' }
    await until('the overload bit', () => has(listener.rows, { ...overloaded, attr_node_flags: '80' }))
    // r1 itself (FRR 8.4) keeps its routes through r2 for longer, so that they are not compared here.
    const lost = async () => {
      const { routes } = await routesOfRecords(listener.rows, 'r1')
      return !routes.some(route => route.startsWith('192.0.2.3/32'))
    }
    await until('no way through an overloaded router', lost)
    lab.configure('r2', 'router isis 1', 'no set-overload-bit')
    lab.configure('r2', 'interface lan', 'isis priority 127')
    const gone = { log_type: 'withdraw', nlri_type: 'Node', proto: 'IS-IS Level 2', pseudonode: 'true' }
    await until('the purge of the pseudonode', () => has(listener.rows, gone))
    await sameAs(lab, listener, 'r1')
    const rows = await listener.stop()
    assert.equal(rows.at(-1)?.event_type, 'log_close')
    await until('r1 has heard our farewell', () => !/p14 .* Up /.test(lab.say('r1', 'show isis neighbor')))
  })

  it('LAN: every LSP of the database, then keys: without them nothing, with them all', async context => {
    const lab = await Lab.start(context)
    const listener = lab.listen('--interface', 'lan', '--pdus')
    await until('both neighbours', () => lab.say('r3', 'show isis neighbor').match(/ Up /g)?.length === 4)
    let [ours, theirs]: [string[], string[]] = [[], []]
    await until('every LSP', () => {
      ours = databaseOfPdus(listener.rows)
      theirs = databaseOf(lab, 'r3')
      return ours.join('\n') === theirs.join('\n')
    }).catch(() => assert.deepEqual(ours, theirs))
    assert.ok(theirs.length >= 8)
    await listener.stop()
    for (const router of ['r1', 'r2', 'r3'] as const) {
      lab.configure(router, 'router isis 1', 'area-password md5 areas authenticate snp validate')
      lab.configure(router, 'router isis 1', 'domain-password md5 domains authenticate snp validate')
    }
    for (const router of ['r2', 'r3'] as const) lab.configure(router, 'interface lan', 'isis password md5 hellos')
    const file = join(scratch(context), 'keys')
    writeFileSync(file, 'hello md5 wrong\nlevel-1 md5 areas\nlevel-2 md5 domains\n')
    const wrong = lab.listen('--interface', 'lan', '--key-file', file)
    await until('a hello that no key of ours signed', () => /no key of ours signed a l[12]-lan-hello/.test(wrong.said))
    assert.equal((await wrong.stop()).filter(({ log_type }) => log_type).length, 0)
    writeFileSync(file, 'hello md5 hellos\nlevel-1 md5 areas\nlevel-2 md5 domains\n')
    const right = lab.listen('--interface', 'lan', '--key-file', file)
    await sameAs(lab, right, 'r3')
    await right.stop()
  })
})
