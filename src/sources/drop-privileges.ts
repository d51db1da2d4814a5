// Root opens the sockets, somebody else goes on.
import { readFileSync } from 'node:fs'
import { type Problem, ProblemError } from '../contract/problem.ts'
import { accountNumbers, GROUP_COLUMN, ID_COLUMN } from './accounts.ts'

export interface Account {
  readonly name: string
  readonly userId: number
  readonly groupId: number
}

/** The account of that name in the text of /etc/passwd. */
export function findAccount(passwd: string, name: string): Account | undefined {
  const [userId, groupId] = accountNumbers(passwd, name, [ID_COLUMN, GROUP_COLUMN]) ?? []
  return userId === undefined || groupId === undefined ? undefined : { name, userId, groupId }
}

export function readAccount(name: string): Account | Problem {
  if (process.getuid?.() !== 0) {
    return {
      code: 'usage/not-root',
      message: '--user is for commands that root starts',
      hint: `leave it out, or start the command as ${name}`,
    }
  }
  const account = findAccount(readFileSync('/etc/passwd', 'utf8'), name)
  return account ?? { code: 'usage/no-such-user', message: `there is no user "${name}" in /etc/passwd` }
}

/** Becomes the account, for good. Throws a ProblemError. */
export function dropPrivileges({ name, userId, groupId }: Account): void {
  try {
    process.setgroups?.([groupId])
    process.setgid?.(groupId)
    process.setuid?.(userId)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ProblemError({ code: 'listen/user', message: `cannot become ${name}: ${reason}` })
  }
}
