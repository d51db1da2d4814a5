// sink-sqlite --trigger, with a program that runs: it writes down what it was told, and how many rows it sees.
import assert from 'node:assert/strict'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type NetRecord, recordBatch, type Stream } from '../../src/contract/record.ts'
import { sqliteOptions } from '../../src/runtime/sqlite-flags.ts'
import { sqlite } from '../../src/sinks/sqlite.ts'
import { netally, scratch } from '../support/cli.ts'
import { TestHost } from '../support/test-host.ts'

const BIN = Date.UTC(2026, 10, 23, 8) / 1000
const FLAGS = { table: 'acct', times: 'text', merge: 'add', commit: 10, busy: '60s', wal: true }
const MOST_WAIT_MS = 60_000

/** A program, and the lines that it wrote. */
function program(context: TestContext) {
  const folder = scratch(context)
  const [path, ran] = [join(folder, 'run'), join(folder, 'ran')]
  writeFileSync(path, `#!/bin/sh\necho "$1 $NETALLY_RECORDS $NETALLY_BIN" >> ${ran}\n`)
  chmodSync(path, 0o755)
  const lines = () => (existsSync(ran) ? readFileSync(ran, 'utf8').split('\n').slice(0, -1).sort() : [])
  return { path, lines, database: join(folder, 'a.db') }
}

const sums = (bin: number, count: number): NetRecord[] =>
  Array.from({ length: count }, (_, n) => ({ stamp_inserted: bin, tag: n, bytes: 1 }))

it('after each bin, with the table of the bin; rows of all transactions count', async context => {
  const { path, lines, database } = program(context)
  const input = [...sums(BIN, 25), ...sums(BIN + 86_400, 3), { event_type: 'purge_close' }]
  const text = input.map(record => `${JSON.stringify(record)}\n`).join('')
  const words = ['sink-sqlite', database, '--table', 'acct_%Y%m%d', '--commit', '10', '--trigger', path]
  const { status, stderr } = await netally(words, text)
  assert.equal(status, 0, stderr)
  assert.deepEqual(lines(), [`acct_20261123 25 ${BIN}`, `acct_20261124 3 ${BIN + 86_400}`])
})

it('while the input is silent: when nothing more of the bin comes', async context => {
  const { path, lines, database } = program(context)
  let close = () => {}
  const closed = new Promise<void>(resolve => (close = resolve))
  async function* input(): Stream {
    yield recordBatch(sums(BIN, 12), 0)
    yield recordBatch(sums(BIN, 12), 0)
    await closed
  }
  const host = new TestHost()
  const running = sqlite.drain(
    input(),
    sqliteOptions({ ...FLAGS, database, fields: 'stamp_inserted,tag,bytes', trigger: path }),
    host,
  )
  const startedMs = Date.now()
  while (lines().length === 0) {
    assert.ok(Date.now() - startedMs < MOST_WAIT_MS, 'the program did not run')
    await pause(50)
  }
  assert.deepEqual(lines(), [`acct 24 ${BIN}`])
  close()
  await running
  assert.equal(lines().length, 1, 'nothing came since')
  assert.equal(host.counters.out, 24)
})
