// Telemetry out of captures, one file after another, by the time of the capture.
import type { Host } from '../../contract/host.ts'
import type { Stream } from '../../contract/record.ts'
import type { TelemetryDecoder } from '../../wire/telemetry/decoder.ts'
import type { Admission } from '../admission.ts'
import { captureDatagrams } from '../capture-file.ts'
import type { TelemetryCaptureOptions } from './options.ts'

export async function* telemetryOfCaptures(
  options: TelemetryCaptureOptions,
  decoder: TelemetryDecoder,
  admission: Admission,
  host: Host,
): Stream {
  const { udpPorts } = options
  const byContent = udpPorts.length === 0
  const reading = byContent ? { signal: host.signal } : { signal: host.signal, udpPorts }
  for (const path of options.captures) {
    if (host.signal.aborted) break
    for await (const block of captureDatagrams(path, reading, host)) {
      const { octets, view, peers } = block
      let others = 0
      for (let index = 0; index < block.count; index++) {
        const start = block.start[index] as number
        const end = block.end[index] as number
        const peer = peers.get(block.peer[index] as number)
        const timeUs = block.timeUs[index] as number
        if (byContent && !decoder.isMessage(octets, view, start, end)) others++
        else if (admission.allows(peer.address)) {
          decoder.expire(timeUs)
          decoder.datagram(octets, view, start, end, peer, timeUs)
          if (decoder.isFull) yield* decoder.take()
        }
      }
      if (others > 0) host.count('capture/not-telemetry', others)
      // A capture may still be growing: nothing waits for the next block.
      yield* decoder.take()
    }
  }
  decoder.finish(0)
  yield* decoder.take()
}
