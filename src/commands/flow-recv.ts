import { sourceCommand } from '../runtime/command.ts'
import { FLOW_FLAGS, flowOptions } from '../runtime/flow-flags.ts'
import { openFlows } from '../sources/flow.ts'

export default sourceCommand({
  summary: 'receive NetFlow v5, v9 and IPFIX; write one record a flow',
  description: 'Reads flow exporters off the network, or the same datagrams out of a capture; writes NDJSON.',
  examples: ['netally flow-recv --pcap flows.pcap | netally aggregate --by src_as,dst_as'],
  flags: FLOW_FLAGS,
  prepare: flowOptions,
  open: openFlows,
})
