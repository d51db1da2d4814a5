// Origin validation: examples of RFC 6811 and 9319, and random tables against the definition written down plainly.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { holds, makePrefix, type Prefix, parsePrefix, prefixText } from '../../src/lookup/prefix.ts'
import { type Origin, RoaTable } from '../../src/lookup/roa-table.ts'
import type { Vrp } from '../../src/lookup/rpki-payload.ts'
import { type Random, random } from '../support/random.ts'

const prefix = (text: string): Prefix => parsePrefix(text) as Prefix
const vrp = (text: string, maxLength: number, asn: number): Vrp => ({
  kind: 'roa',
  prefix: prefix(text),
  maxLength,
  asn,
})

function table(...vrps: readonly Vrp[]): RoaTable {
  const made = new RoaTable()
  for (const one of vrps) assert.equal(made.add(one), 'added')
  return made
}

describe('origin validation', () => {
  it('valid: covered, matched in AS and length', () => {
    const roas = table(vrp('192.0.2.0/24', 26, 64496), vrp('2001:db8::/32', 48, 64497))
    assert.equal(roas.validate(prefix('192.0.2.0/24'), 64496), 'valid')
    assert.equal(roas.validate(prefix('192.0.2.64/26'), 64496), 'valid')
    assert.equal(roas.validate(prefix('2001:db8:1::/48'), 64497), 'valid')
  })

  it('invalid: another AS, or too long', () => {
    const roas = table(vrp('192.0.2.0/24', 26, 64496), vrp('2001:db8::/32', 48, 64497))
    assert.equal(roas.validate(prefix('192.0.2.0/24'), 64497), 'invalid')
    assert.equal(roas.validate(prefix('192.0.2.0/27'), 64496), 'invalid')
    assert.equal(roas.validate(prefix('2001:db8:1::/49'), 64497), 'invalid')
  })

  it('unknown: nothing covers it; what is below it does not', () => {
    const roas = table(vrp('192.0.2.0/24', 24, 64496))
    assert.equal(roas.validate(prefix('192.0.0.0/16'), 64496), 'unknown')
    assert.equal(roas.validate(prefix('192.0.3.0/24'), 64496), 'unknown')
    assert.equal(roas.validate(prefix('2001:db8::/32'), 64496), 'unknown')
  })

  it('one that matches is enough, wherever it covers from (RFC 6811 section 2)', () => {
    const roas = table(vrp('10.0.0.0/8', 24, 64496), vrp('10.1.0.0/16', 16, 64497), vrp('10.1.2.0/24', 24, 0))
    assert.equal(roas.validate(prefix('10.1.2.0/24'), 64496), 'valid')
    assert.equal(roas.validate(prefix('10.1.0.0/16'), 64497), 'valid')
    assert.equal(roas.validate(prefix('10.1.2.0/24'), 64497), 'invalid')
  })

  it('AS 0 matches nothing, not even a route without an origin (RFC 7607, AS_SET)', () => {
    const roas = table(vrp('10.0.0.0/8', 32, 0))
    assert.equal(roas.validate(prefix('10.0.0.0/8'), 0), 'invalid')
    assert.equal(roas.validate(prefix('10.0.0.0/8'), 64496), 'invalid')
  })

  it('the shortest and the longest prefixes', () => {
    const roas = table(
      vrp('0.0.0.0/0', 0, 1),
      vrp('192.0.2.1/32', 32, 2),
      vrp('::/0', 128, 3),
      vrp('2001:db8::1/128', 128, 4),
    )
    assert.equal(roas.validate(prefix('0.0.0.0/0'), 1), 'valid')
    assert.equal(roas.validate(prefix('10.0.0.0/8'), 1), 'invalid')
    assert.equal(roas.validate(prefix('192.0.2.1/32'), 2), 'valid')
    assert.equal(roas.validate(prefix('::/0'), 3), 'valid')
    assert.equal(roas.validate(prefix('2001:db8::1/128'), 4), 'valid')
    assert.equal(roas.validate(prefix('2001:db8::1/128'), 3), 'valid')
    assert.equal(roas.validate(prefix('2001:db8::1/128'), 5), 'invalid')
  })

  it('twice the same is once; a full table takes no more', () => {
    const roas = new RoaTable(2)
    assert.equal(roas.add(vrp('10.0.0.0/8', 8, 1)), 'added')
    assert.equal(roas.add(vrp('10.0.0.0/8', 8, 1)), 'there')
    assert.equal(roas.add(vrp('10.0.0.0/8', 8, 2)), 'added')
    assert.equal(roas.add(vrp('11.0.0.0/8', 8, 2)), 'full')
    assert.equal(roas.validate(prefix('11.0.0.0/8'), 3), 'unknown')
    assert.equal(roas.remove(vrp('10.0.0.0/8', 8, 1)), true)
    assert.equal(roas.remove(vrp('10.0.0.0/8', 8, 1)), false)
    assert.equal(roas.add(vrp('11.0.0.0/8', 8, 2)), 'added')
    assert.equal(roas.size, 2)
  })
})

/** The definition of RFC 6811 section 2. */
function plainly(vrps: Iterable<Vrp>, route: Prefix, origin: number): Origin {
  const covering = [...vrps].filter(
    one => one.prefix.family === route.family && one.prefix.length <= route.length && holds(one.prefix, ...route.words),
  )
  if (covering.some(one => origin !== 0 && one.asn === origin && route.length <= one.maxLength)) return 'valid'
  return covering.length > 0 ? 'invalid' : 'unknown'
}

/** Few addresses, so that prefixes lie within each other. */
function somePrefix(source: Random): Prefix {
  const family = source.pick([4, 6] as const)
  const word = () => source.pick([0, 1, 0x8000_0000, 0xffff_ffff, 0x0a00_0000, 0x0a01_0000, 0x0a01_8000])
  const length = source.chance(0.05)
    ? 0
    : source.pick(family === 4 ? [1, 8, 15, 20, 16, 17, 24, 31, 32] : [8, 31, 32, 33, 48, 63, 64, 65, 96, 127, 128])
  return makePrefix(family, [word(), word(), word(), word()], length)
}

it('random tables, as announcements and withdrawals come, say what the definition says', () => {
  const source = random(23)
  const roas = new RoaTable()
  const kept = new Map<string, Vrp>()
  const verdicts = { valid: 0, invalid: 0, unknown: 0 }
  for (let round = 0; round < 4000; round++) {
    const made = somePrefix(source)
    const maxLength = made.length + source.whole((made.family === 4 ? 32 : 128) - made.length + 1)
    const one: Vrp = { kind: 'roa', prefix: made, maxLength, asn: source.whole(4) }
    const key = `${prefixText(made)} ${made.family} ${maxLength} ${one.asn}`
    // A table of some 15: enough to lie within each other, few enough to leave room.
    if (source.chance(0.5) && kept.size < 15) {
      assert.equal(roas.add(one), kept.has(key) ? 'there' : 'added')
      kept.set(key, one)
    } else {
      const victim = source.chance(0.2) ? one : source.pick([one, ...kept.values()])
      const victimKey = `${prefixText(victim.prefix)} ${victim.prefix.family} ${victim.maxLength} ${victim.asn}`
      assert.equal(roas.remove(victim), kept.delete(victimKey))
    }
    const route = somePrefix(source)
    const origin = source.whole(4)
    const verdict = roas.validate(route, origin)
    verdicts[verdict]++
    assert.equal(verdict, plainly(kept.values(), route, origin), `${prefixText(route)} of AS${origin}`)
    assert.equal(roas.size, kept.size)
  }
  assert.deepEqual(
    new Set([...roas].map(one => prefixText(one.prefix))),
    new Set([...kept.values()].map(one => prefixText(one.prefix))),
  )
  assert.ok(Math.min(...Object.values(verdicts)) > 200, JSON.stringify(verdicts))
})
