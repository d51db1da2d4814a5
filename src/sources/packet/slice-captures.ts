// The packets of captures that stand behind records, as a pcap file.
import type { Host } from '../../contract/host.ts'
import type { FrameBlock } from '../../wire/capture/block.ts'
import { pcapHeader, pcapRecord } from '../../wire/capture/write.ts'
import { FrameReader, NO_INTERFACE } from '../../wire/packet/frame-reader.ts'
import type { Slice } from '../../wire/packet/slice.ts'
import { captureFrames } from '../capture-file.ts'

const EVERY_PACKET = { compat: false, inner: false, renormalize: false, sampleRate: 1, seed: 1 }
const ETHERNET = 1

/** Pieces of a pcap file; its link type is that of the first packet, others are counted and left out. */
export async function* sliceCaptures(paths: readonly string[], slice: Slice, host: Host): AsyncGenerator<Uint8Array> {
  const reader = new FrameReader(EVERY_PACKET, host)
  let linkType = -1
  for (const path of paths) {
    if (host.signal.aborted) break
    for await (const block of captureFrames(path, { signal: host.signal }, host)) {
      const pieces: Uint8Array[] = []
      let [meant, others] = [0, 0]
      for (const index of heldOf(block, reader, slice)) {
        meant++
        const type = block.linkType[index] as number
        if (linkType < 0) {
          linkType = type
          pieces.push(pcapHeader(type))
        }
        if (type === linkType) pieces.push(copyOf(block, index))
        else others++
      }
      host.count('in', block.count)
      host.count('dropped/not-meant', block.count - meant)
      host.count('out', meant - others)
      if (others > 0) host.count('dropped/other-link-type', others)
      if (pieces.length > 0) yield Buffer.concat(pieces)
      reader.count()
    }
  }
  if (linkType < 0) yield pcapHeader(ETHERNET)
}

function* heldOf(block: FrameBlock, reader: FrameReader, slice: Slice): Generator<number> {
  for (let index = 0; index < block.count; index++) {
    // What is read of no link type that we know may still be meant by its number.
    reader.read(block, index, NO_INTERFACE)
    if (slice.holds(reader.frame)) yield index
  }
}

function copyOf(block: FrameBlock, index: number): Uint8Array {
  const frame = block.octets.subarray(block.start[index], block.end[index])
  return pcapRecord(block.timeUs[index] as number, frame, block.wireLength[index] as number)
}
