// Telemetry of nodes: out of captures or off the network.
import type { Host, Reading } from '../../contract/host.ts'
import type { Stream } from '../../contract/record.ts'
import { TelemetryDecoder } from '../../wire/telemetry/decoder.ts'
import { Admission } from '../admission.ts'
import { telemetryOfCaptures } from './capture.ts'
import { telemetryOfNetwork } from './network.ts'
import type { TelemetryOptions } from './options.ts'
import { telemetryOfTcpCaptures } from './tcp-capture.ts'

export function openTelemetry(options: TelemetryOptions, host: Host): Stream {
  const decoder = new TelemetryDecoder(options.decoder, host)
  const admission = new Admission(options.allow, host)
  host.watch(() => admission.readings())
  host.watch(() => readings(decoder))
  if (options.tcpPorts.length > 0) return telemetryOfTcpCaptures(options, decoder, admission, host)
  if (options.captures.length > 0) return telemetryOfCaptures(options, decoder, admission, host)
  return telemetryOfNetwork(options.network, decoder, admission, host)
}

function* readings(decoder: TelemetryDecoder): Iterable<Reading> {
  yield { name: 'telemetry_held_octets', value: decoder.heldOctets }
  for (const { address, messages, lost, subscriptions } of decoder.nodes) {
    const labels = { node: address }
    yield { name: 'telemetry_messages', labels, value: messages }
    yield { name: 'telemetry_messages_lost', labels, value: lost }
    yield { name: 'telemetry_subscriptions', labels, value: subscriptions.size }
  }
}
