import { sourceCommand } from '../runtime/command.ts'
import { TELEMETRY_FLAGS, telemetryOptions } from '../runtime/telemetry-flags.ts'
import { TELEMETRY_OUTPUT_FLAGS, telemetryOutput, withTelemetryOutput } from '../runtime/telemetry-output.ts'
import { openTelemetry } from '../sources/telemetry/telemetry.ts'

export default sourceCommand({
  summary: 'receive streaming telemetry; write one record a message',
  description: `YANG-Push over UDP-notif and HTTPS-notif: JSON, XML and CBOR, segments put together, each update with the subscription it belongs to;
Cisco dial-out with JSON and GPB, and plain JSON, over UDP and TCP; Juniper JTI over UDP. Or the same out of a capture. Writes NDJSON: pmacct's message of 1.8, or with --compat pmacct the flat one of before,
or with --flat one record a leaf.`,
  examples: [
    'netally telemetry-recv --listen 10003 --allow routers.txt',
    'netally telemetry-recv --listen 57500 --listen-tcp 57500',
    'netally telemetry-recv --listen-https 8443 --tls-cert chain.pem --tls-key key.pem --tls-ca nodes.pem',
    "netally telemetry-recv --listen 10003 --flat --rate '*-octets'",
    'netally telemetry-recv --pcap push.pcap.gz --udp-port 10003 --compat pmacct',
  ],
  flags: { ...TELEMETRY_FLAGS, ...TELEMETRY_OUTPUT_FLAGS },
  followed: ['allow', 'tag-map'],
  prepare: async parsed => ({ source: await telemetryOptions(parsed), output: await telemetryOutput(parsed) }),
  open: ({ source, output }, host) => withTelemetryOutput(openTelemetry(source, host), output, host),
})
