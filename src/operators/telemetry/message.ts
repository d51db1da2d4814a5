// Telemetry in the form that pmacct has since 1.8: draft-ietf-nmop-message-broker-telemetry-message. Only messages of
// YANG-Push have the draft's outer member, as in pmacct; where a session begins or ends the record stays as it is.
import { type Batch, type NetRecord, recordBatch, type Stream, type Value } from '../../contract/record.ts'
import { timeText } from '../../octets/time-text.ts'

/** What collected the data. */
export interface Manifest {
  readonly version: string
}

const TIME = { name: 'timestamp' }

export async function* messages(input: Stream, manifest: Manifest): Stream {
  const collector = { vendor: 'netally', name: 'telemetry-recv', 'software-version': manifest.version }
  for await (const batch of input) yield messagesOf(batch, collector)
}

function messagesOf(batch: Batch, collector: Value): Batch {
  return recordBatch(
    batch.records.map(record => (record.event_type === 'log' ? messageOf(record, collector) : record)),
    batch.now,
  )
}

function messageOf(record: NetRecord, collector: Value): NetRecord {
  const isYangPush = record.session_protocol === 'yang-push'
  const metadata: { [name: string]: Value } = {
    'notification-event': 'log',
    'session-protocol': record.session_protocol ?? 'telemetry',
    'collection-timestamp': timeText(Number(record.timestamp), 'rfc3339', TIME),
    'export-address': record.telemetry_node ?? '',
    'export-port': record.telemetry_port ?? 0,
  }
  if (record.yang_push_subscription !== undefined) {
    metadata['ietf-yang-push-telemetry-message:yang-push-subscription'] = record.yang_push_subscription
  }
  const message: NetRecord = {
    'telemetry-message-metadata': metadata,
    'network-operator-metadata': { labels: labels(record) },
    'data-collection-manifest': collector,
    payload: record.telemetry_data ?? null,
  }
  return isYangPush ? { 'ietf-telemetry-message:message': message } : message
}

function labels({ seq, tag, tag2, label, serialization, private_encoding, telemetry_target }: NetRecord): Value[] {
  const list: Value[] = [{ name: 'seq', 'number-value': seq ?? 0 }]
  for (const [name, value] of Object.entries({ tag, tag2 })) {
    if (value !== undefined) list.push({ name, 'number-value': value })
  }
  for (const [name, value] of Object.entries({
    label,
    serialization,
    'private-encoding': private_encoding,
    target: telemetry_target,
  })) {
    if (value !== undefined) list.push({ name, 'string-value': value })
  }
  return list
}
