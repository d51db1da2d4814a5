// What is wrong with a filter: where, with a caret below it.
import { type Problem, ProblemError } from '../contract/problem.ts'

/** Columns shown on either side of the caret. */
const SHOWN_COLUMNS = 50

export interface Complaint {
  readonly code?:
    | 'filter/syntax'
    | 'filter/type'
    | 'filter/unknown-field'
    | 'filter/not-in-records'
    | 'filter/too-large'
  readonly message: string
  readonly hint?: string
}

/** The filter's text around a position and a line with a caret under it. */
function caret(text: string, position: number): string {
  const from = position > SHOWN_COLUMNS + 10 ? position - SHOWN_COLUMNS : 0
  const to = text.length - position > SHOWN_COLUMNS + 10 ? position + SHOWN_COLUMNS : text.length
  const before = from > 0 ? '...' : ''
  const shown = text.slice(from, to).replaceAll(/\s/g, ' ')
  const after = to < text.length ? '...' : ''
  return `  ${before}${shown}${after}\n  ${' '.repeat(before.length + position - from)}^`
}

/** Ends the parsing: parse() returns the Problem. A grammar that hands problems up by hand is hard to read. */
export function fail(text: string, position: number, complaint: Complaint): never {
  const problem: Problem = {
    code: complaint.code ?? 'filter/syntax',
    message: `filter, column ${position + 1}: ${complaint.message}\n${caret(text, position)}`,
  }
  if (complaint.hint !== undefined) problem.hint = complaint.hint
  throw new ProblemError(problem)
}
