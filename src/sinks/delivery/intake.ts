// Between the input and the queue.
import type { DeliveryForm } from '../../contract/backend.ts'
import type { Host } from '../../contract/host.ts'
import type { Batch } from '../../contract/record.ts'
import { type Assembler, assembler, type Content, contentCount } from './assembler.ts'
import type { Clock } from './clock.ts'
import type { DeliveryPolicy } from './policy.ts'
import type { Queue } from './queue.ts'

export interface IntakeParts {
  readonly form: DeliveryForm
  readonly policy: DeliveryPolicy
  readonly host: Host
}

/** Takes batches in, and puts them into the queue as deliveries when they are large or old enough. */
export class Intake {
  readonly #assembler: Assembler
  readonly #queue: Queue
  readonly #ageMs: number
  readonly #clock: Clock
  #takenMs = 0
  /** Records taken in that the queue does not have. */
  pending = 0
  /** Resolves when the first record that waits is old. */
  #due: Promise<'due'> | undefined
  #undo = new AbortController()
  readonly #host: Host
  #busy: Promise<void> = Promise.resolve()

  constructor(parts: IntakeParts, queue: Queue, clock: Clock) {
    // What goes to disk is text.
    this.#assembler = assembler(queue.outlivesUs ? 'octets' : parts.form, parts.policy.cut)
    this.#host = parts.host
    this.#ageMs = parts.policy.ageMs
    this.#queue = queue
    this.#clock = clock
  }

  get due(): Promise<'due'> | undefined {
    return this.#due
  }

  /** Puts what became full; the batch may be used again then. */
  take(batch: Batch): Promise<void> {
    this.#busy = this.#take(batch)
    return this.#busy
  }

  async #take(batch: Batch): Promise<void> {
    const nowMs = Date.now()
    if (this.#assembler.count === 0) this.#takenMs = nowMs
    const full = this.#assembler.add(batch)
    const before = this.pending
    this.pending = full.reduce((sum, content) => sum + contentCount(content), this.#assembler.count)
    this.#host.count('held', this.pending - before)
    for (const content of full) {
      await this.#put(content)
      this.#takenMs = nowMs
      this.#stopTimer()
    }
    if (this.#assembler.count > 0) this.#startTimer()
  }

  async #put(content: Content): Promise<void> {
    if (await this.#queue.put(content, this.#takenMs)) this.pending -= contentCount(content)
  }

  #startTimer(): void {
    this.#due ??= this.#clock.sleep(this.#ageMs, this.#undo.signal).then(() => 'due')
  }

  #stopTimer(): void {
    this.#due = undefined
    this.#undo.abort()
    this.#undo = new AbortController()
  }

  /** What waits goes into the queue, full or not. */
  async flush(): Promise<void> {
    await this.#busy
    this.#stopTimer()
    const rest = this.#assembler.rest()
    if (rest) await this.#put(rest)
  }
}
