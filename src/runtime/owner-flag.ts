// USER[:GROUP] of a flag: names of /etc/passwd and /etc/group, or numbers.
import { readFileSync } from 'node:fs'
import { ProblemError } from '../contract/problem.ts'
import type { Owner } from '../sinks/dump/owner.ts'
import { accountNumbers, ID_COLUMN } from '../sources/accounts.ts'

const MOST_ID = 2 ** 32 - 2
/** The number of a name in the text of passwd(5) or group(5). */
export const idOf = (accounts: string, name: string): number | undefined =>
  accountNumbers(accounts, name, [ID_COLUMN])?.[0]

function numberOf(flag: string, what: 'user' | 'group', word: string | undefined): number {
  if (word === undefined || word === '') return -1
  const file = what === 'user' ? '/etc/passwd' : '/etc/group'
  const id = /^\d+$/.test(word) ? Number(word) : idOf(readFileSync(file, 'utf8'), word)
  if (id !== undefined && id <= MOST_ID) return id
  throw new ProblemError({
    code: `usage/no-such-${what}`,
    message: `--${flag}: there is no ${what} "${word}" in ${file}`,
    hint: 'a number is taken as it is',
  })
}

/** Throws a ProblemError where there is nobody of that name, or this user may not give files to them. */
export function ownerOption(flag: string, text: string | undefined): Owner | undefined {
  if (text === undefined) return undefined
  const [user, group] = text.split(/:(.*)/s, 2)
  const owner = { userId: numberOf(flag, 'user', user), groupId: numberOf(flag, 'group', group) }
  const ourId = process.geteuid?.()
  if (owner.userId === -1 || ourId === 0 || ourId === owner.userId) return owner
  throw new ProblemError({
    code: 'usage/not-root',
    message: `--${flag} gives files to ${user}, which only root may do`,
    hint: `start the command as root, or as ${user}`,
  })
}
