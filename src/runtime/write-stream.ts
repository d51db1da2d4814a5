// A stream to NDJSON on an output: large writes when busy, soon when idle.
import type { Host } from '../contract/host.ts'
import type { Stream } from '../contract/record.ts'
import { OctetBuffer, writeBatch } from '../fields/json-write.ts'
import { type OctetOutput, ReaderLeft } from '../stream/output.ts'

/** A buffer this full is written at once. */
const FULL_OCTETS = 1 << 17
/** What waits in the buffer longest before it is written. */
const IDLE_MS = 20

const lossOf = (error: unknown): string => (error instanceof ReaderLeft ? 'dropped/reader-left' : 'dropped/not-written')

/** Writes all of a stream; rejects with ReaderLeft when nobody reads any more. What came before a failure is written. */
export async function writeStream(stream: Stream, output: OctetOutput, host: Host): Promise<void> {
  const failures: unknown[] = []
  await writeAll(untilFailure(stream, failures), output, host)
  if (failures.length > 0) throw failures[0]
}

async function* untilFailure(stream: Stream, failures: unknown[]): Stream {
  try {
    yield* stream
  } catch (error) {
    failures.push(error)
  }
}

async function writeAll(stream: Stream, output: OctetOutput, host: Host): Promise<void> {
  let filling = new OctetBuffer(2 * FULL_OCTETS)
  let spare = new OctetBuffer(2 * FULL_OCTETS)
  let rows = 0
  let writing: Promise<void> | undefined
  let failed: unknown
  let timer: NodeJS.Timeout | undefined

  const flush = async () => {
    clearTimeout(timer)
    timer = undefined
    if (writing) await writing
    if (failed) throw failed
    if (filling.length === 0) return
    const full = filling
    const written = rows
    filling = spare
    filling.length = 0
    spare = full
    rows = 0
    writing = output.write(full.written()).then(
      () => {
        writing = undefined
        host.count('out', written)
      },
      error => {
        writing = undefined
        failed = error
        host.count(lossOf(error), written)
      },
    )
  }

  try {
    for await (const batch of stream) {
      if (batch.count === 0) continue
      if (failed) {
        rows += batch.count
        throw failed
      }
      const before = filling.length
      const count = writeBatch(batch, filling)
      rows += count
      if (before === 0) timer = setTimeout(() => void flush().catch(() => {}), IDLE_MS)
      if (filling.length >= FULL_OCTETS) await flush()
    }
    await flush()
    await writing
    if (failed) throw failed
  } finally {
    clearTimeout(timer)
    if (failed) host.count(lossOf(failed), rows)
  }
}
