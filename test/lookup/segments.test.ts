import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maskWord } from '../../src/lookup/prefix.ts'
import { Segments } from '../../src/lookup/segments.ts'

/** Deterministic numbers below 2^32 (xorshift). */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

/** The same by trying every length. */
class Plain {
  #values = new Map<string, number>()
  set(high: number, low: number, length: number, value: number): void {
    this.#values.set(`${high}/${low}/${length}`, value)
  }
  delete(high: number, low: number, length: number): boolean {
    return this.#values.delete(`${high}/${low}/${length}`)
  }
  lookup(high: number, low: number): number {
    for (let length = 64; length >= 32; length--) {
      const value = this.#values.get(`${high}/${maskWord(low, length - 32)}/${length}`)
      if (value !== undefined) return value
    }
    return -1
  }
}

test('many first words with few prefixes and a few with many, under changes', () => {
  const next = numbers(3)
  const segments = new Segments()
  const plain = new Plain()
  const known: [number, number, number][] = []
  for (let round = 0; round < 30_000; round++) {
    const high = next() % 3 === 0 ? next() % 3 : 0x2001_0000 + (next() % 2000)
    const length = 32 + (next() % 33)
    const low = maskWord(next(), length - 32)
    if (round % 4 === 3) {
      const [a, b, c] = known[next() % known.length] as [number, number, number]
      segments.remove(a, b, c)
      plain.delete(a, b, c)
      assert.equal(segments.get(a, b, c), -1)
    } else {
      segments.insert(high, low, length, round)
      plain.set(high, low, length, round)
      known.push([high, low, length])
    }
    if (round % 7 !== 0) continue
    const [a, b] = known[next() % known.length] as [number, number, number]
    const near = (b ^ (next() & 0xff)) >>> 0
    assert.equal(segments.lookup(a, near), plain.lookup(a, near), `round ${round}`)
  }
  for (const [a, b] of known) assert.equal(segments.lookup(a, b), plain.lookup(a, b))
})

test('a prefix that ends at the last word, nested ones that start together', () => {
  const segments = new Segments()
  segments.insert(1, 0xffff_0000, 48, 5)
  segments.insert(1, 0xffff_ffff, 64, 6)
  segments.insert(1, 0, 33, 1)
  segments.insert(1, 0, 40, 2)
  segments.insert(1, 0, 64, 3)
  assert.deepEqual(
    [0, 1, 0x00ff_ffff, 0x0100_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff].map(low =>
      segments.lookup(1, low),
    ),
    [3, 2, 2, 1, 1, -1, 5, 6],
  )
  assert.equal(segments.lookup(2, 0), -1)
})

test('a prefix that is alone below its first word: every length, then beside another, then alone again', () => {
  for (let length = 32; length <= 64; length++) {
    const segments = new Segments()
    const word = maskWord(0xa5a5_a5a5, length - 32)
    const last = (word + 2 ** (64 - length) - 1) >>> 0
    segments.insert(9, word, length, 4)
    const check = () => {
      assert.deepEqual(
        [word, last].map(low => segments.lookup(9, low)),
        [4, 4],
        `/${length}`,
      )
      if (length > 32) assert.equal(segments.lookup(9, (last + 1) >>> 0), -1, `/${length}`)
    }
    check()
    const other = word === 0 ? 0x8000_0000 : 0
    if (length > 32) {
      segments.insert(9, other, 64, 7)
      assert.deepEqual(
        [other, word].map(low => segments.lookup(9, low)),
        [7, 4],
      )
      segments.remove(9, other, 64)
      check()
    }
    segments.remove(9, word, length)
    assert.equal(segments.lookup(9, word), -1)
  }
})
