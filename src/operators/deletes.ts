// Says of every route that a session or a BMP peer leaves behind that it is gone, as pmacct does: `delete` records before
// log_close and peer_down. For that the table must be kept; without it log_close and peer_down stand for all of them.
import type { Host } from '../contract/host.ts'
import { type Batch, type NetRecord, RECORDS_PER_BATCH, recordBatch, type Stream } from '../contract/record.ts'
import { ColumnBatch, LineBatch, type LineContext } from '../fields/batch.ts'
import type { NumberColumn } from '../fields/column.ts'
import type { RouteGroup, RouteSnapshot } from '../lookup/route-snapshot.ts'
import { OctetBuffer } from '../octets/buffer.ts'
import { Rib } from '../wire/rib/rib.ts'
import { rowHead, writeRow } from '../wire/rib/row-text.ts'

const FIRST_OCTETS = 1 << 16
const LINE_FEED = 10

class Deletes {
  readonly #host: Host
  readonly #rib: Rib
  readonly #out = new OctetBuffer(FIRST_OCTETS)
  readonly #starts = new Int32Array(RECORDS_PER_BATCH)
  readonly #ends = new Int32Array(RECORDS_PER_BATCH)
  readonly #numbers = new Int32Array(RECORDS_PER_BATCH)
  /** Records that were put in: what comes after them is numbered so much higher. */
  #added = 0

  constructor(host: Host) {
    this.#host = host
    // What the table has no room for will not be told; nothing of the stream is dropped.
    this.#rib = new Rib((name, by) => {
      if (name.startsWith('dropped/')) host.count(`deletes/${name.slice('dropped/'.length)}`, by)
    })
  }

  *take(batch: Batch): Generator<Batch> {
    if (batch instanceof ColumnBatch) {
      this.#rib.take(batch)
      yield this.#renumbered(batch)
      return
    }
    let kept: NetRecord[] = []
    for (const record of batch.records) {
      if (record.event_type === 'log_close' || record.bmp_msg_type === 'peer_down') {
        yield* this.#taken(kept, batch.now)
        kept = []
        yield* this.#deletes(record, batch.now)
      }
      kept.push(record)
    }
    yield* this.#taken(kept, batch.now)
  }

  /** Columns are ours until the next batch is asked for. */
  #renumbered(batch: ColumnBatch): Batch {
    if (this.#added === 0) return batch
    const place = batch.form.fields.findIndex(({ name }) => name === 'seq')
    const { numbers } = batch.columns[place] as NumberColumn
    for (let index = 0; index < batch.count; index++) numbers[batch.rows[index] as number]! += this.#added
    return batch
  }

  *#taken(records: NetRecord[], nowMs: number): Generator<Batch> {
    if (records.length === 0) return
    this.#rib.take(recordBatch(records, nowMs))
    for (const record of records) if (typeof record.seq === 'number') record.seq += this.#added
    yield recordBatch(records, nowMs)
  }

  *#deletes(record: NetRecord, nowMs: number): Generator<Batch> {
    const session = this.#rib.peers.session(record)
    const ids = new Set([...session.peers].map(({ id }) => id))
    const isGone = record.event_type === 'log_close' ? () => true : this.#rib.gone(session, record)
    if (![...ids].some(id => this.#rib.table.count(id) > 0)) return
    const snapshot = this.#rib.table.snapshot(peer => (ids.has(peer) ? peer : -1))
    try {
      for (const group of snapshot.groups) {
        if (isGone(group.peer, group.scope)) yield* this.#group(snapshot, group, record, nowMs)
      }
    } finally {
      snapshot.release()
    }
  }

  *#group(snapshot: RouteSnapshot, group: RouteGroup, record: NetRecord, nowMs: number): Generator<Batch> {
    const { peers, scopes, table } = this.#rib
    const peer = peers.get(group.peer)
    const scope = scopes.get(group.scope)
    if (!peer || !scope) return
    const head = rowHead({ log_type: 'delete', ...timesOf(record) }, 'log', peer, scope, 'internal').subarray(1)
    const order = snapshot.order(group)
    const context: LineContext = { clock: { nowMs }, onBadLine() {}, newestMs: () => nowMs, trusted: true }
    let seq = Number(record.seq) + this.#added
    for (let from = 0; from < order.length; from += RECORDS_PER_BATCH) {
      const count = Math.min(RECORDS_PER_BATCH, order.length - from)
      const out = this.#out
      out.length = 0
      for (let index = 0; index < count; index++) {
        const entry = order[from + index] as number
        this.#starts[index] = out.length
        out.appendText(`{"seq":${seq++},`)
        writeRow(out, head, table, scope.afi, {
          prefix: snapshot.prefix[entry] as number,
          path: snapshot.path[entry] as number,
          attributes: snapshot.attributes[entry] as number,
          own: snapshot.own[entry] as number,
        })
        this.#ends[index] = out.length
        out.octets[out.length++] = LINE_FEED
      }
      this.#added += count
      this.#host.count('deletes/written', count)
      yield new LineBatch(out.octets, this.#starts, this.#ends, this.#numbers, count, context)
    }
  }
}

/** When the routes went; a log_close of BMP has the station's time alone. */
function timesOf({ bmp_router, timestamp, timestamp_arrival }: NetRecord): NetRecord {
  const router = bmp_router === undefined || timestamp_arrival !== undefined ? timestamp : undefined
  const arrival = timestamp_arrival ?? (bmp_router === undefined ? undefined : timestamp)
  return {
    ...(router === undefined ? {} : { timestamp: router }),
    ...(arrival === undefined ? {} : { timestamp_arrival: arrival }),
  }
}

/** Puts `delete` records into a stream of bgp-recv or bmp-recv, whose records it numbers again. */
export async function* withDeletes(input: Stream, host: Host): Stream {
  const deletes = new Deletes(host)
  for await (const batch of input) {
    if (batch.count === 0) yield batch
    else yield* deletes.take(batch)
  }
}
