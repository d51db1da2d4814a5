import { sourceCommand } from '../runtime/command.ts'
import { PACKET_FLAGS, packetOptions } from '../runtime/packet-flags.ts'
import { openPackets } from '../sources/packet/packet.ts'

export default sourceCommand({
  summary: 'read packets of captures or interfaces; write one record a packet, or a flow',
  description: `Reads pcap and pcapng files, or captures with tcpdump. With --flows packets become flows, on the clock of the packets.
Writes NDJSON. SIGTERM or Ctrl-C ends it after all that was captured is written.`,
  examples: [
    'netally packet-recv --pcap capture.pcap.gz | netally aggregate --by src_host,dst_host',
    "netally packet-recv --interface eth0 --filter 'not port 22' | netally aggregate --by src_host,dst_host --bin 1m",
    'netally packet-recv --pcap capture.pcap --flows --bidirectional --fields ip_src,ip_dst,port_dst,bytes,bytes_reverse,community_id',
    'netally packet-recv --interface nflog:5 --sample 1:100 --renormalize | netally aggregate --by iface_in,proto --bin 5m',
  ],
  flags: PACKET_FLAGS,
  prepare: packetOptions,
  open: openPackets,
})
