import { sourceCommand } from '../runtime/command.ts'
import { MRT_ARGS, mrtOptions } from '../runtime/mrt-flags.ts'
import { openMrt } from '../sources/mrt/mrt.ts'

export default sourceCommand({
  summary: 'read MRT files of route collectors; write one record a route',
  description: `Tables (TABLE_DUMP, TABLE_DUMP_V2) give records of event_type dump, messages (BGP4MP) the records that bgp-recv would have
written. Writes NDJSON.`,
  examples: [
    'netally mrt-read rib.20260101.0000.bz2 | netally filter "ip_prefix = 192.0.2.0/24"',
    'netally mrt-read updates.*.gz | netally aggregate --by peer_ip_src,log_type --count --bin 5m',
  ],
  flags: {},
  args: MRT_ARGS,
  prepare: mrtOptions,
  open: openMrt,
})
