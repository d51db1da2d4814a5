// A folder is one process's. The lock is the kernel's (by way of SQLite, which locks its files with fcntl), so that it ends
// with the process, however that ends.
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { ProblemError } from '../../../contract/problem.ts'
import { importSqlite } from '../../sqlite/open.ts'
import { BUSY, resultCode } from '../../sqlite/problems.ts'
import { errorText } from '../failure.ts'

/** Takes the lock, or throws a ProblemError; returns what gives it back. */
export async function lockFolder(folder: string): Promise<() => void> {
  const { DatabaseSync } = await importSqlite()
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(join(folder, 'lock'))
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
  } catch (error) {
    database?.close()
    const isBusy = resultCode(error) === BUSY
    throw new ProblemError({
      code: isBusy ? 'spool/in-use' : 'spool/unusable',
      message: isBusy
        ? `the spool ${folder} is used by another process`
        : `the spool ${folder} cannot be locked: ${errorText(error)}`,
      hint: isBusy ? 'give each command a spool of its own' : 'give --spool a folder that this user may write',
    })
  }
  const held = database
  return () => held.close()
}
