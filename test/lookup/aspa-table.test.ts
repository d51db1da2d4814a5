// ASPA: the cases of draft-ietf-sidrops-aspa-verification, and random paths against the definition written down plainly.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AspaTable, type PathState } from '../../src/lookup/aspa-table.ts'
import { random } from '../support/random.ts'

function table(aspas: { readonly [customer: number]: readonly number[] }): AspaTable {
  const made = new AspaTable()
  for (const [customer, providers] of Object.entries(aspas)) {
    assert.equal(made.set({ kind: 'aspa', customer: Number(customer), providers, afi: 0 }), 'added')
  }
  return made
}

/** 1 is a customer of 2, 2 of 3; 5 of 4; 3 and 4 are peers without providers. */
const ASPAS = table({ 1: [2], 2: [3], 3: [0], 4: [0], 5: [4] })

describe('ASPA paths', () => {
  it('upstream: all the way up is valid', () => {
    assert.equal(ASPAS.upstream([3, 2, 1], 4), 'valid')
    assert.equal(ASPAS.upstream([1], 4), 'valid')
    assert.equal(ASPAS.upstream([3, 3, 2, 1, 1, 1], 6), 'valid')
  })

  it('upstream: a hop that is attested otherwise is a leak', () => {
    assert.equal(ASPAS.upstream([4, 3, 2, 1], 4), 'invalid')
    assert.equal(ASPAS.upstream([3, 1], 4), 'invalid')
    assert.equal(ASPAS.upstream([], 4), 'invalid')
  })

  it('upstream: a hop that nobody attests is unknown, unless another is wrong', () => {
    assert.equal(ASPAS.upstream([9, 8], 4), 'unknown')
    assert.equal(ASPAS.upstream([2, 8], 4), 'unknown')
    assert.equal(ASPAS.upstream([9, 3, 8], 4), 'invalid')
  })

  it('downstream: up, across and down is valid', () => {
    assert.equal(ASPAS.downstream([5, 4, 3, 2, 1], 4), 'valid')
    assert.equal(ASPAS.downstream([3, 2, 1], 4), 'valid')
    assert.equal(ASPAS.downstream([1, 2], 4), 'valid')
    assert.equal(ASPAS.downstream([7, 8], 4), 'valid')
  })

  it('downstream: down and up again is a leak', () => {
    // 1 passes on to 3 what it heard from 4.
    assert.equal(ASPAS.downstream([4, 3, 1, 4, 5], 4), 'invalid')
    assert.equal(ASPAS.downstream([8, 9, 10], 4), 'unknown')
  })

  it('draft section 6.3, an example with ramps of 4 and 2 of 5', () => {
    // E G F C A; A: C D, B: E, C: F, D: F G, G: none.
    const [a, b, c, d, e, f, g] = [65000, 65010, 65020, 65030, 65040, 65050, 65060]
    const aspas = table({ [a]: [c, d], [b]: [e], [c]: [f], [d]: [f, g], [g]: [0] })
    assert.equal(aspas.downstream([e, g, f, c, a], 4), 'unknown')
  })

  it('of one address family, and of both', () => {
    const aspas = new AspaTable()
    aspas.set({ kind: 'aspa', customer: 1, providers: [2], afi: 1 })
    aspas.set({ kind: 'aspa', customer: 1, providers: [3], afi: 2 })
    assert.equal(aspas.upstream([2, 1], 4), 'valid')
    assert.equal(aspas.upstream([2, 1], 6), 'invalid')
    aspas.set({ kind: 'aspa', customer: 1, providers: [2], afi: 0 })
    assert.equal(aspas.upstream([2, 1], 6), 'valid')
    aspas.remove(1, 0)
    aspas.remove(1, 2)
    assert.equal(aspas.upstream([2, 1], 6), 'unknown')
  })

  it('a full table takes no more customers, but new providers of those it has', () => {
    const aspas = new AspaTable(1)
    assert.equal(aspas.set({ kind: 'aspa', customer: 1, providers: [2], afi: 0 }), 'added')
    assert.equal(aspas.set({ kind: 'aspa', customer: 1, providers: [2], afi: 0 }), 'there')
    assert.equal(aspas.set({ kind: 'aspa', customer: 2, providers: [2], afi: 0 }), 'full')
    assert.equal(aspas.set({ kind: 'aspa', customer: 1, providers: [3], afi: 0 }), 'added')
  })
})

/** Sections 5.2, 6.1 to 6.3 as they are written: A(1) is the origin, ramps are lengths. */
function plainly(aspas: Map<number, number[]>, path: readonly number[], isUpstream: boolean): PathState {
  const a = [-1, ...path.filter((asn, index) => asn !== path[index - 1]).reverse()]
  const n = a.length - 1
  if (n === 0) return 'invalid'
  const authorized = (x: number, y: number) => {
    const providers = aspas.get(x)
    if (!providers) return 'none'
    return providers.includes(y) ? 'yes' : 'no'
  }
  const up = (stops: readonly string[]) => {
    for (let i = 1; i < n; i++) if (stops.includes(authorized(a[i] as number, a[i + 1] as number))) return i
    return n
  }
  const down = (stops: readonly string[]) => {
    for (let j = n; j > 1; j--) if (stops.includes(authorized(a[j] as number, a[j - 1] as number))) return n - j + 1
    return n
  }
  const [most, least] = [['no'], ['no', 'none']]
  if (isUpstream) {
    if (up(most) < n) return 'invalid'
    return up(least) < n ? 'unknown' : 'valid'
  }
  if (up(most) + down(most) < n) return 'invalid'
  return up(least) + down(least) < n ? 'unknown' : 'valid'
}

it('random paths say what the draft says', () => {
  const source = random(5)
  const seen = { valid: 0, invalid: 0, unknown: 0 }
  for (let round = 0; round < 5000; round++) {
    const aspas = new Map<number, number[]>()
    for (let customer = 1; customer <= 6; customer++) {
      if (source.chance(0.6)) aspas.set(customer, [0, 1, 2, 3, 4, 5, 6].filter(() => source.chance(0.5)).concat(9))
    }
    const made = table(Object.fromEntries(aspas))
    const path = Array.from({ length: source.whole(7) }, () => 1 + source.whole(6))
    for (const isUpstream of [true, false]) {
      const state = isUpstream ? made.upstream(path, 4) : made.downstream(path, 4)
      seen[state]++
      assert.equal(state, plainly(aspas, path, isUpstream), `${path} ${isUpstream} ${JSON.stringify([...aspas])}`)
    }
  }
  assert.ok(Math.min(...Object.values(seen)) > 500, JSON.stringify(seen))
})
