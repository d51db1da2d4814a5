// `spool.json`: which format the folder has, and the spool's name in the ids of its deliveries.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ProblemError } from '../../../contract/problem.ts'

const FORMAT = 1

/** The spool's id; undefined when the folder is new. Throws a ProblemError when it is something else's. */
export function readSpoolFile(folder: string): string | undefined {
  let text: string
  try {
    text = readFileSync(join(folder, 'spool.json'), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const match = /^\{"spool":(\d+),"id":"([0-9a-f]{8})"\}/.exec(text)
  if (match && Number(match[1]) === FORMAT) return match[2]
  throw new ProblemError({
    code: 'spool/other-format',
    message: `${join(folder, 'spool.json')} is not of a spool that this netally can read`,
    hint: 'give --spool another folder, or empty this one with the netally that made it',
  })
}
