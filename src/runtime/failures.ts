// Why work ended early: told when it happens, once, under the name of the stage where it began.
import { isProblem, ProblemError } from '../contract/problem.ts'
import { ReaderLeft } from '../stream/output.ts'
import { problemText } from './problem-log.ts'

const DONE = 0
const FAILED = 1
const WRONG_USAGE = 2
const BUG = 70

/** Names of stages by what they threw. The same error passes all stages behind that one, in several branches. */
const THROWN_BY = new WeakMap<object, string>()

/** Says which stage an error comes from. The first word counts: who says so later only passed it on. */
export function thrownBy(error: unknown, stage: string): void {
  if (typeof error === 'object' && error !== null && !THROWN_BY.has(error)) THROWN_BY.set(error, stage)
}

/** The stage that an error comes from, where one has said so. */
export function throwerOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null ? THROWN_BY.get(error) : undefined
}

const isBrokenPipe = (error: unknown): boolean =>
  error instanceof ReaderLeft || (error instanceof Error && 'code' in error && error.code === 'EPIPE')

const statusOf = (code: string): number => (/^(usage|filter)\/|\/syntax$/.test(code) ? WRONG_USAGE : FAILED)

export class Failures {
  readonly #command: string
  readonly #write: (text: string) => void
  readonly #told = new Set<unknown>()
  #status = DONE

  constructor(command: string, write: (text: string) => void) {
    this.#command = command
    this.#write = write
  }

  /** Exit status: that of the gravest. */
  get status(): number {
    return this.#status
  }

  /**
   * Says it on stderr, past the problem log: why something ended is never held back as one of many. False when it is no
   * failure: a reader that left.
   */
  tell(error: unknown): boolean {
    if (isBrokenPipe(error)) return false
    if (!this.#told.has(error)) this.#say(error)
    return true
  }

  #say(error: unknown): void {
    this.#told.add(error)
    const command = throwerOf(error) ?? this.#command
    const problem = error instanceof ProblemError ? error.problem : error
    if (isProblem(problem)) {
      this.#write(problemText(command, problem))
      this.#status = Math.max(this.#status, statusOf(problem.code))
      return
    }
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.#write(`netally ${command}: this is a bug in netally, please report it\n${stack}\n`)
    this.#status = BUG
  }
}
