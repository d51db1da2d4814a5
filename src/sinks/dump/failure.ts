// A file that cannot be written: which, why, and what to do.
import { type Problem, ProblemError } from '../../contract/problem.ts'

const HINTS: { readonly [code: string]: string } = {
  ENOSPC: 'the disk is full: make room, then run the command again',
  EDQUOT: 'the disk quota is used up: make room, then run the command again',
  EACCES: 'the user that runs the command may not write there',
  EPERM: 'the user that runs the command may not write there',
  EROFS: 'the file system is read-only',
  EISDIR: 'the name is that of a folder',
  EEXIST: 'a part of the path is a file, not a folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EMFILE: 'raise the limit of open files (ulimit -n)',
  ENAMETOOLONG: 'use fewer variables in the name',
}

export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** `kept`: the temporary file that has what was written so far. */
export function writeFailed(file: string, error: unknown, kept?: string): ProblemError {
  const reason = error instanceof Error ? error.message : String(error)
  const hint = HINTS[errorCode(error)]
  const problem: Problem = {
    code: 'dump/write-failed',
    message: `cannot write "${file}": ${reason}${kept ? `; what was written so far is in "${kept}"` : ''}`,
    ...(hint ? { hint } : {}),
  }
  return new ProblemError(problem)
}
