// All that third parties may import.
export {
  type Backend,
  type BackendLimits,
  type Connect,
  type DeliveryBatch,
  type DeliveryDefaults,
  type DeliveryForm,
  isPermanent,
  PermanentError,
  type Rejected,
} from './contract/backend.ts'
export {
  ALL_FIELDS,
  CONTRACT_VERSION,
  type Needs,
  type Operator,
  type Sink,
  type Source,
} from './contract/component.ts'
export type { Host, Labels, Reading } from './contract/host.ts'
export { reading, union } from './contract/needs.ts'
export { isProblem, orThrow, type Problem, ProblemError } from './contract/problem.ts'
export {
  type Batch,
  type NetRecord,
  RECORDS_PER_BATCH,
  recordBatch,
  type Stream,
  type Value,
} from './contract/record.ts'
export { ColumnBatch, type Form, LineBatch, subset } from './fields/batch.ts'
export { type Column, takeValue } from './fields/column.ts'
export { allFields, defineField, fieldOf, fieldOfKey, fieldsOf, knownField } from './fields/dictionary.ts'
export type { Field, FieldRow, Role } from './fields/field.ts'
export { OctetBuffer, writeBatch } from './fields/json-write.ts'
export { type Picked, type Picker, picker } from './fields/picker.ts'
export { type Encodings, type PresentOptions, presenter, type TimeFormat } from './fields/present.ts'
export type { FieldType, Lane, TypeName } from './fields/types.ts'
export { type AllowList, readAllowList } from './maps/allow-list.ts'
export type { RowModel, TelemetryModels } from './operators/telemetry/models.ts'
export { Args, Flags, operatorCommand, type ParsedOptions, sinkCommand, sourceCommand } from './runtime/command.ts'
export { REMEMBER_FLAG, TABLE_FLAGS, type TableOptions, tableNeeds, tableOptions } from './runtime/database-flags.ts'
export { DATAGRAM_FLAGS, datagramOptions } from './runtime/datagram-flags.ts'
export { type DeliveryDefinition, deliveryCommand } from './runtime/delivery-command.ts'
export { type Endpoint, type EndpointRules, parseEndpoint, parseEndpoints } from './runtime/endpoint.ts'
export { listenAddress } from './runtime/metrics.ts'
export {
  CREDENTIAL_FLAGS,
  type Credentials,
  credentials,
  flagFile,
  secret,
  TLS_FLAGS,
  type TlsOptions,
  tlsOptions,
} from './runtime/network-flags.ts'
export { readableOf, streamOf } from './runtime/node-streams.ts'
export { words } from './runtime/parsed.ts'
export { PRESENTATION_FLAGS, presentationOptions } from './runtime/presentation-flags.ts'
export { durationMs, sizeOctets } from './runtime/quantities.ts'
export { SERIES_FLAGS, seriesFields, seriesOptions } from './runtime/series-flags.ts'
export {
  TELEMETRY_OUTPUT_FLAGS,
  type TelemetryOutput,
  telemetryOutput,
  withTelemetryOutput,
} from './runtime/telemetry-output.ts'
export { type AvroCodec, type AvroRow, avroCodec, recordOfAvro } from './sinks/avro-codec.ts'
export { type AvroForm, type AvroSchema, type AvroValue, avroForm } from './sinks/avro-schema.ts'
export {
  answerText,
  basicAuthorization,
  type HttpAnswer,
  HttpClient,
  type HttpRequest,
  type HttpTarget,
  isPassing,
} from './sinks/http-client.ts'
export { avroValues, registeredPrefix } from './sinks/message/avro-values.ts'
export { jsonValues } from './sinks/message/json-values.ts'
export {
  type BrokerMessage,
  type EncodeMessages,
  type Grouping,
  groupMessages,
  type MessageValues,
} from './sinks/message/message.ts'
export { recordId } from './sinks/record-id.ts'
export { byName, type NameRules, type RecordName, recordName, recordTimeMs } from './sinks/record-name.ts'
export { SeenFields } from './sinks/seen-fields.ts'
export { isolate, type Refused, type Verdict } from './sinks/series/isolate.ts'
export type { SeriesValue, ValueKind } from './sinks/series/layout.ts'
export { isNumeric, sum } from './sinks/series/merge.ts'
export { type SeriesOptions, type TagStyle, tagText } from './sinks/series/options.ts'
export { type DeliveredPoints, type Point, rejectedRecords, SeriesPoints } from './sinks/series/points.ts'
export { Slots, type TimeUnit } from './sinks/series/slots.ts'
export {
  addressCell,
  type Cell,
  type CellForm,
  DIGITS20,
  INT64,
  jsonCell,
  macCell,
  numberCell,
  textCell,
  timeCell,
  UINT64,
  wholeCell,
} from './sinks/table/cells.ts'
export { byTable } from './sinks/table/intake.ts'
export { type MergeFunctions, mergeExpression } from './sinks/table/merge-expression.ts'
export type { TableNames } from './sinks/table/names.ts'
export { keyColumns, type PmacctColumn, type PmacctForm, pmacctColumns } from './sinks/table/pmacct.ts'
export {
  type Merge,
  mergedRows,
  type PlacedRecord,
  rowKey,
  type StoredColumn,
  storeApart,
  type TableRow,
  tableRows,
} from './sinks/table/rows.ts'
export { TableSchema } from './sinks/table/schema.ts'
export { fitsInt64, standardKey, type TableColumn, tableColumn, tableColumns, timeText } from './sinks/table-column.ts'
export { Admission } from './sources/admission.ts'
export { addressText, type ListenAddress, parseListenAddress } from './sources/listen-address.ts'
export { AvroMessages, type FindSchema } from './sources/message/avro.ts'
export { DatagramDecoder } from './sources/message/datagrams.ts'
export type { Feed, FeedMessage, MessageDecoder } from './sources/message/feed.ts'
export { MessageLines } from './sources/message/lines.ts'
export { type Receiving, receive } from './sources/message/receive.ts'
export { reconnectPauseMs } from './sources/reconnect.ts'
export {
  AF_INET,
  AF_INET6,
  ipv4Octets,
  ipv6Octets,
  type SocketEndpoint,
  socketAddress,
} from './sources/socket-address.ts'
export { exporterAddress } from './sources/socket-peers.ts'
export { listenTcp } from './sources/tcp-listen.ts'
export { byTurns, type TurnWork } from './sources/turn-loop.ts'
export { Turns } from './sources/turns.ts'
export { jsonText, parseRecord } from './stream/json.ts'
export type { Exporter } from './wire/flow/options.ts'
export { decodeCiscoGpb } from './wire/telemetry/cisco-gpb.ts'
export { isReadProblem, parseJson } from './wire/telemetry/json-documents.ts'
