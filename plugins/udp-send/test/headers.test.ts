import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HeaderTemplate, wordSum } from '../src/headers.ts'

/** The sum over what the checksum covers is all ones (RFC 1071). */
function verified(packet: Uint8Array, isIpv4: boolean): number {
  const [addresses, udp] = isIpv4 ? [12, 20] : [8, 40]
  let sum = wordSum(packet, addresses, udp) + wordSum(packet, udp, packet.length) + 17 + (packet.length - udp)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return sum
}

for (const [source, destination] of [
  ['192.0.2.7', '198.51.100.9'],
  ['2001:db8::7', '2001:db8:1::9'],
] as const) {
  test(`headers from ${source} have a right checksum, whatever the payload`, () => {
    const headers = new HeaderTemplate({ address: source, port: 40_000 }, { address: destination, port: 2055 })
    for (const octets of [0, 1, 2, 63, 1388]) {
      const payload = Uint8Array.from({ length: octets }, (_, index) => (index * 97 + octets) & 255)
      const packet = new Uint8Array(headers.octets.length + octets)
      headers.write(octets, wordSum(payload, 0, octets), packet, 0)
      packet.set(payload, headers.octets.length)
      assert.equal(verified(packet, source.includes('.')), 0xffff)
      const udp = new DataView(packet.buffer, headers.octets.length - 8)
      assert.deepEqual([udp.getUint16(0), udp.getUint16(2), udp.getUint16(4)], [40_000, 2055, 8 + octets])
    }
  })
}
