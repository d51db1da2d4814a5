import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readBody } from '../../../src/wire/ospf/body.ts'
import { LSA2, LSA3 } from '../../../src/wire/ospf/lsa.ts'
import { type Carrier, type Fault, isFault, type Packet, parsePacket } from '../../../src/wire/ospf/packet.ts'
import { packetRecord } from '../../../src/wire/ospf/packet-record.ts'
import {
  CARRIER4,
  CARRIER6,
  link2,
  packetOctets,
  quad,
  router2,
  u16,
  u32,
  updateOctets,
} from '../../support/ospf-writer.ts'

const HELLO2 = [
  ...quad('255.255.255.0'),
  ...u16(10),
  2,
  1,
  ...u32(40),
  ...quad('10.0.0.1'),
  ...quad('0.0.0.0'),
  ...quad('192.0.2.2'),
]
const HELLO3 = [
  ...u32(7),
  1,
  0,
  0,
  0x13,
  ...u16(10),
  ...u16(40),
  ...quad('192.0.2.1'),
  ...quad('0.0.0.0'),
  ...quad('192.0.2.2'),
]

function parse(octets: Uint8Array, carrier: Carrier = CARRIER4): Packet {
  const packet = parsePacket(octets, 0, octets.length, carrier)
  assert.ok(!isFault(packet), isFault(packet) ? packet.message : '')
  return packet
}

function fault(octets: Uint8Array, carrier: Carrier = CARRIER4): Fault {
  const packet = parsePacket(octets, 0, octets.length, carrier)
  assert.ok(isFault(packet))
  return packet
}

function record(octets: Uint8Array, carrier: Carrier = CARRIER4) {
  const packet = parse(octets, carrier)
  const body = readBody(packet)
  if (typeof body === 'string') throw new Error(body)
  return packetRecord(packet, body, carrier)
}

describe('packets of OSPF', () => {
  it('hellos of both versions', () => {
    const { ospf_neighbors, ospf_network_mask, ospf_designated_router, ospf_dead_interval, ip_dst } = record(
      packetOctets(1, HELLO2),
    )
    assert.deepEqual(
      [ospf_neighbors, ospf_network_mask, ospf_designated_router, ospf_dead_interval, ip_dst],
      [['192.0.2.2'], '255.255.255.0', '10.0.0.1', 40, '224.0.0.5'],
    )
    const six = record(packetOctets(1, HELLO3, 3), CARRIER6)
    assert.deepEqual(
      [six.ospf_interface_id, six.ospf_options, six.ospf_hello_interval, six.ospf_dead_interval, six.ip_dst],
      [7, '000013', 10, 40, 'ff02::5'],
    )
  })

  it('descriptions, requests, acknowledgements', () => {
    const header = [...u16(5), 2, 1, ...quad('192.0.2.1'), ...quad('192.0.2.1'), ...u32(0x80000002), 0, 1, ...u16(48)]
    const described = record(packetOctets(2, [...u16(1500), 2, 7, ...u32(99), ...header]))
    assert.deepEqual([described.ospf_mtu, described.ospf_dd_flags, described.ospf_dd_sequence], [1500, '07', 99])
    const said = {
      type: 'router',
      id: '192.0.2.1',
      advertising_router: '192.0.2.1',
      age: 5,
      options: '02',
      sequence: '80000002',
    }
    assert.deepEqual(described.ospf_lsa_headers, [{ ...said, checksum: 1, length: 48 }])
    assert.deepEqual(record(packetOctets(5, header)).ospf_lsa_headers, described.ospf_lsa_headers)
    const wanted = record(packetOctets(3, [...u32(LSA3.router), ...quad('0.0.0.0'), ...quad('192.0.2.9')], 3), CARRIER6)
    assert.deepEqual(wanted.ospf_requests, [{ type: 'router', id: '0.0.0.0', advertising_router: '192.0.2.9' }])
  })

  it('updates, with what their LSAs say', () => {
    const body = router2([link2(3, '10.0.1.0', '255.255.255.0', 5)], 1)
    const [lsa] = record(updateOctets([{ type: LSA2.router, body }])).ospf_lsas as { [name: string]: unknown }[]
    assert.equal(lsa?.checksum_ok, true)
    assert.deepEqual(lsa?.objects, [
      {
        attr_node_flags: '10',
        nlri_type: 'Node',
        proto: 'OSPFv2',
        local_area_id: '0.0.0.0',
        local_igp_rtr_id: '192.0.2.1',
      },
      {
        attr_prefix_metric: 5,
        nlri_type: 'IPv4 Topology Prefix',
        proto: 'OSPFv2',
        local_area_id: '0.0.0.0',
        local_igp_rtr_id: '192.0.2.1',
        ospf_route_type: 1,
        ip_reach: '10.0.1.0/24',
      },
    ])
  })

  it('what is cut, of another version, or says a false length or checksum', () => {
    const octets = packetOctets(1, HELLO2)
    assert.match(fault(octets.subarray(0, 20)).message, /cut at 20/)
    assert.match(fault(octets.subarray(0, 40)).message, /its length is 48, and 40 octets came/)
    assert.equal(fault(octets, CARRIER6).kind, 'version')
    const changed = (at: number, value: number) => octets.map((octet, index) => (index === at ? value : octet))
    assert.match(fault(changed(1, 6)).message, /type 6/)
    assert.match(fault(changed(3, 20)).message, /its length is 20/)
    assert.deepEqual(fault(changed(30, 3)), {
      kind: 'checksum',
      message: 'its checksum is wrong',
      reference: 'RFC 2328 section A.3.1',
    })
    const six = packetOctets(1, HELLO3, 3)
    // The addresses are in the checksum of OSPFv3.
    assert.equal(fault(six, { family: 6, addresses: new Uint8Array(32) }).kind, 'checksum')
  })

  it('authentication: a password is not in the checksum, a digest takes its place', () => {
    const octets = packetOctets(1, HELLO2)
    const simple = octets.slice()
    simple[15] = 1
    new DataView(simple.buffer).setUint16(12, new DataView(octets.buffer).getUint16(12) - 1)
    simple.set([1, 2, 3, 4, 5, 6, 7, 8], 16)
    assert.equal(parse(simple).authentication, 'simple')
    const digest = Uint8Array.from([...octets, ...new Array<number>(16).fill(9)])
    digest.set([0, 0, 0, 2, 0, 0, 7, 16, 0, 0, 0, 9], 12)
    const packet = parse(digest)
    assert.deepEqual([packet.authentication, packet.trailerOctets, packet.octets.length], ['cryptographic', 16, 48])
    const trailer = Uint8Array.from([...packetOctets(1, HELLO3, 3), ...new Array<number>(24).fill(1)])
    trailer.set([0, 0], 12)
    assert.equal(parse(trailer, CARRIER6).authentication, 'cryptographic')
  })

  it('LSAs before one that is cut are good', () => {
    const octets = updateOctets([{ type: LSA2.router, body: router2([]) }])
    const lying = packetOctets(4, [...u32(2), ...octets.subarray(28)])
    const body = readBody(parse(lying))
    assert.ok(typeof body !== 'string' && body.kind === 'update')
    assert.deepEqual([body.lsas.length, body.cut], [1, '2 LSAs are said, and 1 are there'])
    const long = packetOctets(4, [...u32(1), ...octets.subarray(28, 46), ...u16(99), ...octets.subarray(48)])
    const other = readBody(parse(long))
    assert.ok(typeof other !== 'string' && other.kind === 'update')
    assert.deepEqual([other.lsas.length, other.cut], [0, 'an LSA says a length of 99, and 24 octets are there'])
  })
})
