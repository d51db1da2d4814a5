// A whole table as MRT: what it can have, in the order of prefixes. What else the table has is counted and left out.
import type { Host } from '../../contract/host.ts'
import { NO_PREFIX } from '../../lookup/route-prefixes.ts'
import type { RouteSnapshot } from '../../lookup/route-snapshot.ts'
import { type MrtBatch, MrtWriter, type PeerEntry, type Section, sectionOf } from './mrt-writer.ts'
import type { Rib } from './rib.ts'
import type { TableDump, TableRowsOptions } from './table-rows.ts'

const MOST_PEERS = 0xffff

/** A group being read in step with those of other peers. */
interface Cursor {
  readonly peer: number
  readonly order: Uint32Array
  at: number
}

function leftOut(routes: number, host: Pick<Host, 'count' | 'report'>): void {
  if (routes === 0) return
  host.count('mrt_routes_left_out', routes)
  host.report({
    code: 'dump/not-in-mrt',
    message: `${routes} routes are not in the MRT file, which has IPv4 and IPv6 prefixes only: unicast, multicast, labelled and of VPNs, with their labels`,
    hint: '--format json has all',
  })
}

/** The table as it is now, to be written while it goes on changing. */
export function dumpMrt(rib: Rib, { nowMs }: TableRowsOptions, host: Pick<Host, 'count' | 'report'>): TableDump {
  const peers = [...rib.peers.sessions.values()].flatMap(session => [...session.peers]).slice(0, MOST_PEERS)
  const ranks = new Map(peers.map(({ id }, rank) => [id, rank]))
  const snapshot = rib.table.snapshot(peer => ranks.get(peer) ?? -1)
  const sections = new Map<number, Section>()
  for (const scope of rib.scopes.all) {
    const section = sectionOf(scope)
    if (section) sections.set(scope.id, section)
  }
  const writer = new MrtWriter(rib, snapshot, nowMs, (name, by) => host.count(name, by))
  const groups = Map.groupBy(snapshot.groups, ({ scope }) => scope)
  const rows = snapshot.groups.reduce((sum, group) => {
    const section = sections.get(group.scope)
    return section ? sum + group.to - group.from - writer.unlabelled(section, group) : sum
  }, 0)
  leftOut(snapshot.prefix.length - rows, host)
  function* batches(): Generator<MrtBatch> {
    writer.peers(peers)
    yield writer.batch(nowMs)
    for (const [id, section] of sections) {
      const cursors = (groups.get(id) ?? []).map(
        (group): Cursor => ({ peer: ranks.get(group.peer) as number, order: snapshot.order(group), at: 0 }),
      )
      for (const { prefix, entries } of merged(rib, snapshot, cursors)) {
        writer.prefix(section, prefix, entries)
        if (writer.isFull) yield writer.batch(nowMs)
      }
    }
    yield writer.batch(nowMs)
  }
  return { records: rows + 1, batches: batches(), release: () => snapshot.release() }
}

/** Prefixes in order, each with the entries that all peers have for it. */
function* merged(
  rib: Rib,
  { prefix }: RouteSnapshot,
  cursors: readonly Cursor[],
): Generator<{ prefix: number; entries: PeerEntry[] }> {
  const { prefixes } = rib.table
  const next = (cursor: Cursor): number => prefix[cursor.order[cursor.at] as number] ?? 0
  const isBefore = (a: number, b: number): boolean => {
    for (let word = 0; word < 4; word++) {
      const difference = prefixes.word(a, word) - prefixes.word(b, word)
      if (difference !== 0) return difference < 0
    }
    return prefixes.length(a) < prefixes.length(b)
  }
  for (;;) {
    let first = 0
    for (const cursor of cursors) {
      const candidate = cursor.at < cursor.order.length ? next(cursor) : 0
      if (candidate !== 0 && candidate !== first && (first === 0 || isBefore(candidate, first))) first = candidate
    }
    if (first === 0) return
    const entries: PeerEntry[] = []
    for (const cursor of cursors) {
      while (cursor.at < cursor.order.length && next(cursor) === first) {
        entries.push({ peer: cursor.peer, entry: cursor.order[cursor.at++] as number })
      }
    }
    if (prefixes.length(first) !== NO_PREFIX) yield { prefix: first, entries }
  }
}
