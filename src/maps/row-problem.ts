// A row of a map that cannot be read: the whole file is refused, so that a map in force stays whole.
import type { Problem } from '../contract/problem.ts'

/** Where something stands in a map file; both from 1. */
export interface Place {
  readonly line: number
  readonly column?: number | undefined
  /** The row as it stands there. */
  readonly text?: string | undefined
}

export interface RowProblem extends Problem {
  readonly file: string
  readonly line: number
  readonly column?: number | undefined
  readonly text?: string | undefined
}

/** `pretag.map line 2 column 9: what`. */
export function badRow(file: string, at: number | Place, what: string, hint?: string): RowProblem {
  const { line, column, text } = typeof at === 'number' ? { line: at } : at
  const place = column === undefined ? `line ${line}` : `line ${line} column ${column}`
  return {
    code: 'maps/bad-row',
    message: `${file} ${place}: ${what}`,
    ...(hint === undefined ? {} : { hint }),
    file,
    line,
    ...(column === undefined ? {} : { column }),
    ...(text === undefined ? {} : { text }),
  }
}
