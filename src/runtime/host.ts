// The host of one stage: counters, problems, the signal to stop.
import type { Host, Reading } from '../contract/host.ts'
import { type Problem, ProblemError } from '../contract/problem.ts'
import type { Stream } from '../contract/record.ts'
import type { StageCounters } from './counters.ts'
import type { FollowedFiles } from './follow-files.ts'
import type { ProblemLog } from './problem-log.ts'

/** What all stages of a process share. */
export interface Process {
  readonly signal: AbortSignal
  readonly log: ProblemLog
  reloads: number
  readonly files: FollowedFiles
  /** Streams of `<( ... )` in a line of `run`, by the word that stands for them. */
  readonly sides: Map<string, Stream>
  /** The first bad input ends the command. */
  strict: boolean
}

export class StageHost implements Host, StageCounters {
  readonly command: string
  readonly counters = new Map<string, number>()
  /** Of this stage alone: `--strict` in a line of `run`. */
  strict = false
  /** Its counters are printed at the end: `--stats` in a line of `run`. */
  printsStats = false
  readonly #process: Process
  /** How often a map of this stage changed. */
  #changes = 0
  readonly #readers: (() => Iterable<Reading>)[] = []

  constructor(command: string, process: Process) {
    this.command = command
    this.#process = process
  }

  get signal(): AbortSignal {
    return this.#process.signal
  }

  get reloads(): number {
    return this.#process.reloads + this.#changes
  }

  /** Whether the first bad input ends it. */
  get isStrict(): boolean {
    return this.strict || this.#process.strict
  }

  get sides(): Map<string, Stream> {
    return this.#process.sides
  }

  get taken(): number {
    return this.counters.get('out') ?? 0
  }

  get readings(): Reading[] {
    return this.#readers.flatMap(read => [...read()])
  }

  /** Counts a reload when the file changes. */
  async follow(path: string): Promise<void> {
    await this.#process.files.follow(path, () => {
      this.#changes++
    })
  }

  count(name: string, by = 1): void {
    this.counters.set(name, (this.counters.get(name) ?? 0) + by)
  }

  report(problem: Problem): void {
    this.count(`problems/${problem.code}`)
    if (!problem.note && this.isStrict) throw new ProblemError(problem)
    this.#process.log.report(this.command, problem)
  }

  /** Says what another thread reported and counted. */
  relay(problem: Problem): void {
    this.#process.log.report(this.command, problem)
  }

  watch(read: () => Iterable<Reading>): void {
    this.#readers.push(read)
  }
}
