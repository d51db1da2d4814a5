// A stream to a backend: cut into deliveries, queued, delivered, and counted to the end.
import type { Backend, DeliveryForm } from '../../contract/backend.ts'
import type { Host, Reading } from '../../contract/host.ts'
import { type Problem, ProblemError } from '../../contract/problem.ts'
import type { Stream } from '../../contract/record.ts'
import { BinTrigger } from '../bin-trigger.ts'
import { type Clock, wallClock } from './clock.ts'
import { Connection } from './connection.ts'
import { Courier } from './courier.ts'
import { NoConnection } from './failure.ts'
import { Grace } from './grace.ts'
import { Intake } from './intake.ts'
import { Latency } from './latency.ts'
import type { DeliveryPolicy } from './policy.ts'
import { MemoryQueue, type Queue } from './queue.ts'
import { Rejects } from './rejects.ts'
import { SpoolQueue } from './spool/spool-queue.ts'

export interface DeliveryParts {
  readonly connect: (signal: AbortSignal) => Promise<Backend>
  readonly form: DeliveryForm
  readonly policy: DeliveryPolicy
  readonly host: Host
  readonly clock?: Clock
}

/** Pulls the input; between two batches, what is old enough is sent. Ends early when the courier has ended. */
async function pull(input: Stream, intake: Intake, courier: Promise<unknown>): Promise<void> {
  const iterator = input[Symbol.asyncIterator]()
  const stopped = courier.then(() => 'stopped' as const)
  try {
    let next = iterator.next()
    for (;;) {
      const first = await Promise.race(intake.due ? [next, intake.due, stopped] : [next, stopped])
      if (first === 'stopped') return
      if (first === 'due') await Promise.race([intake.flush(), stopped])
      else if (first.done) break
      else {
        if ((await Promise.race([intake.take(first.value), stopped])) === 'stopped') return
        next = iterator.next()
      }
    }
    await Promise.race([intake.flush(), stopped])
  } finally {
    // Not waited for: a source that is silent would hold us.
    void iterator.return?.()?.catch(() => {})
  }
}

function* readings(intake: Intake, queue: Queue, courier: Courier, latency: Latency): Iterable<Reading> {
  yield { name: 'waiting_records', value: intake.pending }
  yield { name: 'in_flight', value: courier.inFlight }
  yield { name: 'queued_records', value: queue.held }
  yield { name: 'failing', value: courier.failingSinceMs === undefined ? 0 : 1 }
  if (courier.lastProblem) yield { name: 'last_error', labels: { code: courier.lastProblem.code }, value: 1 }
  yield* queue.readings()
  yield* latency.readings()
}

const lastWords = ({ lastProblem }: Courier): string => (lastProblem ? `: ${lastProblem.message}` : '')

/** What the command ends with, where not everything was delivered. */
function finalProblem(courier: Courier, rejects: Rejects, stop: unknown): Problem | undefined {
  if (stop instanceof NoConnection) return stop.problem
  if (stop !== undefined) throw stop
  if (courier.givenUp > 0) {
    return {
      code: 'delivery/gave-up',
      message: `${courier.givenUp} records were given up${lastWords(courier)}`,
      hint: '--spool DIR keeps them until the backend takes them; --give-up-after says how long is tried',
    }
  }
  if (rejects.lost === 0) return undefined
  return {
    code: 'delivery/records-refused',
    message: `the backend refused ${rejects.lost} records, and they were not kept`,
    hint: '--rejects FILE keeps them, with the reason',
  }
}

/** What came in while nobody sends any more goes to disk all the same, if there is room. */
async function saveRest(intake: Intake, queue: Queue): Promise<void> {
  queue.waitNoMore()
  if (intake.pending > 0) await intake.flush()
}

/** Records that the next run will send. After a signal that is what was asked for. */
function leftInSpool({ policy, host }: DeliveryParts, queue: Queue, courier: Courier): Problem | undefined {
  if (!queue.outlivesUs || queue.held === 0) return undefined
  return {
    code: 'delivery/left-in-spool',
    message: `${queue.held} records wait in ${policy.spool?.folder}${lastWords(courier)}`,
    hint: 'run the command again with the same --spool: it sends them first',
    ...(host.signal.aborted ? { note: true } : {}),
  }
}

/** Delivers all of a stream; rejects with a ProblemError when records were lost. */
export async function deliver(input: Stream, parts: DeliveryParts): Promise<void> {
  const { policy, host, clock = wallClock } = parts
  const rejects = new Rejects(policy.rejects, host)
  const grace = new Grace(policy.graceMs, host.signal)
  const { end } = grace
  const queue = policy.spool ? await SpoolQueue.open(policy.spool, host) : new MemoryQueue(policy.inFlight)
  const connection = new Connection(parts.connect, clock, { timeoutMs: policy.timeoutMs, end })
  const latency = new Latency()
  const intake = new Intake(parts, queue, clock)
  const waiting = () => intake.pending + queue.held
  const trigger = policy.trigger ? new BinTrigger(policy.trigger, host, clock, waiting) : undefined
  const courier = new Courier({ queue, connection, policy, rejects, trigger, latency, host, clock, end })
  host.watch(() => readings(intake, queue, courier, latency))
  const working = courier.run().then(
    () => undefined,
    (error: unknown) => error ?? new Error('ended without a reason'),
  )
  let failed: unknown
  try {
    await pull(input, intake, working)
  } catch (error) {
    failed = error
    grace.start()
    await Promise.race([intake.flush(), working])
  }
  queue.end()
  courier.inputEnded()
  const stop = await working
  grace.close()
  if (queue.outlivesUs) await saveRest(intake, queue)
  await connection.close()
  await queue.close()
  rejects.close()
  const triggerFailed = await trigger?.end().then(
    () => undefined,
    (error: unknown) => error,
  )
  const lost = intake.pending + (queue.outlivesUs ? 0 : queue.held)
  if (lost > 0) {
    host.count('held', -lost)
    host.count('dropped/not-sent', lost)
  }
  failed ??= triggerFailed
  if (failed !== undefined) throw failed
  const problem = finalProblem(courier, rejects, stop) ?? leftInSpool(parts, queue, courier)
  if (!problem) return
  if (problem.note) host.report(problem)
  else throw new ProblemError(problem)
}
