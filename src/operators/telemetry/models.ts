// Compact GPB: rows whose keys and content are messages of the model's own .proto, read where the user has that.
import type { Host } from '../../contract/host.ts'
import { isProblem, type Problem } from '../../contract/problem.ts'
import { type NetRecord, recordBatch, type Stream, type Value } from '../../contract/record.ts'
import { isMembers, type Members } from '../../wire/telemetry/notification.ts'

/** Reads the messages of one path. */
export interface RowModel {
  keys(octets: Uint8Array): Value | Problem
  content(octets: Uint8Array): Value | Problem
}

export interface TelemetryModels {
  /** `path`: where the rows come from; `message`: what the node says it is (Huawei). Undefined = no .proto has it. */
  find(path: string, message: string | undefined): RowModel | undefined
}

export async function* withModels(input: Stream, models: TelemetryModels, host: Host): Stream {
  for await (const batch of input) {
    yield recordBatch(
      batch.records.map(record => withContent(record, models, host)),
      batch.now,
    )
  }
}

function withContent(record: NetRecord, models: TelemetryModels, host: Host): NetRecord {
  const { telemetry_data: data, telemetry_node: node } = record
  if (!isMembers(data) || !Array.isArray(data.data_gpb)) return record
  const path = String(data.encoding_path ?? data.sensor_path ?? '')
  const message = data.proto_path === undefined ? undefined : String(data.proto_path)
  const model = models.find(path, message)
  if (!model) {
    host.count('telemetry/no-model')
    host.report({
      code: 'telemetry/no-model',
      message: `${node}: no .proto of --proto has a message for ${message ?? path}`,
      hint: 'the rows stay base64; give the .proto files of the node’s software with --proto',
    })
    return record
  }
  const report = (problem: Problem) => {
    host.count('telemetry/not-the-model')
    host.report({ ...problem, message: `${node}: ${path}: ${problem.message}` })
  }
  const rows = data.data_gpb.map(row => (isMembers(row) ? rowOf(row, model, report) : row))
  return { ...record, telemetry_data: { ...data, data_gpb: rows } }
}

const PARTS = ['keys', 'content'] as const

function rowOf(row: Members, model: RowModel, report: (problem: Problem) => void): Value {
  const made: { [name: string]: Value } = { ...row }
  for (const part of PARTS) {
    const text = row[part]
    if (typeof text !== 'string') continue
    const value = model[part](Buffer.from(text, 'base64'))
    if (isProblem(value)) report(value)
    else made[part] = value
  }
  return made
}
