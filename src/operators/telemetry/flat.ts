// Telemetry as one record a leaf, for sums and time series: who, when, `name` (the path), the keys around it, `value`.
import type { Host } from '../../contract/host.ts'
import { type NetRecord, RECORDS_PER_BATCH, recordBatch, type Stream, type Value } from '../../contract/record.ts'
import { eachLeaf, type Keys } from './leaves.ts'
import { observationsOf } from './observations.ts'
import { type RateOptions, Rates } from './rates.ts'

export interface FlatOptions extends RateOptions {
  /** Leaves that are keys of lists. */
  readonly keys: ReadonlySet<string>
  /** Texts stay texts: else 64-bit numbers, which RFC 7951 and XML write as text, become numbers. */
  readonly keepsText: boolean
  /** A node that is gone has a record too. */
  readonly closes: boolean
}

/** Of what a record keeps of its message. */
const KEPT = ['telemetry_target', 'tag', 'tag2', 'label'] as const
const WHOLE = /^-?(?:0|[1-9]\d{0,19})$/
const DECIMAL = /^-?(?:0|[1-9]\d{0,18})\.\d{1,18}$/

export async function* flat(input: Stream, options: FlatOptions, host: Host): Stream {
  const rates = options.rates.length > 0 ? new Rates(options, host) : undefined
  for await (const batch of input) {
    let records: NetRecord[] = []
    for (const message of batch.records) {
      for (const record of recordsOf(message, options)) {
        rates?.add(record)
        if (records.push(record) < RECORDS_PER_BATCH) continue
        yield recordBatch(records, batch.now)
        records = []
      }
    }
    // Without records too: a batch tells the time.
    yield recordBatch(records, batch.now)
  }
}

function recordsOf(message: NetRecord, options: FlatOptions): readonly NetRecord[] {
  if (message.name !== undefined && message.telemetry_data === undefined) return [message]
  if (message.event_type === 'log_close' && options.closes) return [closeRecord(message)]
  if (message.event_type !== 'log') return []
  const records: NetRecord[] = []
  const convert = options.keepsText ? undefined : converter(message)
  const kept = KEPT.filter(name => message[name] !== undefined)
  for (const { value, path, keys, time, isDeleted, named } of observationsOf(message)) {
    const add = (path: string, keys: Keys): NetRecord => {
      const record = placeRecord(message, kept, time, path, keys)
      records.push(record)
      return record
    }
    if (isDeleted) add(path, keys).deleted = true
    else {
      eachLeaf(
        value,
        path,
        keys,
        options.keys.size > 0 ? options.keys : (named ?? options.keys),
        (path, keys, value) => {
          add(path, keys).value = convert ? convert(value) : value
        },
      )
    }
  }
  return records
}

/** All that the node told is there no more. */
function closeRecord(message: NetRecord): NetRecord {
  return { event_type: 'log_close', ...placeRecord(message, [], undefined, '', {}), deleted: true }
}

function placeRecord(
  message: NetRecord,
  kept: readonly string[],
  time: number | undefined,
  path: string,
  keys: Keys,
): NetRecord {
  const record: NetRecord = { timestamp: message.timestamp ?? 0 }
  if (time !== undefined) record.timestamp_event = time
  record.telemetry_node = message.telemetry_node ?? ''
  for (const name of kept) record[name] = message[name] as Value
  record.name = path === '' ? '/' : path
  for (const name in keys) record[name in record ? `key_${name}` : name] = keys[name] as Value
  return record
}

/** Texts that are numbers (RFC 7951 section 6.1), and in XML those that are truth values. */
function converter({ session_protocol, serialization }: NetRecord): ((value: Value) => Value) | undefined {
  if (session_protocol !== 'yang-push' && serialization !== 'json_ietf') return undefined
  const isXml = serialization === 'xml'
  return value => {
    if (typeof value !== 'string' || value === '') return value
    if (WHOLE.test(value)) return wholeOf(value)
    if (DECIMAL.test(value)) return Number(value)
    return isXml && (value === 'true' || value === 'false') ? value === 'true' : value
  }
}

function wholeOf(text: string): Value {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}
