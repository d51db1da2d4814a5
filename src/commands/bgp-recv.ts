import { readPreTagMap } from '../maps/pre-tag-map.ts'
import { BGP_FLAGS, bgpOptions } from '../runtime/bgp-flags.ts'
import { sourceCommand } from '../runtime/command.ts'
import { ROUTE_OUTPUT_FLAGS, routeOutput, withOutput } from '../runtime/route-output.ts'
import { openBgp } from '../sources/bgp/bgp.ts'

export default sourceCommand({
  summary: 'receive BGP from routers; write one record a route',
  description: `Takes sessions (or opens them, with --connect), asks for all that it can read, and announces no prefixes. Or reads the sessions in a capture.
Writes NDJSON: log_init and log_close for a session, update, withdraw and end-of-rib for what the peer says.`,
  examples: [
    'netally bgp-recv --listen 179',
    'netally bgp-recv --as 64500 --router-id 192.0.2.1 --listen 192.0.2.1:179 --allow peers.txt',
    'netally bgp-recv --connect 198.51.100.1 --connect [2001:db8::1]:1179',
    'netally bgp-recv --pcap session.pcap',
  ],
  flags: { ...BGP_FLAGS, ...ROUTE_OUTPUT_FLAGS },
  followed: ['allow', 'md5-file', 'tag-map'],
  prepare: async parsed => ({ source: await bgpOptions(parsed), output: await routeOutput(parsed, readPreTagMap) }),
  open: ({ source, output }, host) => withOutput(openBgp(source, host), output, host),
})
