import { enrichNeeds, enrichOperator } from '../operators/enrich/enrich.ts'
import { operatorCommand } from '../runtime/command.ts'
import { ENRICH_FLAGS, FOLLOWED_FLAGS } from '../runtime/enrich-flags.ts'
import { enrichOptions } from '../runtime/enrich-options.ts'

export default operatorCommand({
  summary: 'add AS, prefix, path and communities from BGP, BMP and networks files to flows',
  description: `Side streams (SRC) are records of bgp-recv and bmp-recv, table dumps, or pmacct's own logs and dumps as JSON. Flows of a capture
are looked up in the table as it was at their time. --why says where each value came from. See docs/enrich.md.`,
  examples: [
    'netally flow-recv --listen :2055 | netally enrich --bgp <(netally bgp-recv --listen :179 --as 64496) | netally aggregate --by src_as,dst_as',
    "netally run 'flow-recv --pcap f.pcap | enrich --bgp <(bgp-recv --pcap b.pcap) | aggregate --by dst_as,as_path'",
    'netally enrich --networks networks.lst < flows.ndjson',
  ],
  flags: ENRICH_FLAGS,
  followed: FOLLOWED_FLAGS,
  prepare: enrichOptions,
  needs: enrichNeeds,
  apply: enrichOperator.apply,
})
