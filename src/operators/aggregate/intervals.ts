// Stretches of the clock in which nothing is written and nothing becomes late, so that it does not matter which of two records in
// there comes first: they end where a bin does, with and without grace, and where sums are refreshed.
import { orThrow } from '../../contract/problem.ts'
import { type Bins, durationSeconds, makeBins, UNIT_SECONDS } from './bins.ts'
import type { AggregateOptions } from './options.ts'

const SECOND_US = 1_000_000

/** Tells whether two times of the clock are of one stretch; `fromUs` is the earlier. All ends are whole seconds. */
export type SameInterval = (fromUs: number, toUs: number) => boolean

export function intervals({ bin, graceSeconds, refreshSeconds }: AggregateOptions): SameInterval {
  const bins: Bins | undefined = bin && orThrow(makeBins(bin, 0))
  const graceUs = graceSeconds * SECOND_US
  const refreshUs = refreshSeconds === undefined ? 0 : refreshSeconds * SECOND_US
  return (fromUs, toUs) =>
    (!bins ||
      (bins.start(fromUs) === bins.start(toUs) && bins.start(fromUs - graceUs) === bins.start(toUs - graceUs))) &&
    (refreshUs === 0 || Math.floor(fromUs / refreshUs) === Math.floor(toUs / refreshUs))
}

/** Why parts of an aggregation cannot be merged exactly; undefined when they can. */
export function whyWhole({ bin, spread, sums }: AggregateOptions): string | undefined {
  if (spread) return '--spread shares a flow out over bins of which each may be late or not'
  const real = sums.find(({ combine, field }) => combine === 'sum' && field?.type.name === 'real')
  if (real) return `sums of ${real.output.name}, which is no whole number, depend on their order`
  const unitSeconds = bin?.align && UNIT_SECONDS[bin.align]
  if (bin?.align && !(unitSeconds && unitSeconds % (durationSeconds(bin.length) ?? Number.NaN) === 0)) {
    return `--align ${bin.align} with bins of ${bin.length} starts at the first record of all`
  }
  return undefined
}
