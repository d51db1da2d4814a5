// A worker: the source's share of the datagrams through the stages that work record by record, to lines or to sums.
import { parentPort, workerData } from 'node:worker_threads'
import { Config } from '@oclif/core'
import { ALL_FIELDS, type Needs } from '../../contract/component.ts'
import { ProblemError } from '../../contract/problem.ts'
import type { Stream } from '../../contract/record.ts'
import type { AggregateOptions } from '../../operators/aggregate/options.ts'
import { partialNeeds } from '../../operators/aggregate/partial.ts'
import type { FlowOptions } from '../../sources/flow-options.ts'
import type { TemplatePlace } from '../../sources/template-store.ts'
import { numberDatagrams } from '../../wire/flow/datagram-number.ts'
import type { ComponentCommand } from '../command.ts'
import { throwerOf } from '../failures.ts'
import { counted, needsOf, open, type Stage } from '../pipeline.ts'
import { presentation } from '../presentation.ts'
import type { WorkerInput, WorkerMessage, WorkerOrder } from './messages.ts'
import { WorkerHost } from './worker-host.ts'
import { WorkerOutput } from './worker-output.ts'

const COUNTERS_MS = 250

const input = workerData as WorkerInput
const stop = new AbortController()
const output = new WorkerOutput(post)
const hosts = input.stages.map(
  ({ command }, stage) =>
    new WorkerHost(command, stop.signal, input.strict, problem => post({ kind: 'problem', stage, problem })),
)

function post(message: WorkerMessage, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer)
}

function tellCounters(): void {
  const [counted, readings] = [hosts.map(host => host.takeCounted()), hosts.map(host => host.plainReadings)]
  if (counted.some(of => of.length > 0)) post({ kind: 'counters', counted, readings })
}

function obey(order: WorkerOrder): void {
  if (order.kind === 'reload') hosts[order.stage]?.reload()
  else if (order.kind === 'taken') output.taken(order.rows)
  else if (order.kind === 'spare') output.spare(order.memory)
  else {
    stop.abort()
    output.stop()
  }
}

const templates: TemplatePlace | undefined = input.templates && {
  name: input.templates.name,
  read: async () => input.templates?.stored,
  write: async kept => post({ kind: 'templates', templates: kept }),
}

async function makeStages(): Promise<Stage[]> {
  const config = await Config.load({ root: input.root })
  const stages: Stage[] = []
  for (const [index, { command, parsed }] of input.stages.entries()) {
    const loaded = (await config.findCommand(command, { must: true }).load()) as unknown as ComponentCommand
    stages.push(await loaded.stageOf(parsed, hosts[index] as WorkerHost))
  }
  const [source, ...others] = stages
  if (source?.kind !== 'source') throw new Error('a worker starts with a source')
  const share = { ring: input.ring, news: input.news, isNumbered: input.form === 'sums', templates }
  return [{ ...source, options: { ...(source.options as FlowOptions), share } }, ...others]
}

/** The stages put together; all but the last of sums. */
function chain(stages: readonly Stage[], wanted: Needs): Stream {
  const needs = (from: number): Needs =>
    stages.slice(from).reduceRight((after, stage) => stageNeeds(stage, after), wanted)
  let stream: Stream | undefined
  stages.forEach((stage, index) => {
    const countsOut = index < stages.length - 1 || input.form === 'sums' || input.outIsCounted
    stream = presentation(open(stage, stream, presented(stage, needs(index + 1)), countsOut), stage.presentation)
  })
  return stream as Stream
}

const presented = ({ presentation: { fields } }: Stage, wanted: Needs): Needs =>
  fields ? { fields, rest: false } : wanted
const stageNeeds = (stage: Stage, wanted: Needs): Needs => needsOf(stage, presented(stage, wanted))

async function work(): Promise<void> {
  if (input.form === 'sums') numberDatagrams()
  const stages = await makeStages()
  post({ kind: 'ready' })
  if (input.form === 'lines') {
    await output.writeLines(chain(stages, input.wanted ?? ALL_FIELDS))
    return
  }
  const last = stages.at(-1) as Stage
  const options = last.options as AggregateOptions
  const records = counted(chain(stages.slice(0, -1), partialNeeds(options)), last.host, 'in')
  await output.handOnSums(records, options, last.host, input.maxKeys)
}

parentPort?.on('message', obey)
const timer = setInterval(tellCounters, COUNTERS_MS)
try {
  await work()
  post({ kind: 'mark', now: Number.POSITIVE_INFINITY, isBusy: true })
} catch (error) {
  if (!(error instanceof ProblemError)) throw error
  post({ kind: 'failed', problem: error.problem, stage: throwerOf(error) })
} finally {
  clearInterval(timer)
  tellCounters()
}
post({ kind: 'ended' })
