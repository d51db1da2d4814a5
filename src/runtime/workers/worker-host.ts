// The host of a stage in a worker: what it counts and reports goes to the thread that started the worker.
import type { Reading } from '../../contract/host.ts'
import type { Problem } from '../../contract/problem.ts'
import { FollowedFiles } from '../follow-files.ts'
import { type Process, StageHost } from '../host.ts'

export class WorkerHost extends StageHost {
  readonly #shared: Process
  readonly #told = new Map<string, number>()

  constructor(command: string, signal: AbortSignal, strict: boolean, report: (problem: Problem) => void) {
    const shared: Process = {
      signal,
      log: { report: (_command, problem) => report(problem), close() {} },
      reloads: 0,
      files: new FollowedFiles(),
      sides: new Map(),
      strict,
    }
    super(command, shared)
    this.#shared = shared
  }

  /** Files are followed by the thread that started the worker, which says when one changed. */
  override async follow(): Promise<void> {}

  reload(): void {
    this.#shared.reloads++
  }

  /** What was counted since the last call. */
  takeCounted(): [name: string, by: number][] {
    const counted: [string, number][] = []
    for (const [name, value] of this.counters) {
      const by = value - (this.#told.get(name) ?? 0)
      if (by !== 0) counted.push([name, by])
      this.#told.set(name, value)
    }
    return counted
  }

  get plainReadings(): Reading[] {
    return this.readings.map(({ name, labels, value }) => ({ name, ...(labels ? { labels } : {}), value }))
  }
}
