// Records as lines of a bulk request: an action and a document each.
import {
  type Column,
  type DeliveryBatch,
  fieldOf,
  jsonText,
  type NetRecord,
  picker,
  type RecordName,
  recordId,
} from 'netally'
import { mergedRecords, updateText } from './merge.ts'
import type { ElasticsearchOptions } from './options.ts'
import { PLACES } from './template.ts'

/** One action. */
export interface Item {
  /** The records that it is of: one, or those of one key. */
  readonly indexes: readonly number[]
  /** Action and document, each with its line feed. */
  readonly text: string
}

/** The fields that say a record's time, in the order in which they are believed. */
const TIMES = ['stamp_inserted', 'timestamp_arrival', 'stamp_updated', 'timestamp'].map(fieldOf)
const pickTimes = picker(TIMES)

function timeAt(columns: readonly Column[], row: number): number | undefined {
  for (const column of columns) {
    const microseconds = column.lane === 'number' ? (column.numbers[row] as number) : Number.NaN
    if (Number.isFinite(microseconds)) return Math.floor(microseconds / 1000)
  }
  return undefined
}

/** Unix ms of each record; without a time of its own it has that of the batch, which is the same at every attempt. */
function timesOf(batch: DeliveryBatch): number[] {
  const times: number[] = []
  for (const part of batch.batches()) {
    const { columns, rows, count } = pickTimes(part)
    for (let index = 0; index < count; index++) {
      times.push(timeAt(columns, rows[index] as number) ?? Math.floor(batch.takenMs))
    }
  }
  return times
}

/** Latitude and longitude as one value, where a record has both. */
function placesText(record: NetRecord): string {
  let text = ''
  for (const { name, latitude, longitude } of PLACES) {
    const [lat, lon] = [record[latitude], record[longitude]]
    if (typeof lat === 'number' && typeof lon === 'number') text += `"${name}":{"lat":${lat},"lon":${lon}},`
  }
  return text
}

/** A record's text with what we add in front; names that the record has itself are left as they are. */
function documentText(line: string, timeMs: number, record: () => NetRecord): string {
  let added = ''
  if (!line.includes('"@timestamp"') || record()['@timestamp'] === undefined) added = `"@timestamp":${timeMs},`
  if (line.includes('"lat_ip_')) added += placesText(record())
  if (line === '{}') return `{${added.slice(0, -1)}}`
  return `{${added}${line.slice(1)}`
}

/** Of a time alone a name needs no record. */
function nameOf(index: RecordName, batch: DeliveryBatch, times: readonly number[]): (at: number) => string {
  const isTimed = index.fields.includes('stamp_inserted') && index.fields.length <= TIMES.length + 1
  if (isTimed) return at => index.of({ stamp_inserted: (times[at] as number) / 1000 }, 0)
  return at => index.of(batch.records[at] as NetRecord, batch.takenMs)
}

type Maker = (batch: DeliveryBatch) => Item[]

/** Each record is a document: its id is of the batch, or of the record. */
function single(options: ElasticsearchOptions, place: (name: string) => string, action: string): Maker {
  const { index, key } = options
  const idOf = key === undefined ? undefined : recordId(key === 'auto' ? undefined : key)
  return batch => {
    const { lines, id } = batch
    const times = timesOf(batch)
    const named = index.isFixed ? undefined : nameOf(index, batch, times)
    return lines.map((line, at) => {
      const record = () => batch.records[at] as NetRecord
      const where = named ? place(named(at)) : ''
      const document = idOf ? idOf(record()) : `${id}.${at}`
      const text = documentText(line, times[at] as number, record)
      return { indexes: [at], text: `{"${action}":{${where}"_id":"${document}"}}\n${text}\n` }
    })
  }
}

/** Records of one key are one document; those of one batch are put together first. */
function adding(options: ElasticsearchOptions, place: (name: string) => string): Maker {
  const { index, key } = options
  const idOf = recordId(key === 'auto' ? undefined : key)
  return batch => {
    const times = timesOf(batch)
    const named = nameOf(index, batch, times)
    const groups = new Map<string, { action: string; indexes: number[]; record: NetRecord }>()
    batch.records.forEach((record, at) => {
      const where = index.isFixed ? '' : place(named(at))
      const action = `{"update":{${where}"_id":"${idOf(record)}","retry_on_conflict":5}}\n`
      const group = groups.get(action)
      if (group) {
        group.indexes.push(at)
        group.record = mergedRecords(group.record, record)
      } else groups.set(action, { action, indexes: [at], record })
    })
    return Array.from(groups.values(), ({ action, indexes, record }) => {
      const text = documentText(jsonText(record), times[indexes[0] as number] as number, () => record)
      return { indexes, text: `${action}${updateText(text, record, batch.id)}\n` }
    })
  }
}

/** What a batch becomes. */
export function documentMaker(options: ElasticsearchOptions): Maker {
  const place = (name: string) => `"_index":"${name}",`
  if (options.key !== undefined && options.merge === 'add') return adding(options, place)
  return single(options, place, options.merge === 'replace' ? 'index' : 'create')
}
