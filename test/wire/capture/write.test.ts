import assert from 'node:assert/strict'
import { test } from 'node:test'
import { internetChecksum } from '../../../src/octets/checksum.ts'
import { pcapHeader, pcapRecord, udpFrame, udpPacket } from '../../../src/wire/capture/write.ts'
import { ENDPOINTS, ENDPOINTS6, hex, join, LITTLE, pcap, readCapture } from './captures.ts'

test('checksum of the example in RFC 1071 section 3', () => {
  assert.equal(internetChecksum(hex('0001 f203 f4f5 f6f7')), 0xffff - 0xddf2)
})

test('an IPv4 frame, octet by octet', () => {
  // Checksums by hand: the words of the IP header add up to 0x24933, those of UDP and its pseudo-header to 0x2ecd3.
  const expected = `020000000002 020000000001 0800
    4500 001f 0000 4000 4011 b6ca c0000201 c0000202
    9c40 0807 000b 132a 616263`
  const actual = udpFrame(ENDPOINTS, Buffer.from('abc'))
  assert.equal(Buffer.from(actual).toString('hex'), expected.replaceAll(/\s/g, ''))
})

/** RFC 768: the sum over pseudo-header and datagram, checksum included, is all ones. */
function udpSum(packet: Uint8Array): number {
  const ipv4 = packet[0]! >> 4 === 4
  const datagram = packet.subarray(ipv4 ? 20 : 40)
  const pseudo = join(
    packet.subarray(ipv4 ? 12 : 8, ipv4 ? 20 : 40),
    Uint8Array.of(0, 17, datagram.length >> 8, datagram.length),
  )
  return internetChecksum(join(pseudo, datagram))
}

for (const [family, endpoints] of [
  ['IPv4', ENDPOINTS],
  ['IPv6', ENDPOINTS6],
] as const) {
  test(`${family} checksums hold for payloads of any length`, () => {
    for (let length = 0; length < 300; length += 7) {
      const packet = udpPacket(endpoints, Buffer.alloc(length, length + 1))
      assert.equal(udpSum(packet), 0)
      if (family === 'IPv4') assert.equal(internetChecksum(packet.subarray(0, 20)), 0)
    }
  })
  test(`a written capture over ${family} is read back`, () => {
    const payloads = ['', 'a', 'x'.repeat(1400), 'y'.repeat(65_507)]
    const records = payloads.map((text, index) => pcapRecord(1.7e15 + index, udpFrame(endpoints, Buffer.from(text))))
    const { datagrams, end } = readCapture(join(pcapHeader(), ...records))
    assert.equal(end, undefined)
    assert.deepEqual(
      datagrams,
      payloads.map((text, index) => ({
        text,
        timeUs: 1.7e15 + index,
        peer: { address: endpoints.source, port: 40_000, family: family === 'IPv4' ? 4 : 6 },
      })),
    )
  })
}

test('a checksum of zero is sent as all ones', () => {
  const packet = udpPacket(ENDPOINTS, Uint8Array.of(0, 0))
  const sum = (packet[26]! << 8) | packet[27]!
  const zero = udpPacket(ENDPOINTS, Uint8Array.of(sum >> 8, sum & 255))
  assert.deepEqual([...zero.subarray(26, 28)], [255, 255])
})

test('header and record are those of any pcap file', () => {
  const frame = Uint8Array.of(1, 2, 3)
  const expected = pcap(LITTLE, 0xa1b2c3d4, 113, [{ seconds: 12, fraction: 345_678, frame }])
  const actual = join(pcapHeader(113), pcapRecord(12_345_678, frame))
  assert.equal(actual.subarray(20).toString('hex'), expected.subarray(20).toString('hex'))
  assert.equal(join(pcapRecord(1, frame, 99)).readUInt32LE(12), 99)
})

test('what cannot be written', () => {
  assert.throws(() => udpFrame({ ...ENDPOINTS, source: 'host' }, frame), RangeError)
  assert.throws(() => udpFrame({ ...ENDPOINTS, source: '2001:db8::1' }, frame), RangeError)
  assert.throws(() => udpFrame(ENDPOINTS, new Uint8Array(65_508)), RangeError)
})

const frame = new Uint8Array(0)
