// Leaving a stream whose reader is over, whether it read or not.
import type { Batch, Stream } from '../contract/record.ts'

/** Says that nobody asks any more. Not waited for: a silent input would not answer. */
export function leave(stream: Stream): void {
  void stream[Symbol.asyncIterator]()
    .return?.()
    ?.catch(() => {})
}

/**
 * The stream; who leaves it leaves the streams that it is made of, too. A generator does that by itself only after it was asked
 * for something, and not while its input keeps it waiting.
 */
export function withInputs(stream: Stream, inputs: readonly Stream[]): Stream {
  return {
    [Symbol.asyncIterator]() {
      const iterator = stream[Symbol.asyncIterator]()
      return {
        next: () => iterator.next(),
        async return(): Promise<IteratorResult<Batch, undefined>> {
          inputs.forEach(leave)
          await iterator.return?.()
          return { done: true, value: undefined }
        },
      }
    },
  }
}
