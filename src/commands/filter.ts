import { operatorCommand } from '../runtime/command.ts'
import { FILTER_ARGS, FILTER_FLAGS, filterNeeds, filterOptions, filterToFiles } from '../runtime/filter-flags.ts'

export default operatorCommand({
  summary: 'let through the records that an expression holds for',
  description:
    'The expression is what pmacct users write (pcap-filter), and comparisons of any field: see docs/filter.md.',
  examples: [
    "netally filter 'src net 10.0.0.0/8 and tcp port 443' < flows.ndjson",
    "netally filter 'as_dst in (64496,64497) and bytes > 1e6 and net 2001:db8::/32'",
    "netally filter 'udp port 53' --fail rest.ndjson > dns.ndjson",
  ],
  args: FILTER_ARGS,
  flags: FILTER_FLAGS,
  prepare: filterOptions,
  needs: filterNeeds,
  apply: filterToFiles,
  // What passes or fails is written to a file by one thread.
  inWorkers: ({ pass, fail }) => (pass === undefined && fail === undefined ? 'each' : undefined),
})
