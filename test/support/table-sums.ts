// The same records through sink-sqlite and another sink of tables: what is stored must be equal to the last octet.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import type { NetRecord, Value } from '../../src/contract/record.ts'
import { jsonText } from '../../src/stream/json.ts'
import { type Ended, netally, scratch } from './cli.ts'
import { random as seeded } from './random.ts'

const LABELS = [
  'plain',
  'ünï "quoted" \\ \n line\twith tab',
  '{"json":1}',
  '日本語 🦆',
  "O'Hara; --",
  ' blanks ',
  '\\N',
]

/** Keys that come again and again, some of them with absent parts; sums beyond 2^53; flags, first and last times. */
export function tableInput(count: number, seed = 1): NetRecord[] {
  const { whole: below } = seeded(seed)
  return Array.from({ length: count }, () => {
    const which = 1 + below(200)
    const startS = 1_764_000_000 + below(600) + below(1_000_000) / 1e6
    return {
      ip_src: which % 2 ? `192.0.2.${which}` : `2001:db8::${which.toString(16)}`,
      ...(which % 3 ? { ip_dst: '198.51.100.7' } : {}),
      ...(which % 5 ? { as_src: 64_500 + which } : {}),
      port_dst: 1 + (which % 7),
      ip_proto: which % 2 ? 'tcp' : 'ipv6-icmp',
      mac_src: `02:00:00:00:00:${which.toString(16).padStart(2, '0')}`,
      ...(which % 4 ? { label: LABELS[which % LABELS.length] as string } : {}),
      tcp_flags: 1 << below(8),
      timestamp_min: startS,
      timestamp_max: startS + 5,
      stamp_inserted: 1_764_000_000 + 60 * below(3),
      packets: 1 + below(10),
      bytes: below(4) ? 40 + below(1460) : 2n ** 53n + BigInt(2 * below(1000) + 1),
      flows: 1,
    }
  })
}

export const ndjson = (records: readonly NetRecord[]): string => records.map(record => `${jsonText(record)}\n`).join('')

/** Rows in one form and order. What is absent, empty or zero is the same: SQLite's keys have no absent values. */
export function canonical(rows: readonly NetRecord[]): string[] {
  const isThere = (value: Value | undefined) =>
    !(value === undefined || value === null || value === '' || String(value) === '0' || value === '0000-00-00 00:00:00')
  const text = (row: NetRecord) =>
    jsonText(
      Object.keys(row)
        .sort()
        .filter(name => isThere(row[name]))
        .map(name => [name, String(row[name])]),
    )
  return rows.map(text).sort()
}

/** What sink-sqlite makes of the records, times as seconds. */
export async function sqliteRows(
  context: TestContext,
  records: readonly NetRecord[],
  ...words: readonly string[]
): Promise<NetRecord[]> {
  const file = join(scratch(context), 'acct.db')
  succeeded(await netally(['sink-sqlite', file, '--times', 'epoch', ...words], ndjson(records)))
  const database = new DatabaseSync(file, { readOnly: true })
  const statement = database.prepare('SELECT * FROM acct')
  statement.setReadBigInts(true)
  const rows = statement.all().map(row => ({ ...row }) as NetRecord)
  database.close()
  return rows
}

export function succeeded({ status, stderr }: Ended): void {
  assert.equal(status, 0, stderr)
}

export function assertSameRows(ours: readonly NetRecord[], theirs: readonly NetRecord[]): void {
  const [mine, expected] = [canonical(ours), canonical(theirs)]
  assert.ok(expected.length > 1, `there are ${expected.length} rows`)
  const strange = mine.filter(row => !expected.includes(row))
  assert.equal(strange[0], expected.filter(row => !mine.includes(row))[0], `${strange.length} rows differ`)
  assert.equal(mine.length, expected.length)
}
