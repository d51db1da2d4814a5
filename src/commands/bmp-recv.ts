import { readBmpTagMap } from '../maps/pre-tag-map.ts'
import { BMP_FLAGS, bmpOptions } from '../runtime/bmp-flags.ts'
import { sourceCommand } from '../runtime/command.ts'
import { ROUTE_OUTPUT_FLAGS, routeOutput, withOutput } from '../runtime/route-output.ts'
import { openBmp } from '../sources/bmp/bmp.ts'

export default sourceCommand({
  summary: 'receive BMP from routers; write one record a route, peer event and counter',
  description: `A station for the BGP Monitoring Protocol, versions 3 and 4 (RFC 7854, 8671, 9069): routers come to it, it goes to them with
--connect, or it reads their sessions out of a capture. Writes NDJSON. SIGTERM or Ctrl-C ends it after all that was received is written.`,
  examples: [
    'netally bmp-recv --listen 1790 --allow routers.txt > bmp.ndjson',
    'netally bmp-recv --listen [::]:1790 --proxy-protocol | netally dump --file kept/%Y%m%d.json',
    'netally bmp-recv --pcap bmp.pcap.gz | netally filter "bmp_rib_type = Loc-Rib"',
  ],
  flags: { ...BMP_FLAGS, ...ROUTE_OUTPUT_FLAGS },
  followed: ['allow', 'tag-map'],
  prepare: async parsed => ({ source: await bmpOptions(parsed), output: await routeOutput(parsed, readBmpTagMap) }),
  open: ({ source, output }, host) => withOutput(openBmp(source, host), output, host),
})
