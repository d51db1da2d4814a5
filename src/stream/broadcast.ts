// One stream to several consumers, at the pace of the slowest: decode once, many views.
import type { Batch, Stream } from '../contract/record.ts'

type Result = IteratorResult<Batch, undefined>
const DONE: Result = { done: true, value: undefined }

interface Consumer {
  left: boolean
  /** Set while it waits for the next batch. */
  wake: { resolve(result: Result): void; reject(error: unknown): void } | undefined
}

/**
 * `count` streams of the same batches. A batch is valid until its consumer asks for the next, so the next is pulled
 * when every consumer that is still there asks. The input is left when the last consumer leaves.
 */
export function broadcast(input: Stream, count: number): Stream[] {
  const iterator = input[Symbol.asyncIterator]()
  const consumers: Consumer[] = Array.from({ length: count }, () => ({ left: false, wake: undefined }))
  let pulling = false

  async function pull(): Promise<void> {
    const here = consumers.filter(consumer => !consumer.left)
    if (pulling || here.length === 0 || here.some(consumer => !consumer.wake)) return
    pulling = true
    const settle = (give: (wake: NonNullable<Consumer['wake']>) => void) => {
      pulling = false
      for (const consumer of consumers) {
        const { wake } = consumer
        consumer.wake = undefined
        if (wake) give(wake)
      }
    }
    try {
      const result = (await iterator.next()) as Result
      settle(wake => wake.resolve(result))
    } catch (error) {
      settle(wake => wake.reject(error))
    }
  }

  async function leave(consumer: Consumer): Promise<Result> {
    consumer.left = true
    consumer.wake?.resolve(DONE)
    consumer.wake = undefined
    if (consumers.every(({ left }) => left)) await iterator.return?.()
    else void pull()
    return DONE
  }

  return consumers.map(consumer => ({
    [Symbol.asyncIterator]: () => ({
      next: () =>
        consumer.left
          ? Promise.resolve(DONE)
          : new Promise<Result>((resolve, reject) => {
              consumer.wake = { resolve, reject }
              void pull()
            }),
      return: () => leave(consumer),
    }),
  }))
}
