// An IGP out of captures, one file after another, by the time of the capture.
import type { Host } from '../../contract/host.ts'
import type { Batch, Stream } from '../../contract/record.ts'
import type { FrameBlock } from '../../wire/capture/block.ts'
import { captureFrames } from '../capture-file.ts'

/** What becomes of frames. */
export interface FrameTaker {
  /** Before the first frame. */
  open(timeUs: number): void
  /** Takes the frames of a block; `name` is that of the capture. The number of frames that are of another protocol. */
  take(block: FrameBlock, name: string): number
  /** Time goes on. */
  tick(timeUs: number): void
  /** What was made so far. */
  flush(): Iterable<Batch>
}

/** `others` counts the frames of other protocols. */
export async function* igpOfCaptures(
  captures: readonly string[],
  taker: FrameTaker,
  others: string,
  host: Host,
): Stream {
  let isOpen = false
  for (const path of captures) {
    if (host.signal.aborted) break
    const name = path === '-' ? 'standard input' : path
    for await (const block of captureFrames(path, { signal: host.signal }, host)) {
      const { count, timeUs } = block
      if (count === 0) continue
      if (!isOpen) taker.open(timeUs[0] as number)
      isOpen = true
      const left = taker.take(block, name)
      taker.tick(timeUs[count - 1] as number)
      host.count('packets', count)
      if (left > 0) host.count(others, left)
      // A capture may still be growing (tcpdump -w - | netally): nothing waits for the next block.
      yield* taker.flush()
    }
  }
}
