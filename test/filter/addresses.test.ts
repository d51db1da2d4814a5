import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressSet, maskWord } from '../../src/filter/addresses.ts'
import { type Address, addressText, parsePrefix } from '../../src/filter/values.ts'
import { pick, randomFrom } from './random-filter.ts'

/** Bit by bit: whether the address starts with the prefix. */
function inside(address: Address, prefix: Address): boolean {
  if (address.family !== prefix.family) return false
  for (let bit = 0; bit < prefix.length; bit++) {
    const at = (words: Uint32Array): number => ((words[bit >> 5] as number) >>> (31 - (bit & 31))) & 1
    if (at(address.words) !== at(prefix.words)) return false
  }
  return true
}

test('a set of prefixes, nested and apart, holds what any of them holds', () => {
  const random = randomFrom(7)
  const words = [0, 0, 1, 0x0a000000, 0x0a000001, 0x0a010000, 0x20010db8, 0x80000000, 0xffffffff]
  const randomAddress = (): Address => {
    const family = pick(random, [4, 6] as const)
    const own = Uint32Array.from({ length: 4 }, () => pick(random, words))
    const text = addressText({ family, words: own, length: 0 })
    return parsePrefix(text) as Address
  }
  let held = 0
  for (let round = 0; round < 500; round++) {
    const prefixes = Array.from({ length: 1 + Math.floor(random() * 12) }, () => {
      const address = randomAddress()
      return `${addressText(address)}/${Math.floor(random() * (address.length + 1))}`
    })
    const contains = addressSet(prefixes)
    for (let probe = 0; probe < 40; probe++) {
      const address = randomAddress()
      const expected = prefixes.some(prefix => inside(address, parsePrefix(prefix) as Address))
      assert.equal(
        contains(address.words, 0, address.family),
        expected,
        `${addressText(address)} in ${prefixes.join()}`,
      )
      if (expected) held++
    }
  }
  assert.ok(held > 2000 && held < 18_000, `${held} of 20000 were inside`)
})

test('mask words and prefixes', () => {
  assert.deepEqual(
    [0, 1, 2, 3].map(word => maskWord(33, word)),
    [0xffffffff, 0x80000000, 0, 0],
  )
  assert.deepEqual(
    [0, 1].map(word => maskWord(8, word)),
    [0xff000000, 0],
  )
  for (const text of ['10.0.0.0/33', '10.0.0/8', '::/129', '10.0.0.0/', '10.0.0.0/8/9', 'x', '']) {
    assert.equal(parsePrefix(text), undefined, text)
  }
  assert.equal(addressSet([])(Uint32Array.of(1), 0, 4), false)
})
