// An expected failure is a value: what is wrong, where, and what to do. `throw` is for bugs.

export interface Problem {
  /** `area/what`, stable: it stands in tests, counters and docs. */
  code: string
  message: string
  hint?: string
  /** RFC section or manual page. */
  reference?: string
  /** Worth telling, but nothing is wrong with the input: --strict goes on. */
  note?: true
}

/** Carries a Problem out of a component that cannot go on (missing file, port in use); the runtime prints it and exits 1. */
export class ProblemError extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.message)
    this.name = 'ProblemError'
    this.problem = problem
  }
}

/** True for what a parser returns instead of its result. */
export function isProblem(value: unknown): value is Problem {
  if (typeof value !== 'object' || value === null || !('code' in value && 'message' in value)) return false
  return typeof value.code === 'string'
}

/** What a parser returned, or the throw of the Problem that it returned instead. */
export function orThrow<Result>(result: Result): Exclude<Result, Problem> {
  if (isProblem(result)) throw new ProblemError(result)
  return result as Exclude<Result, Problem>
}
