// Node's own SQLite, opened for writing many rows at a time.
import type { DatabaseSync } from 'node:sqlite'
import { problem, sqliteProblem } from './problems.ts'

const CACHE_KIB = 65_536
/** SQLite itself waits so long for another writer; it holds the whole process meanwhile. */
const BUSY_TIMEOUT_MS = 200

/** Node warns that the module is new; that is no news to who runs the command. */
export async function importSqlite(): Promise<typeof import('node:sqlite')> {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return await import('node:sqlite')
  } catch {
    throw problem(
      'sqlite/no-module',
      `this Node.js (${process.version}) has no SQLite`,
      'use Node.js 22.13 or newer: npm install brings one along',
    )
  } finally {
    process.emitWarning = emitWarning
  }
}

export async function openDatabase(file: string, wal: boolean): Promise<DatabaseSync> {
  const { DatabaseSync } = await importSqlite()
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file)
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
    if (wal) database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    database.exec(`PRAGMA cache_size = -${CACHE_KIB}`)
    // Found out now rather than at the first transaction: is it a database, can it be written?
    database.exec('BEGIN IMMEDIATE; ROLLBACK')
    return database
  } catch (error) {
    database?.close()
    throw sqliteProblem(file, error)
  }
}
