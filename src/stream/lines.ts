// Octets to blocks of lines, without copying a line that is whole.
import { RECORDS_PER_BATCH } from '../contract/record.ts'
import type { OctetInput } from './input.ts'

/** Up to RECORDS_PER_BATCH lines of one buffer; valid until the next block is asked for. */
export interface LineBlock {
  readonly octets: Uint8Array
  readonly starts: Int32Array
  /** One past the last octet of each line; what stands there is a line feed (or the carriage return before it). */
  readonly ends: Int32Array
  readonly count: number
  /** Number of the first line, from 1; empty lines count. */
  readonly numbers: Int32Array
  /** Milliseconds of silence, for a block without lines. */
  readonly silentMs: number
}

const CHUNK_OCTETS = 1 << 18
/** A longer line is no record of ours: it is skipped and counted. */
export const LONGEST_LINE_OCTETS = 4 << 20
/** A live input that says nothing this long still moves the clock. */
const HEARTBEAT_MS = 1000

/** How long an input is read on after a signal to stop. */
const DRAIN_MS = 5000
const DRAIN_SILENCE_MS = 400

const LINE_FEED = 10
const CARRIAGE_RETURN = 13

export interface LineOptions {
  /** Give blocks without lines while a live input is silent. */
  readonly heartbeat: boolean
  readonly onOverlong: (lineNumber: number) => void
}

class LineBuffer {
  octets = Buffer.allocUnsafeSlow(CHUNK_OCTETS)
  from = 0
  to = 0
  lineNumber = 0
  /** Inside a line that is too long: what comes before the next line feed is dropped. */
  skipping = false
  readonly starts = new Int32Array(RECORDS_PER_BATCH)
  readonly ends = new Int32Array(RECORDS_PER_BATCH)
  readonly numbers = new Int32Array(RECORDS_PER_BATCH)

  /** The free end, after what is left has been moved to the front. */
  room(onOverlong: (lineNumber: number) => void): Uint8Array {
    if (this.from > 0) {
      this.octets.copy(this.octets, 0, this.from, this.to)
      this.to -= this.from
      this.from = 0
    }
    if (this.to > LONGEST_LINE_OCTETS) {
      if (!this.skipping) onOverlong(this.lineNumber + 1)
      this.skipping = true
      this.to = 0
    }
    // One octet is kept free, for the line feed that a last line may lack.
    if (this.to + 1 >= this.octets.length) {
      const larger = Buffer.allocUnsafeSlow(2 * this.octets.length)
      this.octets.copy(larger, 0, 0, this.to)
      this.octets = larger
    }
    return this.octets.subarray(this.to, this.octets.length - 1)
  }

  /** Takes lines that are whole; how many. */
  take(): number {
    const { octets, starts, ends, numbers } = this
    let count = 0
    while (count < RECORDS_PER_BATCH && this.from < this.to) {
      const feed = octets.indexOf(LINE_FEED, this.from)
      if (feed < 0 || feed >= this.to) break
      this.lineNumber++
      let end = feed
      if (end > this.from && octets[end - 1] === CARRIAGE_RETURN) end--
      if (this.skipping) this.skipping = false
      else if (end > this.from) {
        starts[count] = this.from
        ends[count] = end
        numbers[count++] = this.lineNumber
      }
      this.from = feed + 1
    }
    return count
  }
}

/** Resolves to undefined when the read takes longer than a heartbeat. */
function withHeartbeat(read: Promise<number>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), HEARTBEAT_MS)
    read.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/**
 * After a signal to stop, a pipe is read on while its writer (that most likely got the same signal) still has something
 * to say: until it ends, is silent for DRAIN_SILENCE_MS, or DRAIN_MS have passed, and then closed. Silence is only what is
 * waited for: while whoever takes the lines is slow, nobody reads. Returns what ends the watch.
 */
function closeAfterSignal(
  signal: AbortSignal,
  waitingSinceMs: () => number | undefined,
  close: () => void,
): () => void {
  let timer: NodeJS.Timeout | undefined
  const start = () => {
    const startedMs = performance.now()
    timer = setInterval(() => {
      const now = performance.now()
      const silentMs = now - Math.max(startedMs, waitingSinceMs() ?? now)
      if (silentMs >= DRAIN_SILENCE_MS || now - startedMs >= DRAIN_MS) close()
    }, DRAIN_SILENCE_MS / 4)
  }
  if (signal.aborted) start()
  else signal.addEventListener('abort', start, { once: true })
  return () => {
    clearInterval(timer)
    signal.removeEventListener('abort', start)
  }
}

/** Lines of an input, blocks of them; ends with the input, or soon after the signal aborts. */
export async function* lineBlocks(
  input: OctetInput,
  signal: AbortSignal,
  options: LineOptions,
): AsyncGenerator<LineBlock> {
  const buffer = new LineBuffer()
  /** Undefined when no read is under way. */
  let waitingSinceMs: number | undefined
  const hasRead = () => {
    waitingSinceMs = undefined
  }
  let isCut = false
  const cut = () => {
    isCut = true
    input.close()
  }
  const stopWatching = closeAfterSignal(signal, () => waitingSinceMs, cut)
  const block = (count: number, silentMs: number): LineBlock => ({
    octets: buffer.octets,
    starts: buffer.starts,
    ends: buffer.ends,
    numbers: buffer.numbers,
    count,
    silentMs,
  })
  try {
    for (let more = true; more; ) {
      waitingSinceMs = performance.now()
      const reading = input.read(buffer.room(options.onOverlong))
      reading.then(hasRead, hasRead)
      let count: number | undefined
      while (options.heartbeat && input.live) {
        count = await withHeartbeat(reading)
        if (count !== undefined) break
        yield block(0, HEARTBEAT_MS)
      }
      count ??= await reading
      more = count > 0
      if (more) buffer.to += count
      // The last line may lack its line feed; one that was cut by us is none.
      else if (buffer.from < buffer.to && !isCut) buffer.octets[buffer.to++] = LINE_FEED
      for (let lines = buffer.take(); lines > 0; lines = buffer.take()) yield block(lines, 0)
    }
  } finally {
    stopWatching()
    input.close()
  }
}
