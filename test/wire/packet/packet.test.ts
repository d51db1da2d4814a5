import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dissect as dissectPacket } from '../../../src/wire/packet/dissect.ts'
import type { Headers } from '../../../src/wire/packet/headers.ts'
import { ETHERNET_LAYER, IP_LAYER, MPLS_LAYER } from '../../../src/wire/packet/layer.ts'
import { Packet } from '../../../src/wire/packet/packet.ts'
import { ETHERNET, hex, IPV4_TCP, IPV6_UDP } from './frames.ts'

function dissect(layer: number, octets: Uint8Array, end = octets.length): Packet {
  const packet = new Packet()
  dissectPacket(layer, new DataView(octets.buffer, octets.byteOffset, octets.length), 0, end, packet)
  return packet
}
/** What is there. */
function seen({ source, destination, ipAt, transportAt, family, ...numbers }: Headers): Record<string, unknown> {
  const known = Object.entries(numbers).filter(([, value]) => !Number.isNaN(value))
  return { ...Object.fromEntries(known), ...(family > 0 && { family }) }
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
  const packet = dissect(ETHERNET_LAYER, hex(ETHERNET, '0800', IPV4_TCP))
  assert.deepEqual(seen(packet.outer), {
    macDestination: 0x0200_0000_0002,
    macSource: 0x0200_0000_0001,
    etype: 0x800,
    ...TCP,
  })
  assert.equal(packet.outer.source[0], 0x0a00_0001)
  assert.equal(packet.outer.destination[0], 0x0a00_0002)
})

test('VLAN tags: the outer, the inner, the priority', () => {
  const { vlan, innerVlan, cos, etype, sourcePort } = dissect(
    ETHERNET_LAYER,
    hex(ETHERNET, '88a8 a064', '8100 00c8', '0800', IPV4_TCP),
  ).outer
  assert.deepEqual([vlan, innerVlan, cos, etype, sourcePort], [100, 200, 5, 0x800, 443])
})

test('MPLS: labels down to the bottom, then IP', () => {
  const packet = dissect(ETHERNET_LAYER, hex(ETHERNET, '8847', '00045040', '05ef1140', IPV4_TCP))
  assert.deepEqual([packet.labels, packet.outer.etype, packet.outer.destinationPort], [[69, 24305], 0x8847, 50000])
  assert.deepEqual(dissect(MPLS_LAYER, hex('00045040')).labels, [69])
})

test('PPPoE session', () => {
  const packet = dissect(ETHERNET_LAYER, hex(ETHERNET, '8864', '1100 0001 0036 0021', IPV4_TCP))
  assert.equal(packet.outer.sourcePort, 443)
})

test('IPv6 with extension headers, UDP', () => {
  const packet = dissect(IP_LAYER, hex(IPV6_UDP))
  assert.deepEqual(seen(packet.outer), {
    family: 6,
    tos: 0xb8,
    flowLabel: 0x12345,
    fragmentId: 1,
    fragmentOffset: 0,
    ipOctets: 40 + 8 + 16 + 8 + 8,
    ttl: 63,
    protocol: 17,
    sourcePort: 53,
    destinationPort: 1053,
  })
  assert.deepEqual([...packet.outer.source, ...packet.outer.destination], [0x20010db8, 0, 0, 1, 0x20010db8, 0, 0, 2])
})

test('later fragments have no ports', () => {
  const four = hex(IPV4_TCP.replace('4000', '0001'))
  assert.deepEqual(Number.isNaN(dissect(IP_LAYER, four).outer.sourcePort), true)
  const six = hex(IPV6_UDP.replace('11000000 00000001', '11000008 00000001'))
  const packet = dissect(IP_LAYER, six).outer
  assert.deepEqual([packet.protocol, packet.sourcePort], [17, Number.NaN])
})

test('ICMP type and code', () => {
  const packet = dissect(IP_LAYER, hex('45000020 00000000 40010000 0a000001 0a000002 0301 0000')).outer
  assert.deepEqual([packet.icmpType, packet.icmpCode, packet.protocol], [3, 1, 1])
})

test('a frame cut anywhere gives what came before, and never throws', () => {
  for (const frame of [hex(ETHERNET, '88a8 a064', '8847', '05ef1140', IPV4_TCP), hex(ETHERNET, '86dd', IPV6_UDP)]) {
    let fields = 0
    for (let end = 0; end <= frame.length; end++) {
      const now = Object.keys(seen(dissect(ETHERNET_LAYER, frame.subarray(0, end)).outer)).length
      assert.ok(now >= fields, `${end} octets`)
      fields = now
    }
    assert.ok(fields > 10)
  }
})

test('what is no IP packet is left alone', () => {
  for (const octets of [hex('00'), hex('65'), hex('41', '00'.repeat(30)), hex('')]) {
    assert.deepEqual(seen(dissect(IP_LAYER, octets).outer), {})
  }
})
