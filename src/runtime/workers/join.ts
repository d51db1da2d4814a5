// What workers give, as one: lines on standard output, a stream of lines, or the sums of all.
import type { Host } from '../../contract/host.ts'
import { RECORDS_PER_BATCH, recordBatch, type Stream } from '../../contract/record.ts'
import { LineBatch, type LineContext } from '../../fields/batch.ts'
import { newestReader } from '../../fields/line-reader.ts'
import type { AggregateOptions } from '../../operators/aggregate/options.ts'
import { WholeSums } from '../../operators/aggregate/whole.ts'
import { type OctetOutput, ReaderLeft } from '../../stream/output.ts'
import type { StageHost } from '../host.ts'
import type { GroupItem, WorkerGroup } from './group.ts'

const LINE_FEED = 10

/** Writes the lines; `host` counts them as `out`. Rejects with ReaderLeft when nobody reads any more. */
export async function writeLines(group: WorkerGroup, output: OctetOutput, host: StageHost): Promise<void> {
  let failure: unknown
  for await (const item of group.items()) {
    if (item.kind !== 'octets') continue
    if (!failure) {
      try {
        await output.write(item.octets)
        host.count('out', item.rows)
        continue
      } catch (error) {
        failure = error
        group.stop()
      }
    }
    host.count(failure instanceof ReaderLeft ? 'dropped/reader-left' : 'dropped/not-written', item.rows)
  }
  if (failure) throw failure
}

/** The lines as batches; `host` is that of the last stage in the workers, which counted them as `out`. */
export async function* lineStream(group: WorkerGroup, host: StageHost): Stream {
  const context: LineContext = {
    clock: { nowMs: 0 },
    onBadLine: problem => host.report(problem),
    newestMs: newestReader(),
    trusted: true,
  }
  const leaving = new Leaving(group)
  try {
    for await (const item of leaving.items()) {
      if (item.kind === 'octets') {
        yield* lineBatches(item.octets, context)
      } else if (item.kind === 'mark' && !item.isBusy && item.now > context.clock.nowMs) {
        context.clock.nowMs = item.now
        yield recordBatch([], item.now)
      }
    }
  } finally {
    const left = await leaving.end()
    if (left > 0) {
      host.count('out', -left)
      host.count('dropped/reader-left', left)
    }
  }
}

/** Iterates a group for a consumer that may leave: then the workers end, and what they still say is only counted. */
class Leaving {
  readonly #group: WorkerGroup
  readonly #items: AsyncGenerator<GroupItem>
  #isOver = false

  constructor(group: WorkerGroup) {
    this.#group = group
    this.#items = group.items()
  }

  async *items(): AsyncGenerator<GroupItem> {
    for (;;) {
      const { done, value } = await this.#next()
      if (done) return
      yield value
    }
  }

  async #next(): Promise<IteratorResult<GroupItem, undefined>> {
    try {
      const result = await this.#items.next()
      if (result.done) this.#isOver = true
      return result
    } catch (error) {
      this.#isOver = true
      throw error
    }
  }

  /** Rows that nobody got. */
  async end(): Promise<number> {
    let rows = 0
    if (!this.#isOver) this.#group.stop()
    while (!this.#isOver) {
      const { done, value } = await this.#next()
      if (!done && value.kind === 'octets') rows += value.rows
    }
    return rows
  }
}

function* lineBatches(octets: Uint8Array, context: LineContext): Generator<LineBatch> {
  const [starts, ends, numbers] = [new Int32Array(RECORDS_PER_BATCH), new Int32Array(RECORDS_PER_BATCH), NUMBERS]
  let count = 0
  for (let at = 0; at < octets.length; ) {
    const end = octets.indexOf(LINE_FEED, at)
    starts[count] = at
    ends[count++] = end
    at = end + 1
    if (count < RECORDS_PER_BATCH && at < octets.length) continue
    yield new LineBatch(octets, starts, ends, numbers, count, context)
    count = 0
  }
}
/** Lines of workers have no numbers. */
const NUMBERS = new Int32Array(RECORDS_PER_BATCH)

/** Sums of all records, as `aggregate` with these options gives them. `isLive`: marks move the clock where nothing comes. */
export async function* wholeSums(group: WorkerGroup, options: AggregateOptions, isLive: boolean, host: Host): Stream {
  const sums = new WholeSums(options, host)
  const leaving = new Leaving(group)
  try {
    for await (const item of leaving.items()) {
      if (item.kind === 'mark') yield* sums.mark(item.now * 1000, isLive && !item.isBusy)
      else if (item.kind === 'sums') for (const part of item.groups) yield* sums.take(part)
    }
    yield* sums.finish()
  } finally {
    await leaving.end()
  }
}
