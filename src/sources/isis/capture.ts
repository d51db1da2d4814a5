// IS-IS out of captures, one file after another, by the time of the capture.
import type { Host } from '../../contract/host.ts'
import type { Batch, Stream } from '../../contract/record.ts'
import type { FrameBlock } from '../../wire/capture/block.ts'
import { findPdu } from '../../wire/isis/frame.ts'
import { captureFrames } from '../capture-file.ts'
import type { IsisOptions } from './options.ts'
import { IsisReceiver } from './receiver.ts'

export async function* isisOfCaptures(options: IsisOptions, host: Host): Stream {
  const receiver = new IsisReceiver(options, host)
  let isOpen = false
  for (const path of options.captures) {
    if (host.signal.aborted) break
    const name = path === '-' ? 'standard input' : path
    for await (const block of captureFrames(path, { signal: host.signal }, host)) {
      if (!isOpen && block.count > 0) {
        isOpen = true
        receiver.marker('log_init', block.timeUs[0] as number)
      }
      yield* take(block, name, receiver, host)
    }
  }
}

function* take(block: FrameBlock, name: string, receiver: IsisReceiver, host: Host): Generator<Batch> {
  const { octets, count, start, end, timeUs, linkType } = block
  let others = 0
  for (let index = 0; index < count; index++) {
    const [from, to] = [start[index] as number, end[index] as number]
    const at = findPdu(linkType[index] as number, octets, from, to)
    if (at < 0) {
      others++
      continue
    }
    const pdu = receiver.read(octets, at, to, name)
    if (pdu) receiver.take(pdu, timeUs[index] as number)
  }
  if (count > 0) receiver.tick(timeUs[count - 1] as number)
  host.count('packets', count)
  if (others > 0) host.count('packets-not-isis', others)
  // A capture may still be growing (tcpdump -w - | netally): nothing waits for the next block.
  yield* receiver.flush()
}
