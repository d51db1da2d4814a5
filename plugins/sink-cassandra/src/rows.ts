// Records as rows of the table, by partition.
import { type DeliveryBatch, type NetRecord, type Rejected, recordId, recordTimeMs } from 'netally'
import { type Bound, type CassandraColumn, octetsOf } from './column.ts'
import type { CassandraOptions } from './options.ts'

export interface Row {
  /** Of the batch's records. */
  readonly index: number
  readonly values: readonly Bound[]
  /** On the wire, about. */
  readonly octets: number
}

/** Rows of one partition that go together. */
export type Chunk = Row[]

/** Of a row besides its values: the statement's id, its kind, its count. */
const ROW_OCTETS = 24
/** Rows in a batch, whatever their size. */
const MOST_ROWS = 1000

/** FNV-1a, for which part of a partition a row is in. */
function partOf(id: string, parts: number): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193)
  return (hash >>> 0) % parts
}

type RowOrReason = Row | string

export class RowMaker {
  readonly #options: CassandraOptions
  readonly #columns: readonly CassandraColumn[]
  readonly #idOf: ((record: NetRecord) => string) | undefined

  constructor(options: CassandraOptions, columns: readonly CassandraColumn[]) {
    const { key } = options
    this.#options = options
    this.#columns = columns
    this.#idOf = key === undefined ? undefined : recordId(key === 'auto' ? undefined : key)
  }

  /** Names and order of the values that `row` gives. */
  static names(options: CassandraOptions): string[] {
    return ['bucket', ...(options.spread > 1 ? ['part'] : []), 'at', 'id']
  }

  /** The row, and where it belongs; or why it cannot be one. */
  #row(record: NetRecord, index: number, batch: DeliveryBatch): { place: string; row: RowOrReason } {
    const { bucketMs, spread, partition } = this.#options
    const timeMs = recordTimeMs(record) ?? Math.floor(batch.takenMs)
    const bucket = Math.floor(timeMs / bucketMs) * bucketMs
    const id = this.#idOf ? this.#idOf(record) : `${batch.id}.${index}`
    const part = spread > 1 ? [partOf(id, spread)] : []
    const values: Bound[] = [new Date(bucket), ...part, new Date(timeMs), id]
    let octets = ROW_OCTETS + 40 + id.length
    for (const { field, type, bind } of this.#columns) {
      const value = record[field]
      const isAbsent = value === undefined || value === null
      const bound = isAbsent ? undefined : bind(value)
      if (bound === undefined && !isAbsent) {
        return { place: '', row: `${field} ${JSON.stringify(String(value))} is no ${type}` }
      }
      values.push(bound)
      octets += octetsOf(bound)
    }
    const absent = partition.find(
      field => record[field] === undefined || record[field] === null || record[field] === '',
    )
    if (absent !== undefined) return { place: '', row: `it has no ${absent}, which --partition needs` }
    const place = [bucket, ...part, ...partition.map(field => String(record[field]))].join('\n')
    return { place, row: { index, values, octets } }
  }

  /** The rows of a batch in chunks of one partition each; what cannot be a row is put into `rejected`. */
  chunks(batch: DeliveryBatch, rejected: Rejected[]): Chunk[] {
    const chunks: Chunk[] = []
    const open = new Map<string, { chunk: Chunk; octets: number }>()
    batch.records.forEach((record, index) => {
      const { place, row } = this.#row(record, index, batch)
      if (typeof row === 'string') {
        rejected.push({ index, reason: row })
        return
      }
      const last = open.get(place)
      if (last && last.octets + row.octets <= this.#options.chunkOctets && last.chunk.length < MOST_ROWS) {
        last.chunk.push(row)
        last.octets += row.octets
        return
      }
      const chunk = [row]
      chunks.push(chunk)
      open.set(place, { chunk, octets: row.octets })
    })
    return chunks
  }
}
