// Flow datagrams out of captures, by the time of the capture.
import type { Host } from '../contract/host.ts'
import type { Stream } from '../contract/record.ts'
import type { FlowDecoder } from '../wire/flow/decoder.ts'
import { isSflow } from '../wire/sflow/datagram.ts'
import type { Admission } from './admission.ts'
import { Captured, type CapturedOptions } from './captured.ts'
import type { Upkeep } from './upkeep.ts'

/** By the version: the first 16 bits of NetFlow v5, v9 and IPFIX, the first 32 of sFlow. */
export function looksLikeFlows(view: DataView, start: number, end: number): boolean {
  if (end - start < 2) return false
  const version = view.getUint16(start)
  return version === 5 || version === 9 || version === 10 || isSflow(view, start, end)
}

export const capturedFlows = (options: CapturedOptions, host: Host): Captured =>
  new Captured(options, ({ view }, start, end) => looksLikeFlows(view, start, end), 'capture/not-flow', host)

export async function* flowsOfCaptures(
  options: CapturedOptions,
  decoder: FlowDecoder,
  admission: Admission,
  upkeep: Upkeep,
  host: Host,
): Stream {
  const captured = capturedFlows(options, host)
  for await (const block of captured.blocks(host.signal)) {
    const { octets, view, peers } = block
    for (const index of captured.indexes(block)) {
      const peer = peers.get(block.peer[index] as number)
      if (!admission.allows(peer.address)) continue
      const start = block.start[index] as number
      const end = block.end[index] as number
      const timeUs = block.timeUs[index] as number
      for (const batch of decoder.decode(octets, view, start, end, peer, timeUs)) yield batch
    }
    // A capture may still be growing (tcpdump -w - | netally): nothing waits for the next block.
    for (const batch of decoder.flush()) yield batch
    await upkeep()
  }
}
