// Root opens the sockets, somebody else goes on.
import { readFileSync } from 'node:fs'
import { type Problem, ProblemError } from '../contract/problem.ts'

export interface Account {
  readonly name: string
  readonly userId: number
  readonly groupId: number
}

const PASSWD_COLUMNS = { name: 0, userId: 2, groupId: 3 } as const

/** The account of that name in the text of /etc/passwd (passwd(5)). */
export function findAccount(passwd: string, name: string): Account | undefined {
  for (const line of passwd.split('\n')) {
    const columns = line.split(':')
    if (columns[PASSWD_COLUMNS.name] !== name) continue
    const [userId, groupId] = [Number(columns[PASSWD_COLUMNS.userId]), Number(columns[PASSWD_COLUMNS.groupId])]
    if (Number.isInteger(userId) && Number.isInteger(groupId)) return { name, userId, groupId }
  }
  return undefined
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
