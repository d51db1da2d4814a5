// Which timers a session goes by.
import { TIMERS, TIMERS_0, type Timers } from '../../wire/rtr/control.ts'

/** What the operator says goes before what the cache says, and that before what the version has. */
export function timersOf(version: number, said: Timers | undefined, options: Partial<Timers>): Timers {
  return { ...(said ?? (version === 0 ? TIMERS_0 : TIMERS)), ...options }
}
