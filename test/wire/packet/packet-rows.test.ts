import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pick } from '../flow/collector.ts'
import { hex, IPV4_TCP } from './frames.ts'
import { Packets, START_S, tcpFrame, udpFrame } from './packets.ts'

test('a packet: its headers, one packet, its IP octets', () => {
  const [record] = new Packets().take({ frame: tcpFrame(1, 2, 0x18, 10), wireOctets: 70 })
  assert.deepEqual(record, {
    timestamp_arrival: START_S,
    mac_src: '02:00:00:00:00:01',
    mac_dst: '02:00:00:00:00:02',
    etype: '800',
    ip_src: '10.0.0.1',
    ip_dst: '10.0.0.2',
    port_src: 1001,
    port_dst: 1002,
    tcp_flags: 24,
    ip_proto: 'tcp',
    tos: 0,
    ttl: 64,
    frame_bytes: 70,
    frame_number: 1,
    packets: 1,
    bytes: 50,
  })
})

test('link types: cooked, raw, loopback, NFLOG with its interfaces', () => {
  const names = ['ip_src', 'port_src', 'iface_in', 'iface_out']
  const read = (linkType: number, ...octets: string[]) =>
    pick(new Packets().take({ linkType, frame: hex(...octets) })[0], ...names)
  const tcp = { ip_src: '10.0.0.1', port_src: 443 }
  assert.deepEqual(read(113, '0000 0001 0006 020000000001 0000 0800', IPV4_TCP), tcp)
  assert.deepEqual(read(276, '0800 0000 00000005 0001 00 06 020000000001 0000', IPV4_TCP), { ...tcp, iface_in: 5 })
  assert.deepEqual(read(276, '0800 0000 00000005 0001 04 06 020000000001 0000', IPV4_TCP), { ...tcp, iface_out: 5 })
  assert.deepEqual(read(101, IPV4_TCP), tcp)
  assert.deepEqual(read(0, '02000000', IPV4_TCP), tcp)
  const attributes = '0800 0400 00000003 0800 0500 00000004 3800 0900'
  assert.deepEqual(read(239, '02000005', attributes, IPV4_TCP), { ...tcp, iface_in: 3, iface_out: 4 })
  const packets = new Packets()
  packets.take({ linkType: 147, frame: hex(IPV4_TCP) })
  assert.deepEqual(packets.codes, ['capture/unknown-link-type'])
  assert.equal(packets.counts.get('packets-dropped/unknown-link-type'), 1)
})

test('later fragments have the ports of the first', () => {
  const first = hex('020000000002 020000000001 0800', IPV4_TCP.replace('4000', '2000'))
  const later = hex('020000000002 020000000001 0800', IPV4_TCP.replace('4000', '0004'))
  const other = hex('020000000002 020000000001 0800', IPV4_TCP.replace('0001 4000', '0002 0004'))
  const rows = new Packets().take({ frame: first }, { frame: later }, { frame: other }, { frame: later, at: 100 })
  assert.deepEqual(
    rows.map(row => row.port_src),
    [443, 443, undefined, undefined],
  )
})

test('where a card did the segmentation, the frame says the length', () => {
  const frame = hex('020000000002 020000000001 0800', IPV4_TCP.replace('45100034', '45100000'))
  assert.equal(new Packets().take({ frame, wireOctets: 30_014 })[0]?.bytes, 30_000)
})

test('what is not IP is a record too; pmacctd leaves it out, and knows ports of TCP and UDP only', () => {
  const arp = hex('ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002')
  const [record] = new Packets().take({ frame: arp })
  assert.deepEqual(pick(record, 'etype', 'packets', 'bytes', 'ip_src'), { etype: '806', packets: 1, bytes: 28 })
  const compat = new Packets({ compat: true })
  assert.deepEqual(compat.take({ frame: arp }), [])
  assert.equal(compat.counts.get('packets-dropped/not-ip'), 1)
  const sctp = hex('020000000002 020000000001 0800', IPV4_TCP.replace('40060000', '40840000'))
  assert.equal(new Packets().take({ frame: sctp })[0]?.port_src, 443)
  assert.equal(compat.take({ frame: sctp })[0]?.port_src, undefined)
})

test('own sampling: about one in N, the same with the same seed, multiplied where that is asked for', () => {
  const frames = Array.from({ length: 5000 }, () => ({ frame: udpFrame(1, 2, 12) }))
  const take = (seed: number, renormalize: boolean) =>
    new Packets({ sampleRate: 10, seed, renormalize }).take(...frames)
  const rows = take(1, false)
  assert.ok(rows.length > 400 && rows.length < 600, `${rows.length}`)
  assert.deepEqual(take(1, false), rows)
  assert.notDeepEqual(take(2, false), rows)
  assert.deepEqual(pick(rows[0], 'sampling_rate', 'packets', 'bytes'), { sampling_rate: 10, packets: 1, bytes: 40 })
  assert.deepEqual(pick(take(1, true)[0], 'sampling_rate', 'packets', 'bytes'), {
    sampling_rate: 1,
    packets: 10,
    bytes: 400,
  })
})

test('the Community ID comes where it is asked for by name', () => {
  const frame = { frame: tcpFrame(1, 2, 2) }
  assert.equal(new Packets().take(frame)[0]?.community_id, undefined)
  const asked = (from: number, to: number) =>
    new Packets({}, undefined, { fields: ['community_id'], rest: false }).take({ frame: tcpFrame(from, to, 2) })[0]
  assert.match(String(asked(1, 2)?.community_id), /^1:.{27}=$/)
  assert.deepEqual(asked(1, 2), asked(2, 1))
})
