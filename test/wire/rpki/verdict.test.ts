// Letters of routes, origins of paths, and the table that is kept from records.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NetRecord, Value } from '../../../src/contract/record.ts'
import { type Prefix, parsePrefix } from '../../../src/lookup/prefix.ts'
import { RoaTable } from '../../../src/lookup/roa-table.ts'
import { RpkiTable } from '../../../src/wire/rpki/rpki-table.ts'
import { type LessSpecific, originOf, plainPath, roaLetter } from '../../../src/wire/rpki/verdict.ts'

const prefix = (text: string): Prefix => parsePrefix(text) as Prefix

function letter(route: string, origin: number, lessSpecific?: readonly LessSpecific[]): string {
  const roas = new RoaTable()
  roas.add({ kind: 'roa', prefix: prefix('10.0.0.0/8'), maxLength: 8, asn: 1 })
  roas.add({ kind: 'roa', prefix: prefix('2001:db8::/32'), maxLength: 32, asn: 1 })
  const { family, words, length } = prefix(route)
  return roaLetter(roas, family, words, 0, length, origin, lessSpecific && (() => lessSpecific))
}

describe('letters of routes', () => {
  it('v, u, i by themselves', () => {
    assert.equal(letter('10.0.0.0/8', 1), 'v')
    assert.equal(letter('11.0.0.0/8', 1), 'u')
    assert.equal(letter('10.1.0.0/16', 1), 'i')
    assert.equal(letter('2001:db8::/32', 1), 'v')
    assert.equal(letter('2001:db8:1::/48', 1), 'i')
  })

  it('an invalid route by its less specific ones: the first that is not invalid decides', () => {
    assert.equal(letter('10.1.2.0/24', 2, []), 'i')
    assert.equal(letter('10.1.2.0/24', 2, [{ length: 16, origin: 1 }]), 'i')
    assert.equal(letter('10.1.2.0/24', 2, [{ length: 8, origin: 1 }]), 'V')
    assert.equal(letter('10.1.2.0/24', 2, [{ length: 0, origin: 9 }]), 'U')
    assert.equal(
      letter('10.1.2.0/24', 2, [
        { length: 16, origin: 1 },
        { length: 8, origin: 1 },
        { length: 0, origin: 9 },
      ]),
      'V',
    )
  })

  it('less specific routes are not asked for where the route itself decides', () => {
    assert.equal(letter('11.0.0.0/8', 2, [{ length: 0, origin: 1 }]), 'u')
    assert.equal(letter('10.0.0.0/8', 1, [{ length: 0, origin: 1 }]), 'v')
  })
})

describe('paths', () => {
  it('the origin: last AS, own AS, none', () => {
    const cases: readonly (readonly [Value[], number])[] = [
      [[3, 2, 1], 1],
      [['3', '2', '1'], 1],
      [[], 64500],
      [['(64512 64513)'], 64500],
      [['(64512)', 3, 1], 1],
      [[3, '{1,2}'], 0],
      [['[64512,64513]', '{1}'], 0],
    ]
    for (const [path, origin] of cases) assert.equal(originOf(path, 64500), origin, JSON.stringify(path))
  })

  it('for ASPA: without confederation segments; none with a set', () => {
    assert.deepEqual(plainPath(['(64512)', 3, '1']), [3, 1])
    assert.equal(plainPath([3, '{1,2}', 4]), undefined)
  })
})

describe('a table of records', () => {
  const roa = (asn: number, more: NetRecord = {}): NetRecord => ({
    event_type: 'log',
    log_type: 'update',
    rpki_type: 'roa',
    ip_prefix: '10.0.0.0/8',
    max_length: 8,
    origin_as: asn,
    ...more,
  })
  const end: NetRecord = { event_type: 'log', log_type: 'end-of-data' }
  const table = new RpkiTable()
  const ases = () => [...table.set.roas].map(({ asn }) => asn)

  it('counts when it is complete, changes at once, and begins anew with a stream', () => {
    table.take({ seq: 0, event_type: 'log_init' })
    table.take(roa(1))
    table.take(roa(2))
    assert.deepEqual([table.isComplete, ases()], [false, []])
    table.take(end)
    assert.deepEqual([table.isComplete, ases()], [true, [1, 2]])
    table.take(roa(1, { log_type: 'withdraw' }))
    table.take(roa(3))
    table.take(roa(2, { log_type: 'delete' }))
    assert.deepEqual(ases(), [3])
    table.take({ seq: 9, event_type: 'log_close' })
    assert.deepEqual(ases(), [3], 'the end of a session takes nothing away')
    table.take({ seq: 0, event_type: 'log_init' })
    table.take(roa(4))
    assert.deepEqual(ases(), [3])
    table.take(end)
    assert.deepEqual(ases(), [4])
    assert.equal(table.take({ bytes: 7 }), 'no-rpki-data')
  })
})
