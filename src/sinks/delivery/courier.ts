// Takes deliveries from a queue to the backend: attempts, pauses, and what becomes of each record.
import { isPermanent, type Rejected } from '../../contract/backend.ts'
import type { Host } from '../../contract/host.ts'
import type { Problem } from '../../contract/problem.ts'
import type { BinTrigger } from '../bin-trigger.ts'
import type { Clock } from './clock.ts'
import type { Connection } from './connection.ts'
import { NoConnection, problemOf } from './failure.ts'
import type { Latency } from './latency.ts'
import type { Parcel } from './parcel.ts'
import type { DeliveryPolicy } from './policy.ts'
import type { Queue } from './queue.ts'
import type { Rejects } from './rejects.ts'
import { pauseMs } from './retry.ts'
import { tellDelivered } from './trigger.ts'

/** Longest pause between attempts after a signal to end. */
const LAST_PAUSE_MS = 500

export interface CourierParts {
  readonly queue: Queue
  readonly connection: Connection
  readonly policy: DeliveryPolicy
  readonly rejects: Rejects
  readonly trigger: BinTrigger | undefined
  readonly latency: Latency
  readonly host: Host
  readonly clock: Clock
  /** Aborted when the grace time is over: no more attempts. */
  readonly end: AbortSignal
}

export class Courier {
  readonly #parts: CourierParts
  /** Deliveries at the backend now. */
  inFlight = 0
  /** Since when the backend has taken nothing; undefined = the last attempt was good, or there was none. */
  failingSinceMs: number | undefined
  lastProblem: Problem | undefined
  /** Records given up; the rest of the loss is told by its counters. */
  givenUp = 0
  #isStopped = false
  #endedMs = Number.POSITIVE_INFINITY

  constructor(parts: CourierParts) {
    this.#parts = parts
  }

  /** Works until the queue has ended and is empty; rejects with NoConnection when there is no use in going on. */
  async run(): Promise<void> {
    const workers = Array.from({ length: this.#parts.policy.inFlight }, () => this.#work())
    const results = await Promise.allSettled([this.#greet(), ...workers])
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }

  /** No more input comes. */
  inputEnded(): void {
    this.#endedMs = this.#parts.clock.now()
  }

  /** Nobody takes a delivery any more, also who waits for one. */
  #stop(): void {
    this.#isStopped = true
    this.#parts.queue.end()
  }

  /** Connects before there is anything to send: what is wrong with the options shows at once. */
  async #greet(): Promise<void> {
    const { connection, host } = this.#parts
    try {
      await connection.use(async () => {})
    } catch (error) {
      if (error instanceof NoConnection) {
        this.#stop()
        throw error
      }
      this.lastProblem = problemOf(error)
      host.report({ ...this.lastProblem, note: true })
    }
  }

  async #work(): Promise<void> {
    const { queue, host, trigger } = this.#parts
    try {
      for (;;) {
        const parcel = await queue.take()
        // One that was taken all the same is held: it is counted, or sent by the next run.
        if (!parcel || this.#isStopped) return
        if (await this.#deliver(parcel)) {
          host.count('held', -parcel.count)
          await queue.settle(parcel)
          await trigger?.keepUp()
        } else this.#stop()
      }
    } catch (error) {
      this.#stop()
      throw error
    }
  }

  /** False when the delivery stays in the queue, because that outlives us. */
  async #deliver(parcel: Parcel): Promise<boolean> {
    const { clock, policy, end, host } = this.#parts
    for (;;) {
      if (end.aborted) return this.#giveUp(parcel)
      parcel.attempt++
      const error = await this.#attempt(parcel)
      if (error === undefined) return true
      const problem = problemOf(error)
      this.lastProblem = problem
      if (isPermanent(error)) return this.#refused(parcel, problem)
      parcel.failingSinceMs ??= clock.now()
      this.failingSinceMs ??= clock.now()
      host.report({ ...problem, note: true })
      if (this.#isHopeless(parcel)) return this.#giveUp(parcel)
      host.count('retries')
      await this.#pause(pauseMs(policy.retry, parcel.attempt, clock.random()))
    }
  }

  /** Ends with the signal to end: the time that is left is for attempts. */
  #pause(ms: number): Promise<void> {
    const { clock, host, end } = this.#parts
    if (host.signal.aborted) return clock.sleep(Math.min(ms, LAST_PAUSE_MS), end)
    return clock.sleep(ms, AbortSignal.any([host.signal, end]))
  }

  /** One write; what went wrong. */
  async #attempt(parcel: Parcel): Promise<unknown> {
    const { connection, clock, latency, host } = this.#parts
    let startedMs = clock.now()
    this.inFlight++
    try {
      const rejected = await connection.use((backend, signal) => {
        startedMs = clock.now()
        return backend.write(parcel, signal)
      })
      latency.observe(clock.now() - startedMs)
      this.failingSinceMs = undefined
      host.count('batches')
      this.#taken(parcel, rejected ?? [])
      return undefined
    } catch (error) {
      if (error instanceof NoConnection) throw error
      return error ?? new Error('the write was rejected without a reason')
    } finally {
      this.inFlight--
    }
  }

  #taken(parcel: Parcel, rejected: readonly Rejected[]): void {
    const { host, rejects, trigger } = this.#parts
    host.count('out', parcel.count - rejected.length)
    if (trigger) tellDelivered(trigger, parcel, rejected)
    if (rejected.length > 0) rejects.take(parcel, rejected)
  }

  #refused(parcel: Parcel, problem: Problem): boolean {
    this.#parts.rejects.take(
      parcel,
      Array.from({ length: parcel.count }, (_, index) => ({ index, reason: problem.message })),
    )
    return true
  }

  #isHopeless(parcel: Parcel): boolean {
    const { clock, policy, queue } = this.#parts
    const never = Number.POSITIVE_INFINITY
    const sinceMs = Math.min(parcel.failingSinceMs ?? never, this.failingSinceMs ?? never)
    // A spool waits for its backend as long as there is input; then for so long.
    const countsFromMs = queue.outlivesUs ? Math.max(sinceMs, this.#endedMs) : sinceMs
    return clock.now() - countsFromMs >= policy.retry.giveUpMs
  }

  #giveUp(parcel: Parcel): boolean {
    const { host, queue } = this.#parts
    if (queue.outlivesUs) return false
    this.givenUp += parcel.count
    host.count('dropped/gave-up', parcel.count)
    return true
  }
}
