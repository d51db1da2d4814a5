// The census of `describe` as tables for people: one of the stream, its fields, elements, exporters each.
import { type NetRecord, recordBatch, type Stream, type Value } from '../contract/record.ts'
import { OctetBuffer } from '../octets/buffer.ts'
import { timeText } from '../octets/time-text.ts'
import { tableFormat } from '../sinks/dump/table.ts'
import { DUMP_DEFAULTS } from '../sinks/dump.ts'

const COLUMNS: { readonly [kind: string]: readonly string[] } = {
  field: ['name', 'type', 'share', 'types', 'distinct', 'min', 'max', 'sum', 'examples'],
  element: ['name', 'share', 'octets_min', 'octets_max', 'examples'],
  exporter: [
    'name',
    'records',
    'share',
    'sampling_rates',
    'versions',
    'observation_domains',
    'clock_skew_min',
    'clock_skew_median',
    'clock_skew_max',
  ],
}
const TITLES: { readonly [kind: string]: string } = {
  field: 'Fields',
  element: 'Elements without a field',
  exporter: 'Exporters',
}

const time = (value: Value | undefined): Value =>
  typeof value === 'number' ? timeText(value, 'rfc3339', { name: '' }) : (value ?? '')

/** Shares as percent, times as text, an estimate with a tilde. */
function readable(record: NetRecord): NetRecord {
  const { share, type, min, max, distinct, distinct_error, examples } = record
  return {
    ...record,
    ...(typeof share === 'number' ? { share: `${(100 * share).toFixed(share === 1 ? 0 : 1)}%` } : {}),
    ...(type === 'time' ? { min: time(min), max: time(max) } : {}),
    ...(distinct_error === undefined ? {} : { distinct: `~${String(distinct)}` }),
    ...(Array.isArray(examples) ? { examples: examples.join(', ').slice(0, 40) } : {}),
  }
}

function streamText(record: NetRecord): string {
  const shown = Object.entries(record).filter(([name]) => !['event_type', 'kind', 'name'].includes(name))
  const width = Math.max(...shown.map(([name]) => name.length))
  const text = (name: string, value: Value) => String(/_(first|last)$/.test(name) ? time(value) : value)
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${text(name, value)}\n`).join('')
}

function table(kind: string, records: readonly NetRecord[]): string {
  const columns = COLUMNS[kind]?.filter(name => records.some(record => record[name] !== undefined))
  const format = tableFormat({ ...DUMP_DEFAULTS, format: 'table', fields: columns })({ fileName: '-', fresh: true })
  const out = new OctetBuffer(1 << 16)
  format.write(recordBatch(records.map(readable), 0), out)
  format.release(out, true)
  return `\n${TITLES[kind]}\n${new TextDecoder().decode(out.written())}`
}

export async function* describeView(stream: Stream): AsyncGenerator<string> {
  const records: NetRecord[] = []
  for await (const batch of stream) records.push(...batch.records)
  const byKind = Map.groupBy(records, ({ kind }) => String(kind))
  for (const record of byKind.get('stream') ?? []) yield streamText(record)
  for (const kind of Object.keys(TITLES)) {
    const some = byKind.get(kind)
    if (some) yield table(kind, some)
  }
}
