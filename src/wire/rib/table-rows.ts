// A whole table as batches of records: dump_init, events and routes, dump_close of each session.
import { type Batch, type NetRecord, RECORDS_PER_BATCH, recordBatch } from '../../contract/record.ts'
import { LineBatch, type LineContext } from '../../fields/batch.ts'
import type { RouteGroup, RouteSnapshot } from '../../lookup/route-snapshot.ts'
import type { RouteTable } from '../../lookup/route-table.ts'
import { OctetBuffer } from '../../octets/buffer.ts'
import type { Session } from './peers.ts'
import type { Rib } from './rib.ts'
import { rowHead, writeRow } from './row-text.ts'

export interface TableRowsOptions {
  /** Time of the dump, Unix ms; 0 = not known. */
  readonly nowMs: number
  readonly seq: number
  /** Interval of dumps, 0 = none. */
  readonly periodSeconds: number
  /** Statistics of BMP are left out. */
  readonly withoutStatistics: boolean
}

/** A session as it was when the dump began. */
interface DumpedSession {
  readonly session: Session
  readonly groups: readonly { readonly group: RouteGroup; readonly head: Uint8Array; readonly afi: number }[]
  readonly events: readonly NetRecord[]
  readonly tables: number
}

export interface TableDump {
  /** Records that there will be. */
  readonly records: number
  /** Each batch holds until the next one is asked for. */
  readonly batches: Iterable<Batch>
  /** To be called when no more batches are asked for. */
  release(): void
}

const LINE_FEED = 10

/** The table as it is now, to be written while it goes on changing. */
export function dumpTable(rib: Rib, options: TableRowsOptions): TableDump {
  const order = new Map<number, number>()
  for (const session of rib.peers.sessions.values()) for (const { id } of session.peers) order.set(id, order.size)
  const snapshot = rib.table.snapshot(peer => order.get(peer) ?? -1)
  const sessions = [...rib.peers.sessions.values()].map(session => dumped(rib, session, snapshot, options))
  const rows = sessions.reduce((sum, { events }) => sum + 2 + events.length, snapshot.prefix.length)
  const context: LineContext = {
    clock: { nowMs: options.nowMs },
    onBadLine() {},
    newestMs: () => options.nowMs,
    trusted: true,
  }
  return {
    records: rows,
    batches: batchesOf(rib.table, sessions, snapshot, options, context),
    release: () => snapshot.release(),
  }
}

function dumped(rib: Rib, session: Session, snapshot: RouteSnapshot, options: TableRowsOptions): DumpedSession {
  const events = [...session.events.values()].filter(
    ({ bmp_msg_type }) => !options.withoutStatistics || bmp_msg_type !== 'stats',
  )
  const groups = snapshot.groups.flatMap(group => {
    const peer = rib.peers.get(group.peer)
    const scope = rib.scopes.get(group.scope)
    if (!peer || !scope || peer.session !== session) return []
    return [{ group, head: rowHead(envelopeOf(options), 'dump', peer, scope), afi: scope.afi }]
  })
  return { session, groups, events, tables: session.isBmp ? new Set(groups.map(({ group }) => group.peer)).size : 1 }
}

const timeOf = ({ nowMs }: TableRowsOptions): NetRecord => (nowMs > 0 ? { timestamp: Math.floor(nowMs / 1000) } : {})
const envelopeOf = (options: TableRowsOptions): NetRecord => ({ seq: options.seq, ...timeOf(options) })

function* batchesOf(
  table: RouteTable,
  sessions: readonly DumpedSession[],
  snapshot: RouteSnapshot,
  options: TableRowsOptions,
  context: LineContext,
): Generator<Batch> {
  const time = timeOf(options)
  const envelope = envelopeOf(options)
  for (const { session, groups, events, tables } of sessions) {
    const frame = (event_type: string, more: NetRecord): Batch =>
      recordBatch([{ ...time, ...session.names, event_type, ...more, seq: options.seq }], options.nowMs)
    const period: NetRecord = options.periodSeconds > 0 ? { dump_period: options.periodSeconds } : {}
    yield frame('dump_init', period)
    for (let at = 0; at < events.length; at += RECORDS_PER_BATCH) {
      const part = events.slice(at, at + RECORDS_PER_BATCH)
      yield recordBatch(
        part.map(event => ({ ...envelope, event_type: 'dump', ...event })),
        options.nowMs,
      )
    }
    let entries = 0
    for (const { group, head, afi } of groups) {
      entries += group.to - group.from
      yield* groupBatches(table, snapshot, group, head, afi, context)
    }
    yield frame('dump_close', { entries, tables })
  }
}

/** The lines of one group; the octets are used again. */
function* groupBatches(
  table: RouteTable,
  snapshot: RouteSnapshot,
  group: RouteGroup,
  head: Uint8Array,
  afi: number,
  context: LineContext,
): Generator<Batch> {
  const order = snapshot.order(group)
  const out = new OctetBuffer(1 << 17)
  const starts = new Int32Array(RECORDS_PER_BATCH)
  const ends = new Int32Array(RECORDS_PER_BATCH)
  const numbers = new Int32Array(RECORDS_PER_BATCH)
  const row = { prefix: 0, path: 0, attributes: 0, own: 0 }
  for (let from = 0; from < order.length; from += RECORDS_PER_BATCH) {
    const count = Math.min(RECORDS_PER_BATCH, order.length - from)
    out.length = 0
    for (let index = 0; index < count; index++) {
      const entry = order[from + index] as number
      row.prefix = snapshot.prefix[entry] as number
      row.path = snapshot.path[entry] as number
      row.attributes = snapshot.attributes[entry] as number
      row.own = snapshot.own[entry] as number
      starts[index] = out.length
      writeRow(out, head, table, afi, row)
      ends[index] = out.length
      out.octets[out.length++] = LINE_FEED
    }
    yield new LineBatch(out.octets, starts, ends, numbers, count, context)
  }
}
