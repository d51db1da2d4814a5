// How much of a line runs in workers: the source, what works record by record behind it, and an aggregation at the end of these.
import type { Needs } from '../../contract/component.ts'
import type { Stream } from '../../contract/record.ts'
import type { AggregateOptions } from '../../operators/aggregate/options.ts'
import { standardOutput } from '../../stream/output.ts'
import type { FusedStage } from '../fuse.ts'
import { counted, type Stage } from '../pipeline.ts'
import { presentation } from '../presentation.ts'
import { WorkerGroup } from './group.ts'
import { lineStream, wholeSums, writeLines } from './join.ts'
import { WorkerTemplates } from './templates.ts'

export interface WorkerPlan {
  /** Stages of the line that run in workers, the source among them. */
  readonly taken: number
  /** They are the whole line, and `write` does all. */
  readonly isWritten: boolean
  /** What the last of them gives. */
  stream(): Stream
  /** Writes that to standard output. */
  write(): Promise<void>
}

/** A stage that gives records in another form than others expect (--compat, --timestamps) or without some fields. */
const isPresented = ({ presentation }: Stage): boolean =>
  Object.values(presentation).some(value => value !== undefined && value !== false)

/**
 * Undefined where the source is not shared out. `wantedAfter` says what is wanted of the output of the first `taken` stages;
 * `isNamed`: the output of the last stage is for other lines, not for standard output.
 */
export function planWorkers(
  stages: readonly FusedStage[],
  wantedAfter: (taken: number) => Needs,
  isNamed: boolean,
  root: string,
): WorkerPlan | undefined {
  const [source] = stages
  if (source?.kind !== 'source' || !source.inWorkers) return undefined
  const each = inEach(stages)
  const next = stages[each.length]
  const sums = next && sumsOf(next, each)
  const taken = sums ? [...each, sums] : each
  const isEnd = taken.length === stages.length && !isNamed
  const isWritten = isEnd && !sums
  const group = makeGroup(source, taken, sums, wantedAfter(taken.length), isWritten, root)
  const last = taken.at(-1) as Stage
  const { isLive } = source.inWorkers
  return {
    taken: taken.length,
    isWritten,
    stream() {
      if (!sums) return lineStream(group, last.host)
      const whole = wholeSums(group, sums.options as AggregateOptions, isLive, sums.host)
      // Whoever writes to standard output counts what is written, and gives it its form.
      return isEnd ? whole : presentation(counted(whole, sums.host, 'out'), sums.presentation)
    },
    write: () => writeLines(group, standardOutput(), last.host),
  }
}

function inEach([source, ...others]: readonly FusedStage[]): Stage[] {
  const each = [source as Stage]
  for (const stage of others) {
    if (stage.kind !== 'operator' || stage.inWorkers !== 'each') break
    each.push(stage)
  }
  return each
}

/** The stage when it is an aggregation whose parts can be merged; says why where it cannot. */
function sumsOf(stage: FusedStage, before: readonly Stage[]): Stage | undefined {
  if (stage.kind !== 'operator' || stage.inWorkers === undefined) return undefined
  const presented = before.find(isPresented)
  const why = presented
    ? `${presented.host.command} gives its records in another form`
    : typeof stage.inWorkers === 'object' && stage.inWorkers.why
  if (!why) return stage
  const message = `one ${stage.host.command} takes what all workers give: ${why}`
  stage.host.report({ note: true, code: 'workers/one-for-all', message })
  return undefined
}

function makeGroup(
  source: Stage & { readonly kind: 'source' },
  taken: readonly Stage[],
  sums: Stage | undefined,
  wanted: Needs,
  isWritten: boolean,
  root: string,
): WorkerGroup {
  const { count, ringOctets, templateStore, steer } = source.inWorkers as NonNullable<typeof source.inWorkers>
  const maxKeys = sums ? Math.floor((sums.options as AggregateOptions).maxKeys / count) : 0
  return new WorkerGroup({
    root,
    count,
    ringOctets,
    form: sums ? 'sums' : 'lines',
    stages: taken.map(({ origin, host }) => ({ origin, host })),
    wanted,
    outIsCounted: !isWritten,
    strict: source.host.isStrict,
    maxKeys,
    templates: templateStore === undefined ? undefined : new WorkerTemplates(templateStore, source.host),
    steer,
  })
}
