// What is done about attribute errors (RFC 7606): here and nowhere else.
import type { Problem } from '../../../contract/problem.ts'
import { type BgpProblem, bgpProblem, UPDATE_ERROR } from '../notification.ts'
import type { WhenMalformed } from './attribute.ts'

/** What was wrong with an UPDATE, and what was done about it. */
export interface UpdateProblem extends Problem {
  readonly action: WhenMalformed
}

/** What the attributes of one UPDATE come to. */
export interface Outcome {
  readonly problems: UpdateProblem[]
  /** The routes of the UPDATE count as withdrawn. */
  withdraw: boolean
  /** The session ends with this. */
  reset: BgpProblem | undefined
}

export function cleanOutcome(): Outcome {
  return { problems: [], withdraw: false, reset: undefined }
}

/** Records a failure and does what its policy says. `subcode` is that of the NOTIFICATION, should the session end. */
export function fail(outcome: Outcome, action: WhenMalformed, problem: Problem, subcode: number): void {
  outcome.problems.push({ ...problem, action })
  if (action === 'treat-as-withdraw') outcome.withdraw = true
  if (action === 'session-reset') outcome.reset ??= bgpProblem(UPDATE_ERROR, subcode, problem.message)
}
