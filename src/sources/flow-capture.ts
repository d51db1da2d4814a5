// Flow datagrams out of captures, one file after another, by the time of the capture.
import type { Host } from '../contract/host.ts'
import type { Stream } from '../contract/record.ts'
import type { FlowDecoder } from '../wire/flow/decoder.ts'
import { isSflow } from '../wire/sflow/datagram.ts'
import type { Admission } from './admission.ts'
import { captureDatagrams } from './capture-file.ts'
import type { Upkeep } from './upkeep.ts'

export interface FlowCaptureOptions {
  /** Files in order; '-' is standard input. */
  readonly captures: readonly string[]
  /** Destination ports; none = whatever begins like a flow datagram. */
  readonly udpPorts: readonly number[]
}

/** By the version: the first 16 bits of NetFlow v5, v9 and IPFIX, the first 32 of sFlow. */
export function looksLikeFlows(view: DataView, start: number, end: number): boolean {
  if (end - start < 2) return false
  const version = view.getUint16(start)
  return version === 5 || version === 9 || version === 10 || isSflow(view, start, end)
}

export async function* flowsOfCaptures(
  options: FlowCaptureOptions,
  decoder: FlowDecoder,
  admission: Admission,
  upkeep: Upkeep,
  host: Host,
): Stream {
  const { udpPorts } = options
  const byVersion = udpPorts.length === 0
  const reading = byVersion ? { signal: host.signal } : { signal: host.signal, udpPorts }
  for (const path of options.captures) {
    if (host.signal.aborted) break
    for await (const block of captureDatagrams(path, reading, host)) {
      const { octets, view, peers } = block
      let others = 0
      for (let index = 0; index < block.count; index++) {
        const start = block.start[index] as number
        const end = block.end[index] as number
        const peer = peers.get(block.peer[index] as number)
        if (byVersion && !looksLikeFlows(view, start, end)) others++
        else if (admission.allows(peer.address)) {
          const timeUs = block.timeUs[index] as number
          for (const batch of decoder.decode(octets, view, start, end, peer, timeUs)) yield batch
        }
      }
      if (others > 0) host.count('capture/not-flow', others)
      // A capture may still be growing (tcpdump -w - | netally): nothing waits for the next block.
      for (const batch of decoder.flush()) yield batch
      await upkeep()
    }
  }
}
