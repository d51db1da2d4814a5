import {
  sourceCommand,
  TELEMETRY_OUTPUT_FLAGS,
  type TelemetryOutput,
  telemetryOutput,
  withTelemetryOutput,
} from 'netally'
import { type DialInOptions, dialInOptions, GNMI_ARGS, GNMI_FLAGS } from './gnmi-options.ts'

interface Options {
  readonly source: DialInOptions
  readonly output: TelemetryOutput
}

/** Values of gNMI come with their types. */
const { proto: _compact, ...OUTPUT_FLAGS } = TELEMETRY_OUTPUT_FLAGS

export const gnmiRecv = sourceCommand<Options>({
  summary: 'subscribe to gNMI targets; write one record a message, or a leaf',
  description: `Asks targets for paths and keeps asking: a subscription that breaks is made again after a pause. Writes NDJSON in the forms of telemetry-recv.
TLS is used and verified unless --plaintext or --tls-insecure say otherwise. The password is in a file or in NETALLY_GNMI_PASSWORD.`,
  examples: [
    'netally gnmi-recv edge1:57400 --user netally --password-file pw --path /interfaces/interface/state/counters --subscribe sample --interval 10s',
    "netally gnmi-recv --targets targets.txt --paths paths.txt --flat --rate '*-octets'",
    'netally gnmi-recv 192.0.2.1 --mode once --path /system/state --flat --plaintext',
  ],
  args: GNMI_ARGS,
  flags: { ...GNMI_FLAGS, ...OUTPUT_FLAGS },
  followed: ['targets', 'paths', 'tag-map'],
  prepare: async parsed => ({ source: dialInOptions(parsed), output: await telemetryOutput(parsed) }),
  async *open({ source, output }, host) {
    const { openDialIn } = await import('./dial-in.ts')
    yield* withTelemetryOutput(openDialIn(source, host), output, host)
  },
})
