import { topologyOperator } from '../operators/topology.ts'
import { operatorCommand } from '../runtime/command.ts'
import { TOPOLOGY_FLAGS, topologyOptions } from '../runtime/topology-flags.ts'
import { TOPOLOGY_VIEWS, topologyTables } from '../runtime/topology-view.ts'

export default operatorCommand({
  summary: 'show the topology of an IGP: nodes, links, prefixes, and the routes of each router',
  description: `Reads records of isis-recv or ospf-read, BGP-LS records of bgp-recv, or a dump of them, to their end. All give the same
records.`,
  examples: [
    'netally isis-recv --pcap isis.pcap | netally topology',
    'netally ospf-read --pcap ospf.pcap | netally topology --routes --from 192.0.2.1',
    'netally bgp-recv --pcap ls.pcap | netally topology --only links --format table',
    'netally topology --routes --from r1 < links.ndjson',
    'netally topology --format dot < links.ndjson | dot -Tsvg > topology.svg',
  ],
  flags: TOPOLOGY_FLAGS,
  prepare: parsed => topologyOptions(parsed),
  terminal: topologyTables,
  text: ({ format }) => (format === undefined ? undefined : (TOPOLOGY_VIEWS[format] ?? false)),
  apply: (input, options, host, wanted) => topologyOperator.apply(input, options, host, wanted),
})
