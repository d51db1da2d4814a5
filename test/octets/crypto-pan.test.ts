import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dotted, parseDotted } from '../../src/octets/address.ts'
import { CryptoPan } from '../../src/octets/crypto-pan.ts'
import { seededRandom } from '../../src/operators/seeded-random.ts'

/** The key and addresses of the sample trace that came with the authors' program. */
const SAMPLE_KEY = Uint8Array.of(
  ...[21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16],
  ...[216, 152, 143, 131, 121, 121, 101, 39, 98, 87, 76, 45, 42, 132, 34, 2],
)
const SAMPLE = [
  ['128.11.68.132', '135.242.180.132'],
  ['129.118.74.4', '134.136.186.123'],
  ['130.132.252.244', '133.68.164.234'],
  ['141.223.7.43', '141.167.8.160'],
  ['141.233.145.108', '141.129.237.235'],
  ['152.163.225.39', '151.140.114.167'],
  ['156.29.3.236', '147.225.12.42'],
  ['165.247.96.84', '162.9.99.234'],
  ['166.107.77.190', '160.132.178.185'],
  ['192.102.249.13', '252.138.62.131'],
] as const

test('the sample trace', () => {
  const pan = new CryptoPan(SAMPLE_KEY)
  for (const [from, to] of SAMPLE) assert.equal(dotted(pan.ipv4(parseDotted(from))), to)
})

const shared = (a: number, b: number): number => Math.clz32(a ^ b)

test('addresses that share n bits share n bits afterwards, no more and no fewer', () => {
  const pan = new CryptoPan(SAMPLE_KEY)
  const random = seededRandom(4)
  for (let round = 0; round < 500; round++) {
    const a = Math.floor(random() * 2 ** 32)
    const b = (a ^ (2 ** Math.floor(random() * 32))) >>> 0
    assert.equal(shared(pan.ipv4(a), pan.ipv4(b)), shared(a, b))
  }
})

test('the same over 128 bits', () => {
  const pan = new CryptoPan(SAMPLE_KEY)
  const a = [0x20010db8, 0x12345678, 0x9abcdef0, 0x11]
  const mapped = pan.ipv6(a)
  for (const bit of [0, 31, 32, 47, 64, 127]) {
    const b = a.map((word, index) => (index === bit >> 5 ? (word ^ (1 << (31 - (bit & 31)))) >>> 0 : word))
    const other = pan.ipv6(b)
    const first = mapped.findIndex((word, index) => word !== other[index])
    assert.equal(32 * first + shared(mapped[first] as number, other[first] as number), bit)
  }
})

test('MAC addresses: whole, or but for the vendor', () => {
  const pan = new CryptoPan(SAMPLE_KEY)
  assert.equal(Math.floor(pan.mac(0xaabbcc112233, 3) / 2 ** 24), 0xaabbcc)
  assert.notEqual(pan.mac(0xaabbcc112233, 3), 0xaabbcc112233)
  assert.notEqual(Math.floor(pan.mac(0xaabbcc112233, 0) / 2 ** 24), 0xaabbcc)
  assert.equal(pan.mac(1, 0), pan.mac(1, 0))
})
