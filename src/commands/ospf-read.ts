import { sourceCommand } from '../runtime/command.ts'
import { OSPF_FLAGS, ospfOptions } from '../runtime/ospf-flags.ts'
import { openOspf } from '../sources/ospf/ospf.ts'

export default sourceCommand({
  summary: 'read OSPF out of captures; write one record for each node, link and prefix that comes, changes or goes',
  description: `Keeps the link-state databases of OSPFv2 and OSPFv3 and writes what changes in them, in the form of BGP-LS
records of bgp-recv: topology, enrich --igp and dump --table read both.`,
  examples: [
    'netally ospf-read --pcap ospf.pcap',
    'netally ospf-read --pcap ospf.pcap | netally topology --format table',
    'netally ospf-read --pcap ospf.pcap | netally topology --routes --from 192.0.2.1',
    'netally ospf-read --pcap ospf.pcap --pdus',
  ],
  flags: OSPF_FLAGS,
  prepare: parsed => ospfOptions(parsed),
  open: openOspf,
})
