import { dedupeOperator } from '../operators/dedupe.ts'
import { operatorCommand } from '../runtime/command.ts'
import { DEDUPE_FLAGS, dedupeOptions } from '../runtime/dedupe-flags.ts'

export default operatorCommand({
  summary: 'let through each flow once where several exporters, or both directions of one, report it',
  description: `A flow belongs to the observation point that reported it first; what other points report of it is left out until the owner has
been silent for the window. How many bytes and packets were left out is among the counters (--stats).`,
  examples: [
    'netally flow-recv --listen 2055 | netally dedupe | netally aggregate --by src_as,dst_as --bin 5m',
    'netally dedupe --direction ingress --prefer 192.0.2.1,192.0.2.2 < flows.ndjson',
    'netally dedupe --mark < flows.ndjson | netally aggregate --by duplicate_of',
  ],
  flags: DEDUPE_FLAGS,
  prepare: dedupeOptions,
  ...dedupeOperator,
})
