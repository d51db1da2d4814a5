import { Flags } from '@oclif/core'
import { describeOperator } from '../operators/describe.ts'
import { operatorCommand } from '../runtime/command.ts'
import { describeView } from '../runtime/describe-view.ts'

export default operatorCommand({
  summary: 'take a census of records: fields, types, values, unknown elements, exporters, clock skew',
  description: `Reads any NDJSON to its end. Tables on a terminal; elsewhere, and with --json, one record for the stream, each field,
each element without a field, and each exporter. Different values are counted exactly up to 1024, then estimated to 1.6 %.`,
  examples: [
    'netally flow-recv --pcap flows.pcap --unknown | netally describe',
    "netally describe --json < flows.ndjson | jq 'select(.known == false)'",
  ],
  flags: { json: Flags.boolean({ summary: 'NDJSON on a terminal too' }) },
  prepare: () => ({}),
  terminal: describeView,
  ...describeOperator,
})
