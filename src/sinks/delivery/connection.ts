// The connection that all writes share; after a failure the next write gets a new one.
import { type Backend, isPermanent } from '../../contract/backend.ts'
import type { Clock } from './clock.ts'
import { NoConnection } from './failure.ts'

interface Lease {
  readonly backend: Promise<Backend>
  users: number
  isBroken: boolean
}

/** Settles as `work` does, or rejects after `ms`; the work is told by its signal. */
export async function within<Result>(
  ms: number,
  what: string,
  clock: Clock,
  end: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const own = new AbortController()
  const signal = AbortSignal.any([own.signal, end])
  const done = new AbortController()
  const working = work(signal)
  working.catch(() => {})
  try {
    return await Promise.race([
      working,
      clock.sleep(ms, AbortSignal.any([done.signal, end])).then(() => {
        throw new Error(end.aborted ? `${what}: the grace time is over` : `${what}: no answer in ${ms / 1000} s`)
      }),
    ])
  } finally {
    done.abort()
    own.abort()
  }
}

export class Connection {
  readonly #connect: (signal: AbortSignal) => Promise<Backend>
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #end: AbortSignal
  readonly #closing = new Set<Promise<void>>()
  #lease: Lease | undefined
  /** Connections made so far. */
  made = 0

  constructor(
    connect: (signal: AbortSignal) => Promise<Backend>,
    clock: Clock,
    { timeoutMs, end }: { readonly timeoutMs: number; readonly end: AbortSignal },
  ) {
    this.#connect = connect
    this.#clock = clock
    this.#timeoutMs = timeoutMs
    this.#end = end
  }

  /** Lets `work` use the connection, which is made first where there is none. */
  async use<Result>(work: (backend: Backend, signal: AbortSignal) => Promise<Result>): Promise<Result> {
    this.#lease ??= { backend: this.#open(), users: 0, isBroken: false }
    const lease = this.#lease
    lease.users++
    try {
      const backend = await lease.backend
      return await within(this.#timeoutMs, 'write', this.#clock, this.#end, signal => work(backend, signal))
    } catch (error) {
      if (!isPermanent(error)) this.#drop(lease)
      throw error
    } finally {
      lease.users--
      if (lease.isBroken && lease.users === 0) this.#close(lease)
    }
  }

  async #open(): Promise<Backend> {
    try {
      const backend = await within(this.#timeoutMs, 'connect', this.#clock, this.#end, this.#connect)
      this.made++
      return backend
    } catch (error) {
      throw isPermanent(error) ? new NoConnection(error.problem) : error
    }
  }

  #drop(lease: Lease): void {
    lease.isBroken = true
    if (this.#lease === lease) this.#lease = undefined
  }

  #close({ backend }: Lease): void {
    const closing = backend
      .then(made => within(this.#timeoutMs, 'close', this.#clock, this.#end, () => made.close()))
      .catch(() => {})
      .finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }

  /** No write is under way any more. */
  async close(): Promise<void> {
    if (this.#lease) this.#close(this.#lease)
    this.#lease = undefined
    await Promise.all(this.#closing)
  }
}
