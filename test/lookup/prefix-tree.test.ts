import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holds, makePrefix, type Prefix, parsePrefix, prefixText } from '../../src/lookup/prefix.ts'
import { PrefixTree } from '../../src/lookup/prefix-tree.ts'
import { parseDotted, parseIpv6 } from '../../src/octets/address.ts'

function prefix(text: string): Prefix {
  const parsed = parsePrefix(text)
  assert.ok(parsed, text)
  return parsed
}

function lookup(tree: PrefixTree, text: string): number {
  const ipv4 = parseDotted(text)
  if (ipv4 >= 0) return tree.lookup4(ipv4)
  const words = new Uint32Array(4)
  assert.ok(parseIpv6(text, words, 0), text)
  return tree.lookup6(words[0] as number, words[1] as number, words[2] as number, words[3] as number)
}

test('prefixes read and written as text', () => {
  assert.equal(prefixText(prefix('10.1.2.3/8')), '10.0.0.0/8')
  assert.equal(prefixText(prefix('192.0.2.1')), '192.0.2.1/32')
  assert.equal(prefixText(prefix('0.0.0.0/0')), '0.0.0.0/0')
  assert.equal(prefixText(prefix('2001:db8:ffff::1/33')), '2001:db8:8000::/33')
  assert.equal(prefixText(prefix('2001:db8::1')), '2001:db8::1/128')
  for (const wrong of ['', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '10.0.0', '::/129', 'x', '10.0.0.0/8/8']) {
    assert.equal(parsePrefix(wrong), undefined, wrong)
  }
})

test('the longest prefix wins, in whatever order they came', () => {
  const list = ['0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/16', '10.1.128.0/17', '10.1.2.0/24', '10.1.2.128/25', '10.1.2.130']
  for (const order of [list, [...list].reverse()]) {
    const tree = new PrefixTree()
    for (const text of order) tree.insert(prefix(text), list.indexOf(text))
    assert.equal(lookup(tree, '192.0.2.1'), 0)
    assert.equal(lookup(tree, '10.2.0.1'), 1)
    assert.equal(lookup(tree, '10.1.3.1'), 2)
    assert.equal(lookup(tree, '10.1.200.1'), 3)
    assert.equal(lookup(tree, '10.1.2.1'), 4)
    assert.equal(lookup(tree, '10.1.2.131'), 5)
    assert.equal(lookup(tree, '10.1.2.130'), 6)
    assert.equal(lookup(tree, '2001:db8::1'), -1)
  }
})

test('a tree takes no more than its limit', () => {
  const tree = new PrefixTree(1)
  assert.equal(tree.insert(prefix('10.0.0.0/8'), 1), true)
  assert.equal(tree.insert(prefix('11.0.0.0/8'), 2), false)
  assert.equal(tree.insert(prefix('10.0.0.0/8'), 3), true)
  assert.equal(lookup(tree, '10.0.0.1'), 3)
  assert.equal(lookup(tree, '11.0.0.1'), -1)
})

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

/** Few bits vary, so that prefixes nest and meet. */
function somePrefix(next: () => number): Prefix {
  if (next() % 2 === 0) return makePrefix(4, [(10 << 24) | (next() & 0x0003_0707)], next() % 33)
  const words = [0x20010db8 + (next() & 1), next() & 0x8001_0001, next() & 3, next() & 0x8000_0001]
  return makePrefix(6, words, next() % 129)
}

function slowLookup(prefixes: Map<string, [Prefix, number]>, family: 4 | 6, words: number[]): number {
  let best = -1
  let length = -1
  const [a = 0, b = 0, c = 0, d = 0] = words
  for (const [candidate, value] of prefixes.values()) {
    if (candidate.family === family && candidate.length > length && holds(candidate, a, b, c, d)) {
      best = value
      length = candidate.length
    }
  }
  return best
}

test('agrees with a linear search under insertions and removals', () => {
  const next = numbers(7)
  const tree = new PrefixTree()
  const known = new Map<string, [Prefix, number]>()
  for (let round = 0; round < 4000; round++) {
    const one = somePrefix(next)
    if (next() % 3 === 0) {
      assert.equal(tree.remove(one), known.delete(prefixText(one)))
    } else {
      tree.insert(one, round)
      known.set(prefixText(one), [one, round])
    }
    assert.equal(tree.size, known.size)
    const { family, words } = somePrefix(next)
    const [a, b, c, d] = words
    const found = family === 4 ? tree.lookup4(a) : tree.lookup6(a, b, c, d)
    assert.equal(found, slowLookup(known, family, [...words]), `round ${round}`)
  }
})
