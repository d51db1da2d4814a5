// A stream of Node (a program's output, a socket) as octets in.
import type { Readable } from 'node:stream'
import type { OctetInput } from './input.ts'

export function readableInput(readable: Readable): OctetInput {
  const iterator = readable.iterator({ destroyOnReturn: true })[Symbol.asyncIterator]()
  let chunk: Uint8Array = new Uint8Array(0)
  return {
    live: true,
    async read(into) {
      if (chunk.length === 0) {
        const next = await iterator.next()
        if (next.done) return 0
        chunk = next.value as Uint8Array
      }
      const count = Math.min(into.length, chunk.length)
      into.set(chunk.subarray(0, count))
      chunk = chunk.subarray(count)
      return count
    },
    close: () => readable.destroy(),
  }
}
