import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Problem } from '../../src/contract/problem.ts'
import { LiveMap } from '../../src/maps/live-map.ts'
import { TestHost } from '../support/test-host.ts'

interface Map {
  readonly rows: number
}

test('a map is read again when the host says so, all of it or nothing', async () => {
  const host = new TestHost()
  let next: Map | Problem = { rows: 2 }
  let reads = 0
  const read = async () => {
    reads++
    return next
  }
  const live = new LiveMap<Map>({ rows: 1 }, read, host, map =>
    map.rows > 5 ? { code: 'maps/new-field', message: 'too many rows' } : map,
  )
  assert.equal(await live.refresh(), false)
  assert.equal(reads, 0)
  host.reloads++
  assert.equal(await live.refresh(), true)
  assert.equal(live.current.rows, 2)
  assert.equal(await live.refresh(), false)
  for (const bad of [{ code: 'maps/bad-row', message: 'x.map line 1: no' }, { rows: 6 }]) {
    next = bad
    host.reloads++
    assert.equal(await live.refresh(), false)
    assert.equal(live.current.rows, 2)
  }
  assert.equal(reads, 3)
  assert.deepEqual(host.codes, ['maps/bad-row', 'maps/new-field'])
  assert.match(host.problems[0]?.message ?? '', /line 1: no; the map read before stays in force$/)
  assert.deepEqual(host.counters, { 'maps/reloaded': 1, 'maps/refused': 2 })
})
