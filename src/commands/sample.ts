import { sampleOperator } from '../operators/sample.ts'
import { SAMPLE_FLAGS, sampleOptions } from '../runtime/choice-flags.ts'
import { operatorCommand } from '../runtime/command.ts'

export default operatorCommand({
  summary: 'let through some of the records: the first, every Nth, at random, or by value',
  examples: [
    'netally sample --first 20 < flows.ndjson',
    'netally sample --rate 100 --scale < flows.ndjson | netally aggregate --by as_dst',
    'netally sample --rate 10 --by ip_src < flows.ndjson',
  ],
  flags: SAMPLE_FLAGS,
  prepare: sampleOptions,
  ...sampleOperator,
})
