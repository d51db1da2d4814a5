// Telemetry out of captures, by the time of the capture.
import type { Host } from '../../contract/host.ts'
import type { Stream } from '../../contract/record.ts'
import type { TelemetryDecoder } from '../../wire/telemetry/decoder.ts'
import type { Admission } from '../admission.ts'
import { Captured } from '../captured.ts'
import type { TelemetryCaptureOptions } from './options.ts'

export async function* telemetryOfCaptures(
  options: TelemetryCaptureOptions,
  decoder: TelemetryDecoder,
  admission: Admission,
  host: Host,
): Stream {
  const captured = new Captured(
    options,
    ({ octets, view }, start, end) => decoder.isMessage(octets, view, start, end),
    'capture/not-telemetry',
    host,
  )
  for await (const block of captured.blocks(host.signal)) {
    const { octets, view, peers } = block
    for (const index of captured.indexes(block)) {
      const peer = peers.get(block.peer[index] as number)
      if (!admission.allows(peer.address)) continue
      const start = block.start[index] as number
      const end = block.end[index] as number
      const timeUs = block.timeUs[index] as number
      decoder.expire(timeUs)
      decoder.datagram(octets, view, start, end, peer, timeUs)
      if (decoder.isFull) yield* decoder.take()
    }
    // A capture may still be growing: nothing waits for the next block.
    yield* decoder.take()
  }
  decoder.finish(0)
  yield* decoder.take()
}
