// The field dictionary for telemetry records: rows that flows and routes do not have. Names are pmacct's keys where it has them.
import type { FieldRow } from './field.ts'

export const TELEMETRY_FIELDS = {
  telemetry_node: { type: 'address', summary: 'node that sends telemetry' },
  telemetry_port: { type: 'unsigned', summary: 'port that the node sends from' },
  telemetry_node_port: { type: 'unsigned', summary: 'the same, where a session begins or ends' },
  session_protocol: { type: 'text', summary: 'how telemetry came: yang-push, telemetry' },
  serialization: { type: 'text', summary: 'what telemetry was on the wire: json, xml, cbor, gpb, unknown' },
  yang_push_subscription: { type: 'any', summary: 'what the node said of the subscription that an update belongs to' },
  telemetry_data: { type: 'any', summary: 'document of the node; base64 where it is not decoded' },
  'ietf-telemetry-message:message': {
    type: 'any',
    summary: 'YANG-Push in the form of draft-ietf-nmop-message-broker-telemetry-message',
  },
  'telemetry-message-metadata': { type: 'any', summary: 'telemetry: from whom, when and how it came' },
  'network-operator-metadata': { type: 'any', summary: 'telemetry: labels: seq, tag, label, serialization' },
  'data-collection-manifest': { type: 'any', summary: 'telemetry: what collected it' },
  payload: { type: 'any', summary: 'telemetry: document of the node; base64 where it is not decoded' },
  name: { type: 'text', summary: 'telemetry, one record a leaf: path of the leaf' },
  value: { type: 'any', summary: 'telemetry, one record a leaf: what it is' },
  rate: { type: 'real', summary: 'telemetry, one record a leaf: growth of a counter a second' },
} as const satisfies { readonly [name: string]: FieldRow }
