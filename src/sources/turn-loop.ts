// The loop of sources on the network: what came in is decoded together at the end of each turn of the event loop.
import { setImmediate as turn } from 'node:timers/promises'
import type { Host } from '../contract/host.ts'
import { type Batch, recordBatch, type Stream } from '../contract/record.ts'
import type { Turns } from './turns.ts'

/** An idle stream says so often what time it is; then sources look at their timers, too. */
const HEARTBEAT_MS = 1000
/** After the signal to stop, what the sockets still have is read for at most so long. */
const DRAIN_MS = 2000

/** What a source does, and when. */
export interface TurnWork {
  /** Before the first turn. Throws a ProblemError when a socket cannot be opened. */
  open(): void | Promise<void>
  /** In each turn: all that came in. Nothing is held back for a fuller batch, unless more is there already. */
  take(): Iterable<Batch>
  /** Once a second, by the timer, whatever the output does. */
  tick?(): void
  /** Once a second, after a turn; `isReloaded`: SIGHUP came since. */
  keepUp?(isReloaded: boolean): void | Promise<void>
  /** Stops before the signal does. */
  readonly isDone?: boolean
  /** After the last turn. */
  end(): Stream | Iterable<Batch>
  /** However it ended. */
  close(): void | Promise<void>
}

export async function* byTurns(work: TurnWork, turns: Turns, host: Host): Stream {
  const { signal } = host
  let { reloads } = host
  let ticked = false
  const stop = () => turns.ring()
  const tick = () => {
    turns.setClock()
    work.tick?.()
    ticked = true
    turns.ring()
  }
  const timer = setInterval(tick, HEARTBEAT_MS)
  signal.addEventListener('abort', stop)
  try {
    await work.open()
    let idle = true
    while (!signal.aborted && !work.isDone) {
      await turns.wait()
      for (const batch of work.take()) {
        idle = false
        yield batch
      }
      if (!ticked) continue
      ticked = false
      if (idle) yield recordBatch([], turns.nowMs())
      idle = true
      const isReloaded = reloads !== host.reloads
      reloads = host.reloads
      await work.keepUp?.(isReloaded)
    }
    yield* work.end()
  } finally {
    signal.removeEventListener('abort', stop)
    clearInterval(timer)
    await work.close()
  }
}

/** What sockets still have when they shall stop: until nothing is pending; what `isPending` says late does not count for ever. */
export async function* drained(take: () => Iterable<Batch>, isPending: (isLate: boolean) => boolean): Stream {
  const until = performance.now() + DRAIN_MS
  do {
    yield* take()
    // Two turns: the first may have been in the middle.
    await turn()
    await turn()
  } while (isPending(performance.now() >= until))
}
