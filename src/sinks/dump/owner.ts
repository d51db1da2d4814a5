// Whose the files and folders are that dump makes.
import { lchownSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ProblemError } from '../../contract/problem.ts'

export interface Owner {
  /** -1 = as it is. */
  readonly userId: number
  /** -1 = as it is. */
  readonly groupId: number
}

/** Gives away what was made; a link itself, not what it points at. Throws a ProblemError. */
export function giveTo(path: string, owner: Owner | undefined): void {
  if (!owner) return
  try {
    lchownSync(path, owner.userId, owner.groupId)
  } catch (error) {
    throw new ProblemError({
      code: 'dump/owner',
      message: `cannot give "${path}" away: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'only root may give files to another user; others may choose among their own groups',
    })
  }
}

/** Makes the folders above a path that are not there. */
export function makeFolderOf(path: string, owner: Owner | undefined): void {
  const folder = resolve(dirname(path))
  const first = mkdirSync(folder, { recursive: true })
  if (first === undefined || !owner) return
  for (let made = folder; made.length >= resolve(first).length; made = dirname(made)) giveTo(made, owner)
}
