import { topOperator } from '../operators/top.ts'
import { TOP_FLAGS, topOptions } from '../runtime/choice-flags.ts'
import { operatorCommand } from '../runtime/command.ts'

export default operatorCommand({
  summary: 'let through the records with the greatest values of a field',
  examples: [
    'netally aggregate --by ip_src < flows.ndjson | netally top -n 20 | netally dump --format table',
    'netally aggregate --by as_src,iface_in --bin 5m < flows.ndjson | netally top --every 5m --per iface_in',
  ],
  flags: TOP_FLAGS,
  prepare: topOptions,
  ...topOperator,
})
