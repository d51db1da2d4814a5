// A table of leaves as batches of records: dump_init, the leaves, dump_close of each node.
import { type Batch, type NetRecord, RECORDS_PER_BATCH, recordBatch } from '../../contract/record.ts'
import type { Leaf, LeafTable } from './leaf-table.ts'

export interface LeafRowsOptions {
  /** Time of the dump, Unix ms. */
  readonly nowMs: number
  /** Interval of dumps, 0 = none. */
  readonly periodSeconds: number
}

/** The table as it is now, to be written while it goes on changing. */
export function dumpLeaves(table: LeafTable, options: LeafRowsOptions) {
  const nodes = table.nodes()
  return {
    records: table.size + 2 * nodes.size,
    batches: batchesOf(nodes, options),
    release() {},
  }
}

function* batchesOf(nodes: ReadonlyMap<string, readonly Leaf[]>, options: LeafRowsOptions): Generator<Batch> {
  const { nowMs, periodSeconds } = options
  const time = Math.floor(nowMs / 1000)
  const frame = (telemetry_node: string, event_type: string, more: NetRecord): Batch =>
    recordBatch([{ timestamp: time, telemetry_node, event_type, ...more }], nowMs)
  for (const [node, leaves] of nodes) {
    yield frame(node, 'dump_init', periodSeconds > 0 ? { dump_period: periodSeconds } : {})
    for (let at = 0; at < leaves.length; at += RECORDS_PER_BATCH) {
      yield recordBatch(
        leaves.slice(at, at + RECORDS_PER_BATCH).map(leaf => rowOf(leaf, time)),
        nowMs,
      )
    }
    yield frame(node, 'dump_close', { entries: leaves.length })
  }
}

/** A row has the time of the dump; when the leaf was told is `timestamp_event`. */
function rowOf({ record }: Leaf, time: number): NetRecord {
  const { timestamp, timestamp_event, ...rest } = record
  return { event_type: 'dump', timestamp: time, timestamp_event: timestamp_event ?? timestamp ?? time, ...rest }
}
