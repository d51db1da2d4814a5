import assert from 'node:assert/strict'
import { isIPv6, SocketAddress } from 'node:net'
import { test } from 'node:test'
import { dotted, ipv6Text, macText, parseDotted, parseIpv6, parseMac } from '../../src/octets/address.ts'
import { writeIpv6, writeMac } from '../../src/octets/address-write.ts'
import { writeDotted, writeSeconds, writeWhole, writeWord } from '../../src/octets/digits.ts'
import { random } from '../support/random.ts'

const view = new DataView(new ArrayBuffer(64))
const written = (end: number) => new TextDecoder().decode(new Uint8Array(view.buffer, 0, end))

test('IPv6: text, octets and the way back are RFC 5952, for every set of zero groups', () => {
  const source = random(6)
  for (let zeros = 0; zeros < 256; zeros++) {
    for (let round = 0; round < 8; round++) {
      const groups = Array.from({ length: 8 }, (_, index) =>
        zeros & (1 << index)
          ? 0
          : source.pick([1, 0xf, 0x10, 0xff, 0x100, 0xfff, 0x1000, 0xffff, 1 + source.whole(0xffff)]),
      )
      const word = (index: number) => (((groups[2 * index] as number) << 16) | (groups[2 * index + 1] as number)) >>> 0
      const [a, b, c, d] = [word(0), word(1), word(2), word(3)] as const
      const text = ipv6Text(a, b, c, d)
      assert.ok(isIPv6(text), text)
      assert.equal(written(writeIpv6(view, 0, a, b, c, d)), text)
      const words = new Uint32Array(4)
      assert.ok(parseIpv6(text, words, 0))
      assert.deepEqual([...words], [a, b, c, d])
      // Node prints what the system's inet_ntop does, which is RFC 5952 but for embedded IPv4 in ::/96.
      if (a !== 0 || b !== 0 || c !== 0)
        assert.equal(text, new SocketAddress({ address: text, family: 'ipv6' }).address)
    }
  }
})

test('IPv4 and MAC addresses', () => {
  for (const address of [0, 1, 0x0a000001, 0xc0000280, 0xffffffff]) {
    assert.equal(written(writeDotted(view, 0, address)), dotted(address))
    assert.equal(parseDotted(dotted(address)), address)
  }
  for (const text of ['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '1..2.3', '1.2.3.4 ', 'a.b.c.d'])
    assert.equal(parseDotted(text), -1)
  for (const mac of [0, 0x001122334455, 0xffffffffffff]) {
    assert.equal(written(writeMac(view, 0, mac)), macText(mac))
    assert.equal(parseMac(macText(mac)), mac)
  }
  assert.ok(Number.isNaN(parseMac('00:11:22:33:44')))
})

test('texts that are no IPv6 addresses', () => {
  for (const text of [
    '',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'g::',
    '1:2:3:4:5:6:7::8',
    '::1.2.3',
  ]) {
    assert.equal(parseIpv6(text, new Uint32Array(4), 0), false, text)
  }
})

test('whole numbers and times', () => {
  const source = random(8)
  for (let power = 0; power < 53; power++) {
    for (const number of [2 ** power - 1, 2 ** power, source.whole(2 ** power)]) {
      assert.equal(written(writeWhole(view, 0, number)), String(number))
      if (number < 2 ** 32) assert.equal(written(writeWord(view, 0, number)), String(number))
    }
  }
  for (let round = 0; round < 2000; round++) {
    const us = 1_000_000 + source.whole(source.pick([1e9, 1e15, 8.5e15]))
    assert.equal(written(writeSeconds(view, 0, us)), JSON.stringify(us / 1e6))
  }
})
