import { sinkCommand } from '../runtime/command.ts'
import { SINK_FLOW_ARGS, SINK_FLOW_FLAGS, sinkFlowOptions } from '../runtime/sink-flow-flags.ts'
import { flowExport } from '../sinks/flow-export.ts'

export default sinkCommand({
  summary: 'export records to a collector as IPFIX, NetFlow v9 or v5, or sFlow',
  description: `A template is made for each list of fields that comes. What a version cannot say is left out and counted (left-out/FIELD);
a record that it cannot say at all is dropped and counted.`,
  examples: [
    'netally flow-recv --listen 2055 | netally sink-flow 192.0.2.1:4739',
    "netally run 'flow-recv --pcap v9.pcap | sink-flow 127.0.0.1:2100 --version netflow5 --rate 1000'",
    'netally flow-recv --pcap v9.pcap | netally sink-flow --version sflow --output sflow.pcap',
    'netally packet-recv --interface eth0 --flows | netally sink-flow collector.example.net:4740 --transport tls',
  ],
  args: SINK_FLOW_ARGS,
  flags: SINK_FLOW_FLAGS,
  followed: ['interfaces'],
  prepare: sinkFlowOptions,
  ...flowExport,
})
