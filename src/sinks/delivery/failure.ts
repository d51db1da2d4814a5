// Errors of backends and their clients, in words.
import { isPermanent } from '../../contract/backend.ts'
import { type Problem, ProblemError } from '../../contract/problem.ts'

const LONGEST_TEXT = 500

/** Node's refused connections have no message of their own, but one for each address that was tried. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, LONGEST_TEXT)
  if (error.message !== '') return error.message.slice(0, LONGEST_TEXT)
  if (error instanceof AggregateError && error.errors.length > 0) return errorText(error.errors[0])
  return 'code' in error ? String(error.code) : error.name
}

/** The Problem that an error carries, or one made of its text. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError || isPermanent(error)) return error.problem
  return {
    code: 'delivery/failed',
    message: errorText(error),
    hint: 'is the backend there, and does it answer? records wait and are sent again',
  }
}

/** connect() says that no attempt will do: the command ends. */
export class NoConnection extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.message)
    this.name = 'NoConnection'
    this.problem = problem
  }
}
