// enrich: flows meet routes, networks and maps. Resolvers (resolvers.ts) fill fields in; this file brings them the flows,
// and the tables to the time of each flow.
import type { Needs, Operator } from '../../contract/component.ts'
import type { Host } from '../../contract/host.ts'
import { reading, union } from '../../contract/needs.ts'
import { type Batch, recordBatch, type Stream } from '../../contract/record.ts'
import type { NumberColumn } from '../../fields/column.ts'
import { ATTRIBUTES } from './attributes.ts'
import { Hold } from './hold.ts'
import type { EnrichOptions } from './options.ts'
import type { Resolve } from './resolver.ts'
import { type Enrichment, makeEnrichment } from './resolvers.ts'
import { hasRouteRecords, MARKS, sparing } from './route-records.ts'
import { WorkColumns } from './work-columns.ts'

/** When a record was received, or the next best that it says: the first that it has. */
const TIMES = [
  'timestamp_arrival',
  'stamp_updated',
  'stamp_inserted',
  'timestamp_end',
  'timestamp_start',
  'timestamp',
] as const

export const enrichOperator: Operator<EnrichOptions> = { needs: enrichNeeds, apply: enrich }

const SILENT: Host = {
  signal: new AbortController().signal,
  reloads: 0,
  count() {},
  report() {},
  watch() {},
}

export function enrichNeeds(options: EnrichOptions, wanted: Needs): Needs {
  const { resolvers } = makeEnrichment(options, SILENT, wantedBy(wanted))
  const filled = new Set(resolvers.flatMap(({ fills }) => fills))
  // Records of routes keep theirs.
  for (const { dst } of ATTRIBUTES) filled.delete(dst)
  const read = [...TIMES, ...MARKS, ...resolvers.flatMap(({ reads }) => reads)]
  const rest: Needs = { fields: wanted.fields.filter(field => !filled.has(field)), rest: wanted.rest }
  return reading([...new Set(read)], union(rest, rest))
}

const wantedBy =
  (wanted: Needs | undefined) =>
  (field: string): boolean =>
    !wanted || wanted.rest || wanted.fields.includes(field)

/**
 * Counts `miss/<src|dst>/<reason>`, `routes/...` (what became of the side streams' records), `held`, `hold/...` and
 * `maps/reloaded`.
 */
export async function* enrich(input: Stream, options: EnrichOptions, host: Host, wanted?: Needs): Stream {
  const enricher = new Enricher(makeEnrichment(options, host, wantedBy(wanted)), host)
  const hold = new Hold(enricher.sides, options, host)
  let reloads = host.reloads
  let isLive = false
  enricher.start()
  try {
    for await (const batch of input) {
      if (host.reloads !== reloads) {
        reloads = host.reloads
        await enricher.reload()
      }
      if (!isLive && options.isLive(batch.now)) {
        isLive = true
        enricher.release()
      }
      if (!isLive) await hold.wait()
      else if (hold.takes(batch)) continue
      for (const held of hold.let()) yield await enricher.apply(held)
      yield await enricher.apply(batch)
    }
    for (const held of hold.end()) yield await enricher.apply(held)
  } finally {
    enricher.close()
  }
}

class Enricher {
  readonly #enrichment: Enrichment
  readonly #host: Host
  readonly #work: WorkColumns
  readonly #resolve: readonly Resolve[]

  constructor(enrichment: Enrichment, host: Host) {
    this.#enrichment = enrichment
    this.#host = host
    this.#work = new WorkColumns([...TIMES, ...MARKS], enrichment.resolvers)
    this.#resolve = enrichment.resolvers.map(resolver => resolver.bind(this.#work.place))
  }

  get sides(): Enrichment['sides'] {
    return this.#enrichment.sides
  }

  start(): void {
    for (const side of this.sides) side.start()
  }

  release(): void {
    for (const side of this.sides) side.release()
  }

  close(): void {
    for (const side of this.sides) side.close()
  }

  async reload(): Promise<void> {
    for (const resolver of this.#enrichment.resolvers) await resolver.reload?.(this.#host)
  }

  /** The batch with what was found; valid until the next. */
  async apply(batch: Batch, isSpared = false): Promise<Batch> {
    if (batch.count === 0) return recordBatch([], batch.now)
    const work = this.#work
    work.open(batch)
    const { count, rows } = work.picked
    if (!isSpared && hasRouteRecords(work.columns.slice(TIMES.length), rows, count)) return this.#spare(batch)
    for (let from = 0; from < count; ) {
      const to = this.#untilNews(from)
      if (to > from) for (const resolve of this.#resolve) resolve(work.columns, rows, from, to)
      from = to
      if (from < count) await this.#advance(this.#timeMs(rows[from] as number))
    }
    for (const resolver of this.#enrichment.resolvers) resolver.counted?.(this.#host)
    return work.close(batch)
  }

  async #spare({ records, now }: Batch): Promise<Batch> {
    const batch = recordBatch(records, now)
    await sparing(records, () => this.apply(batch, true))
    return batch
  }

  /** One past the last of the rows from `from` on that no record of a side stream comes before. */
  #untilNews(from: number): number {
    const { count, rows } = this.#work.picked
    let nextMs = Number.POSITIVE_INFINITY
    for (const side of this.sides) nextMs = Math.min(nextMs, side.nextMs)
    if (nextMs === Number.POSITIVE_INFINITY) return count
    let to = from
    while (to < count && this.#timeMs(rows[to] as number) < nextMs) to++
    return to
  }

  async #advance(timeMs: number): Promise<void> {
    for (const side of this.sides) await side.advance(timeMs)
  }

  /** A record that says no time sees the tables as they are at the end. */
  #timeMs(row: number): number {
    for (let place = 0; place < TIMES.length; place++) {
      const us = (this.#work.columns[place] as NumberColumn).numbers[row] as number
      if (Number.isFinite(us)) return Math.floor(us / 1000)
    }
    return Number.MAX_VALUE
  }
}
