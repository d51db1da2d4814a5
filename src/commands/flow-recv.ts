import { sourceCommand } from '../runtime/command.ts'
import { FLOW_FLAGS, flowOptions } from '../runtime/flow-flags.ts'
import { flowInWorkers } from '../runtime/workers/flow-workers.ts'
import { openFlows } from '../sources/flow.ts'

export default sourceCommand({
  summary: 'receive NetFlow v5, v9, IPFIX and sFlow; write one record a flow or sample',
  description: `Listens for flow exporters on UDP (all versions on one port), TCP and TLS (IPFIX), or reads the same datagrams out of a capture.
Writes NDJSON. SIGTERM or Ctrl-C ends it after all that was received is written.`,
  examples: [
    'netally flow-recv --listen 2055 | netally aggregate --by src_as,dst_as --bin 5m',
    'netally flow-recv --listen 192.0.2.1:2055 --listen [2001:db8::1]:2055 --allow exporters.txt --template-store templates.json',
    'netally flow-recv --listen-tls 4740 --tls-cert cert.pem --tls-key key.pem --tls-ca exporters.pem',
    'netally flow-recv --listen 6343 --renormalize | netally aggregate --by src_host,dst_host --bin 1m',
    "netally run 'flow-recv --listen 2055 --workers 2 | aggregate --by src_as,dst_as --bin 5m'",
    'netally flow-recv --pcap flows.pcap.gz --udp-port 2055 | netally aggregate --by src_as,dst_as',
  ],
  flags: FLOW_FLAGS,
  followed: ['allow', 'sampling-map'],
  prepare: flowOptions,
  open: openFlows,
  inWorkers: flowInWorkers,
})
