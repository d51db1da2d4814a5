// Records of telemetry in whatever form they come - netally's, pmacct's of 1.8 and of before, or a bare document - as one form.
import type { NetRecord, Value } from '../../contract/record.ts'
import { isMembers, type Members, notificationOf } from '../../wire/telemetry/notification.ts'
import { secondsOf } from './observations.ts'

const WRAPPER = 'ietf-telemetry-message:message'
const METADATA = 'telemetry-message-metadata'
const SUBSCRIPTION = 'ietf-yang-push-telemetry-message:yang-push-subscription'
/** Labels that are members of their own in the flat form. */
const LABELS: { readonly [name: string]: string } = {
  seq: 'seq',
  tag: 'tag',
  tag2: 'tag2',
  label: 'label',
  serialization: 'serialization',
  target: 'telemetry_target',
}

/** Whether it is a record of a leaf already. */
export const isLeaf = (record: NetRecord): boolean =>
  record.telemetry_node !== undefined && typeof record.name === 'string' && record.telemetry_data === undefined

/** The flat form: `event_type`, `timestamp`, `telemetry_node`, `telemetry_data`, ...; `nowMs` where nothing says when. */
export function flatForm(record: NetRecord, nowMs: number): NetRecord {
  const inner = record[WRAPPER]
  const message = isMembers(inner) ? inner : record
  const metadata = message[METADATA]
  if (isMembers(metadata)) return ofMessage(message, metadata, isMembers(inner))
  if (record.event_type !== undefined && record.telemetry_node !== undefined) return ofFlat(record)
  return withProtocol({ event_type: 'log', timestamp: nowMs / 1000, serialization: 'json', telemetry_data: record })
}

function ofMessage(message: Members, metadata: Members, isYangPush: boolean): NetRecord {
  const record: NetRecord = {
    event_type: 'log',
    timestamp: secondsOf(String(metadata['collection-timestamp'])) ?? 0,
    telemetry_node: metadata['export-address'] ?? '',
    telemetry_port: metadata['export-port'] ?? 0,
    telemetry_data: message.payload ?? null,
    session_protocol: metadata['session-protocol'] ?? (isYangPush ? 'yang-push' : 'telemetry'),
  }
  const subscription = metadata[SUBSCRIPTION]
  if (subscription !== undefined) record.yang_push_subscription = subscription
  for (const [name, value] of labelsOf(message)) record[name] = value
  return record
}

function* labelsOf(message: Members): Generator<readonly [name: string, value: Value]> {
  const operator = message['network-operator-metadata']
  const labels = isMembers(operator) ? operator.labels : undefined
  if (!Array.isArray(labels)) return
  for (const label of labels) {
    const name = isMembers(label) ? LABELS[String(label.name)] : undefined
    const value = isMembers(label) ? (label['number-value'] ?? label['string-value']) : undefined
    if (name !== undefined && value !== undefined) yield [name, value]
  }
}

/** pmacct's `dump` rows are messages, too; its times are texts unless it is told otherwise. */
function ofFlat(record: NetRecord): NetRecord {
  const { timestamp, event_type } = record
  const time = typeof timestamp === 'string' ? pmacctSeconds(timestamp) : timestamp
  return withProtocol({
    ...record,
    timestamp: time ?? 0,
    event_type: event_type === 'dump' ? 'log' : (event_type ?? 'log'),
  })
}

/** Seconds as text, `2026-01-01 00:00:00.123456`, or RFC 3339. */
function pmacctSeconds(text: string): number {
  const time = Number(text)
  if (Number.isFinite(time)) return time
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text)
  return secondsOf(hasZone ? text : `${text.replace(' ', 'T')}Z`) ?? 0
}

/** Where nothing says how it was sent, what it is says so. */
function withProtocol(record: NetRecord): NetRecord {
  const { session_protocol, telemetry_data } = record
  if (session_protocol !== undefined || telemetry_data === undefined) return record
  return { ...record, session_protocol: notificationOf(telemetry_data) ? 'yang-push' : 'telemetry' }
}
