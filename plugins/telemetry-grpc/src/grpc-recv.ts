import {
  sourceCommand,
  TELEMETRY_OUTPUT_FLAGS,
  type TelemetryOutput,
  telemetryOutput,
  withTelemetryOutput,
} from 'netally'
import { type DialOutOptions, dialOutOptions, GRPC_FLAGS } from './grpc-options.ts'

interface Options {
  readonly source: DialOutOptions
  readonly output: TelemetryOutput
}

export const grpcRecv = sourceCommand<Options>({
  summary: 'receive telemetry that nodes send over gRPC (dial-out); write one record a message, or a leaf',
  description: `One server for Cisco (MDT: self-describing and compact GPB, JSON), Huawei (GPB, JSON), and gNMI dial-out as Nokia, Juniper, SONiC and Arista have it.
Each call says which it is. Writes NDJSON in the forms of telemetry-recv.`,
  examples: [
    'netally grpc-recv --listen 57400 --allow routers.txt',
    'netally grpc-recv --listen 57400 --tls-cert our.pem --tls-key our.key --tls-client-ca nodes-ca.pem --flat',
    "netally grpc-recv --listen 57400 --proto cisco-protos/ --flat --rate '*bytes*'",
  ],
  flags: { ...GRPC_FLAGS, ...TELEMETRY_OUTPUT_FLAGS },
  followed: ['allow', 'tag-map'],
  prepare: async parsed => ({ source: await dialOutOptions(parsed), output: await telemetryOutput(parsed) }),
  async *open({ source, output }, host) {
    const { openDialOut } = await import('./dial-out.ts')
    yield* withTelemetryOutput(openDialOut(source, host), output, host)
  },
})
