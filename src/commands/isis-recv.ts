import { sourceCommand } from '../runtime/command.ts'
import { ISIS_FLAGS, isisOptions } from '../runtime/isis-flags.ts'
import { openIsis } from '../sources/isis/isis.ts'

export default sourceCommand({
  summary: 'listen to IS-IS; write one record for each node, link and prefix that comes, changes or goes',
  description: `Keeps the link-state database of the routers and writes what changes in it, in the form of BGP-LS records
of bgp-recv: topology, enrich --igp and dump --table read both.`,
  examples: [
    'netally isis-recv --interface eth1 --user nobody',
    'netally isis-recv --pcap isis.pcap',
    'netally isis-recv --pcap isis.pcap | netally topology --format table',
    'netally isis-recv --pcap isis.pcap --pdus',
  ],
  flags: ISIS_FLAGS,
  followed: ['key-file'],
  prepare: parsed => isisOptions(parsed),
  open: openIsis,
})
