import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type NetRecord, recordBatch } from '../../../src/contract/record.ts'
import { dumpLeaves } from '../../../src/wire/telemetry/leaf-rows.ts'
import { type LeafLimits, LeafTable } from '../../../src/wire/telemetry/leaf-table.ts'

const LIMITS: LeafLimits = { maxLeaves: 100, maxAgeMs: 0 }

class Kept {
  readonly counters: { [name: string]: number } = {}
  readonly table: LeafTable

  constructor(limits: Partial<LeafLimits> = {}) {
    this.table = new LeafTable({ ...LIMITS, ...limits }, (name, by = 1) => {
      this.counters[name] = (this.counters[name] ?? 0) + by
    })
  }

  take(...records: NetRecord[]): void {
    this.table.begin(recordBatch(records, 0))
    assert.ok(this.table.advance(() => false))
  }

  /** `node path key value` of each leaf. */
  get leaves(): string[] {
    const { batches } = dumpLeaves(this.table, { nowMs: 1, periodSeconds: 0 })
    return [...batches]
      .flatMap(batch => batch.records)
      .filter(({ event_type }) => event_type === 'dump')
      .map(({ telemetry_node, name, list_name, value }) => `${telemetry_node} ${name} ${list_name ?? '-'} ${value}`)
  }
}

const leaf = (node: string, name: string, value: number, more: NetRecord = {}): NetRecord => ({
  timestamp: 1000,
  telemetry_node: node,
  name,
  value,
  ...more,
})

describe('table of leaves', () => {
  it('has the last value by node, path and keys, whatever the modules', () => {
    const kept = new Kept()
    kept.take(leaf('a', '/m:x/y', 1, { list_name: 'k' }), leaf('a', '/m:x/m:y', 2, { list_name: 'k', rate: 1, tag: 3 }))
    kept.take(leaf('a', '/m:x/y', 3, { list_name: 'l' }), leaf('b', '/m:x/y', 4, { list_name: 'k' }))
    assert.deepEqual(kept.leaves, ['a /m:x/m:y k 2', 'a /m:x/y l 3', 'b /m:x/y k 4'])
    kept.take({ ...leaf('a', '/x/y', 5), list_key: 'l' })
    assert.deepEqual(kept.leaves, ['a /m:x/m:y k 2', 'a /x/y - 5', 'b /m:x/y k 4'])
    assert.deepEqual(kept.counters, { merged: 5 })
  })

  it('forgets what was deleted, by path and keys', () => {
    const kept = new Kept()
    const all = [
      leaf('a', '/x', 1),
      leaf('a', '/x/list/y', 2, { list_name: 'k', list_id: 7 }),
      leaf('a', '/x/list/y', 3, { list_name: 'l', list_id: 7 }),
      leaf('a', '/xx', 4),
      leaf('b', '/x', 5),
    ]
    kept.take(...all)
    kept.take({ timestamp: 1001, telemetry_node: 'a', name: '/m:x/list', list_name: 'k', deleted: true })
    assert.deepEqual(kept.leaves, ['a /x - 1', 'a /x/list/y l 3', 'a /xx - 4', 'b /x - 5'])
    kept.take({ timestamp: 1001, telemetry_node: 'a', name: '/x/list', list_key: 'l,7', deleted: true })
    assert.deepEqual(kept.leaves, ['a /x - 1', 'a /xx - 4', 'b /x - 5'])
    kept.take({ timestamp: 1001, telemetry_node: 'a', name: '/x', deleted: true })
    assert.deepEqual(kept.leaves, ['a /xx - 4', 'b /x - 5'])
    kept.take({ timestamp: 1001, telemetry_node: 'a', name: '/', deleted: true })
    assert.deepEqual(kept.leaves, ['b /x - 5'])
  })

  it('a node that closes takes its leaves along, unless all close at the end', () => {
    const close = (node: string): NetRecord => ({ ...leaf(node, '/', 0), event_type: 'log_close', deleted: true })
    const [one, all, some] = [new Kept(), new Kept(), new Kept()]
    for (const kept of [one, all, some]) kept.take(leaf('a', '/x', 1), leaf('b', '/x', 2), close('a'))
    one.take(leaf('b', '/x', 3))
    assert.deepEqual(one.leaves, ['b /x - 3'])
    all.take(close('b'))
    all.table.finish()
    assert.deepEqual(all.leaves, ['a /x - 1', 'b /x - 2'])
    some.table.finish()
    assert.deepEqual(some.leaves, ['b /x - 2'])
  })

  it('is bounded, and forgets what is old', () => {
    const kept = new Kept({ maxLeaves: 2, maxAgeMs: 60_000 })
    kept.take(leaf('a', '/x', 1), leaf('a', '/y', 2), leaf('a', '/z', 3))
    kept.take(leaf('a', '/y', 4, { timestamp: 1030 }), leaf('a', '/z', 5, { timestamp: 1061 }))
    assert.deepEqual(kept.leaves, ['a /y - 4', 'a /z - 5'])
    assert.deepEqual(kept.counters, { merged: 4, 'dropped/table-full': 1, 'leaves-expired': 1 })
  })

  it('names what is no leaf', () => {
    const kept = new Kept()
    kept.take({ timestamp: 1, telemetry_node: 'a', event_type: 'log', telemetry_data: {} }, { timestamp: 1, bytes: 1 })
    assert.deepEqual(kept.counters, { 'dropped/not-flat': 1, 'dropped/no-telemetry': 1 })
  })
})
