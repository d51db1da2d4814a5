// What SQLite refuses, in words that say what to do.
import { type Problem, ProblemError } from '../../contract/problem.ts'

/** Primary result codes of sqlite3_errcode. */
export const BUSY = 5
export const LOCKED = 6

const REASONS: { readonly [code: number]: { readonly code: string; readonly hint: string } } = {
  [BUSY]: { code: 'sqlite/locked', hint: 'another program writes for too long: end it, or raise --busy' },
  [LOCKED]: { code: 'sqlite/locked', hint: 'another program writes for too long: end it, or raise --busy' },
  8: { code: 'sqlite/readonly', hint: 'the user that runs the command must be able to write the file and its folder' },
  10: { code: 'sqlite/io', hint: 'look at the disk: the system log says more' },
  11: {
    code: 'sqlite/corrupt',
    hint: 'the file is damaged: restore it, or recover it with the .recover command of sqlite3',
  },
  13: { code: 'sqlite/full', hint: 'the disk is full: make room, then run the command again' },
  14: {
    code: 'sqlite/cannot-open',
    hint: 'does the folder exist, and may the user that runs the command write there?',
  },
  26: { code: 'sqlite/not-a-database', hint: 'the file is something else: choose another name' },
}

/** The primary result code of an error of SQLite, or 0. */
export function resultCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
}

export function sqliteProblem(file: string, error: unknown): ProblemError {
  const reason = REASONS[resultCode(error)]
  const message = `"${file}": ${error instanceof Error ? error.message : String(error)}`
  return new ProblemError({ code: reason?.code ?? 'sqlite/failed', message, ...(reason ? { hint: reason.hint } : {}) })
}

export const problem = (code: string, message: string, hint: string): ProblemError =>
  new ProblemError({ code, message, hint } satisfies Problem)
