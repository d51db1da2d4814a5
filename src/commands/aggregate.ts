import { aggregate, aggregateNeeds, aggregateOutputs } from '../operators/aggregate/aggregate.ts'
import { whyWhole } from '../operators/aggregate/intervals.ts'
import { AGGREGATE_FLAGS, aggregateOptions } from '../runtime/aggregate-flags.ts'
import { operatorCommand } from '../runtime/command.ts'
import { LIST_FLAGS, listedKeys } from '../runtime/list-flags.ts'

export default operatorCommand({
  summary: 'sum records by key fields, over time bins',
  description: `Reads NDJSON, writes one record a key (and bin) with the sums. Without --bin and --refresh it writes once, at the end.
Time is the records' own: their receive time decides when a bin is written, their start decides which bin they belong to.`,
  examples: [
    'netally flow-recv --pcap flows.pcap | netally aggregate --by src_as,dst_as',
    'netally aggregate --by src_host,dst_host,proto --bin 5m --grace 1m < flows.ndjson',
    'netally aggregate --by in_iface --bin 1m --spread --top 10',
  ],
  flags: { ...AGGREGATE_FLAGS, ...LIST_FLAGS },
  followed: Object.keys(LIST_FLAGS),
  prepare: async parsed => ({ ...aggregateOptions(parsed), lists: await listedKeys(parsed) }),
  needs: aggregateNeeds,
  apply: aggregate,
  outputs: aggregateOutputs,
  inWorkers: options => {
    const why = whyWhole(options)
    return why === undefined ? 'sums' : { why }
  },
})
