// All that third parties may import.
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
export { isProblem, type Problem, ProblemError } from './contract/problem.ts'
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
export { allFields, defineField, fieldOf, fieldsOf, knownField } from './fields/dictionary.ts'
export type { Field, FieldRow, Role } from './fields/field.ts'
export { OctetBuffer, writeBatch } from './fields/json-write.ts'
export { type Picked, type Picker, picker } from './fields/picker.ts'
export { operatorCommand, sinkCommand, sourceCommand } from './runtime/command.ts'
export { readableOf, streamOf } from './runtime/node-streams.ts'
