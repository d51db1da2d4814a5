import assert from 'node:assert/strict'
import { it } from 'node:test'
import { formOf } from '../src/column.ts'

const octets = (type: string, value: number | bigint) => Buffer.from(formOf(type)?.(value) as Uint8Array)

/** Two's complement of any length. */
function read(buffer: Buffer): bigint {
  return BigInt.asIntN(8 * buffer.length, BigInt(`0x${buffer.toString('hex')}`))
}

const NUMBERS = [0, 1, 127, 128, 255, 256, 32_767, 32_768, 2 ** 31, 2 ** 32, 2 ** 39, 2 ** 40, 2 ** 47 - 1, 2 ** 47]
const LARGE = [2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 100n]

it('varint: the shortest two’s complement', () => {
  for (const number of [...NUMBERS, ...NUMBERS.map(n => -n), ...LARGE, ...LARGE.map(n => -n)]) {
    const buffer = octets('varint', number)
    assert.equal(read(buffer), BigInt(number), `${number}`)
    const shorter = 8 * (buffer.length - 1)
    if (shorter > 0)
      assert.notEqual(BigInt.asIntN(shorter, BigInt(number)), BigInt(number), `${number} in fewer octets`)
  }
})

it('bigint: 64 bits, and nothing beyond', () => {
  for (const number of [...NUMBERS, ...NUMBERS.map(n => -n), 2n ** 63n - 1n, -(2n ** 63n)]) {
    assert.equal(read(octets('bigint', number)), BigInt(number), `${number}`)
  }
  for (const value of [2n ** 63n, -(2n ** 63n) - 1n, 1.5, 'x']) assert.equal(formOf('bigint')?.(value), undefined)
})

it('inet takes addresses alone', () => {
  for (const address of ['192.0.2.1', '2001:db8::1', '::']) assert.equal(formOf('inet')?.(address), address)
  for (const value of ['', 'host', '192.0.2.0/24', 5]) assert.equal(formOf('inet')?.(value), undefined)
})

it('lists are of texts', () => {
  assert.deepEqual(formOf('frozen<list<text>>')?.([64_500, 'a', { b: 1 }]), ['64500', 'a', '{"b":1}'])
})
