// A DuckDB file as a server of the compliance suite: it is away while another process holds it. And what it has as records again.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { DuckDBInstance } from '@duckdb/node-api'
import type { NetRecord } from '../../../src/contract/record.ts'
import { parsedRecord } from '../../../src/stream/json.ts'
import { scratch } from '../../../test/support/cli.ts'
import type { ComplianceServer } from '../../../test/support/sink-compliance.ts'

/** Rows of a query as records; texts of JSON in column `json`. */
export async function ask(file: string, query: string): Promise<string[][]> {
  const instance = await DuckDBInstance.create(file)
  const connection = await instance.connect()
  try {
    const result = await connection.runAndReadAll(query)
    return result.getRowsJson().map(row => row.map(value => String(value)))
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** Rows as records: absent values left out, times as Unix seconds, whole numbers exact. */
export async function readRows(file: string, from: string, ...times: readonly string[]): Promise<NetRecord[]> {
  const seconds = ['stamp_inserted', ...times].map(name => `epoch_us(${name}) / 1000000 AS ${name}`).join(', ')
  const rows = await ask(file, `SELECT to_json(t) FROM (SELECT * REPLACE (${seconds}) FROM ${from}) t`)
  return rows.map(([text = '']) => {
    const { as_path: path, ...row } = parsedRecord(text) as NetRecord
    const there = Object.entries(row).filter(([, value]) => value !== null)
    return { ...Object.fromEntries(there), ...(Array.isArray(path) ? { as_path: path.map(Number) } : {}) }
  })
}

/** Takes the file, and gives it back. */
class Holder {
  readonly #file: string
  #child: ChildProcess | undefined

  constructor(context: TestContext, file: string) {
    this.#file = file
    context.after(() => this.#child?.kill('SIGKILL'))
  }

  async hold(): Promise<void> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'holder.ts'), this.#file], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#child = child
    await once(child.stdout, 'data')
  }

  async release(): Promise<void> {
    const child = this.#child
    if (!child) return
    this.#child = undefined
    const exit = once(child, 'exit')
    child.stdin?.end()
    await exit
  }
}

export async function complianceFile(context: TestContext, ...more: readonly string[]): Promise<ComplianceServer> {
  const file = join(scratch(context), 'acct.duckdb')
  const holder = new Holder(context, file)
  await holder.hold()
  const hold = () => holder.hold()
  const release = () => holder.release()
  return {
    words: ['sink-duckdb', file, ...more],
    start: release,
    stop: hold,
    kill: hold,
    pause: hold,
    resume: release,
    async read() {
      const [tables] = await ask(file, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'acct'")
      return tables?.[0] === '0' ? [] : readRows(file, 'acct')
    },
  }
}

export const parquetFiles = (folder: string): string[] =>
  existsSync(folder) ? globSync('**/*', { cwd: folder }).filter(path => /\./.test(path)) : []
