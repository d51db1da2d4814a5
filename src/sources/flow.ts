// Flows from exporters: out of captures or off the network.
import type { Needs } from '../contract/component.ts'
import type { Host } from '../contract/host.ts'
import type { Stream } from '../contract/record.ts'
import { FlowDecoder } from '../wire/flow/decoder.ts'
import { flowsOfCaptures } from './flow-capture.ts'
import type { FlowOptions } from './flow-options.ts'

export function openFlows(options: FlowOptions, host: Host, wanted: Needs): Stream {
  const decoder = new FlowDecoder(options.decoder, host, wanted)
  host.watch(() => decoder.readings())
  return flowsOfCaptures(options, decoder, () => true, host)
}
