// Packets, or flows made of them: out of captures or off interfaces.
import type { Needs } from '../../contract/component.ts'
import type { Host } from '../../contract/host.ts'
import type { Stream } from '../../contract/record.ts'
import { FlowRows } from '../../wire/packet/flow-rows.ts'
import { NO_INTERFACE } from '../../wire/packet/frame-reader.ts'
import { INSPECTED } from '../../wire/packet/inspect/inspect.ts'
import { PacketRows, type PacketSink, wantedNames } from '../../wire/packet/packet-rows.ts'
import { captureFrames, framesOf } from '../capture-file.ts'
import { openOctets } from '../capture-octets.ts'
import { packetsOfInterfaces } from './live.ts'
import type { PacketSourceOptions } from './packet-options.ts'
import { runTcpdump } from './tcpdump.ts'

/** Enough for headers with tunnels. pmacctd has 128. */
const SNAP_OCTETS = 256
/** Enough for what applications say: packets of an Ethernet whole. */
const INSPECTED_SNAP_OCTETS = 2048

export async function* openPackets(options: PacketSourceOptions, host: Host, wanted: Needs): Stream {
  const { packets, flows } = options
  const sink = flows ? new FlowRows(packets, flows, host, wanted) : new PacketRows(packets, host, wanted)
  if (options.captures.length > 0) yield* packetsOfCaptures(options, sink, host)
  else yield* packetsOfInterfaces({ ...options, snapOctets: options.snapOctets ?? snapOctets(wanted) }, sink, host)
}

function snapOctets(wanted: Needs): number {
  const names = wantedNames(wanted)
  return [...INSPECTED].some(name => names.has(name)) ? INSPECTED_SNAP_OCTETS : SNAP_OCTETS
}

async function* packetsOfCaptures(options: PacketSourceOptions, sink: PacketSink, host: Host): Stream {
  for (const path of options.captures) {
    if (host.signal.aborted) break
    const { frames, ended } = await framesOfCapture(path, options, host)
    let gave = false
    try {
      for await (const block of frames) {
        gave = true
        yield* sink.take(block, NO_INTERFACE)
        // A capture may still be growing (tcpdump -w - | netally): nothing waits for the next block.
        yield* sink.flush()
      }
    } catch (error) {
      // What tcpdump says of its failure goes before what is missing in its output.
      await ended(gave)
      throw error
    }
    await ended(gave)
  }
  yield* sink.finish()
}

/** A filter is tcpdump's, on files too. */
async function framesOfCapture(path: string, { filter }: PacketSourceOptions, host: Host) {
  const { signal } = host
  if (filter === undefined) return { frames: captureFrames(path, { signal }, host), ended: async () => {} }
  const words = ['-r', '-', '-w', '-', '-U', '--', filter]
  const running = await runTcpdump(words, path, host, await openOctets(path, signal))
  return { frames: framesOf(path, running.octets, { signal }, host), ended: running.ended }
}
