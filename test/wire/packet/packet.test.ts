import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dissectEthernet, dissectMpls } from '../../../src/wire/packet/ethernet.ts'
import { dissectIp } from '../../../src/wire/packet/ip.ts'
import { Packet } from '../../../src/wire/packet/packet.ts'
import { ETHERNET, hex, IPV4_TCP, IPV6_UDP } from './frames.ts'

type Dissect = typeof dissectIp
function dissect(how: Dissect, octets: Uint8Array, end = octets.length): Packet {
  const packet = new Packet()
  how(new DataView(octets.buffer, octets.byteOffset, octets.length), 0, end, packet)
  return packet
}
/** What is there. */
function seen(packet: Packet): Record<string, unknown> {
  const { source, destination, payload, labels, family, ...numbers } = packet
  const known = Object.entries(numbers).filter(([, value]) => !Number.isNaN(value))
  return { ...Object.fromEntries(known), ...(labels.length > 0 && { labels }), ...(family > 0 && { family }) }
}
const TCP = {
  family: 4,
  tos: 0x10,
  ipOctets: 52,
  ttl: 64,
  protocol: 6,
  sourcePort: 443,
  destinationPort: 50000,
  tcpFlags: 0x18,
}

test('Ethernet, IPv4, TCP', () => {
  const packet = dissect(dissectEthernet, hex(ETHERNET, '0800', IPV4_TCP))
  assert.deepEqual(seen(packet), {
    macDestination: 0x0200_0000_0002,
    macSource: 0x0200_0000_0001,
    etype: 0x800,
    ...TCP,
  })
  assert.equal(packet.source[0], 0x0a00_0001)
  assert.equal(packet.destination[0], 0x0a00_0002)
})

test('VLAN tags: the outer, the inner, the priority', () => {
  const { vlan, innerVlan, cos, etype, sourcePort } = dissect(
    dissectEthernet,
    hex(ETHERNET, '88a8 a064', '8100 00c8', '0800', IPV4_TCP),
  )
  assert.deepEqual([vlan, innerVlan, cos, etype, sourcePort], [100, 200, 5, 0x800, 443])
})

test('MPLS: labels down to the bottom, then IP', () => {
  const packet = dissect(dissectEthernet, hex(ETHERNET, '8847', '00045040', '05ef1140', IPV4_TCP))
  assert.deepEqual([packet.labels, packet.etype, packet.destinationPort], [[69, 24305], 0x8847, 50000])
  assert.deepEqual(dissect(dissectMpls, hex('00045040')).labels, [69])
})

test('PPPoE session', () => {
  const packet = dissect(dissectEthernet, hex(ETHERNET, '8864', '1100 0001 0036 0021', IPV4_TCP))
  assert.equal(packet.sourcePort, 443)
})

test('IPv6 with extension headers, UDP', () => {
  const packet = dissect(dissectIp, hex(IPV6_UDP))
  assert.deepEqual(seen(packet), {
    family: 6,
    tos: 0xb8,
    flowLabel: 0x12345,
    ipOctets: 40 + 8 + 16 + 8 + 8,
    ttl: 63,
    protocol: 17,
    sourcePort: 53,
    destinationPort: 1053,
  })
  assert.deepEqual([...packet.source, ...packet.destination], [0x20010db8, 0, 0, 1, 0x20010db8, 0, 0, 2])
})

test('later fragments have no ports', () => {
  const four = hex(IPV4_TCP.replace('4000', '0001'))
  assert.deepEqual(Number.isNaN(dissect(dissectIp, four).sourcePort), true)
  const six = hex(IPV6_UDP.replace('11000000 00000001', '11000008 00000001'))
  const packet = dissect(dissectIp, six)
  assert.deepEqual([packet.protocol, packet.sourcePort], [17, Number.NaN])
})

test('ICMP type and code', () => {
  const packet = dissect(dissectIp, hex('45000020 00000000 40010000 0a000001 0a000002 0301 0000'))
  assert.deepEqual([packet.icmpType, packet.icmpCode, packet.protocol], [3, 1, 1])
})

test('a frame cut anywhere gives what came before, and never throws', () => {
  for (const frame of [hex(ETHERNET, '88a8 a064', '8847', '05ef1140', IPV4_TCP), hex(ETHERNET, '86dd', IPV6_UDP)]) {
    let fields = 0
    for (let end = 0; end <= frame.length; end++) {
      const now = Object.keys(seen(dissect(dissectEthernet, frame.subarray(0, end)))).length
      assert.ok(now >= fields, `${end} octets`)
      fields = now
    }
    assert.ok(fields > 10)
  }
})

test('what is no IP packet is left alone', () => {
  for (const octets of [hex('00'), hex('65'), hex('41', '00'.repeat(30)), hex('')]) {
    assert.deepEqual(seen(dissect(dissectIp, octets)), {})
  }
})
