import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetRecord } from '../../src/contract/record.ts'
import { interpret } from '../../src/filter/interpret.ts'
import { parseOrThrow } from '../../src/filter/parse.ts'

const WEB: NetRecord = {
  mac_src: '00:11:22:33:44:55',
  mac_dst: '01:00:5e:00:00:01',
  vlan: 10,
  etype: '800',
  as_src: 64496,
  as_dst: 64497,
  comms: ['64496:1', '64497:20', 'no-export'],
  as_path: [64496, [64500, 64501], 64497],
  label: 'blue,green',
  peer_ip_src: '192.0.2.1',
  ip_src: '10.0.1.2',
  ip_dst: '198.51.100.7',
  port_src: 50000,
  port_dst: 443,
  tcp_flags: 0x12,
  ip_proto: 'tcp',
  tos: 0xb8,
  ttl: 64,
  sampling_direction: 'i',
  timestamp_start: 1767225600.25,
  timestamp_end: 1767225605.5,
  bytes: 3_000,
  packets: 2,
}
const NAME_SERVER: NetRecord = {
  ip_src: '2001:db8::1',
  ip_dst: '2001:db9:1:2:3:4:5:6',
  port_src: 53,
  port_dst: 40000,
  ip_proto: 'udp',
  mpls_label_stack: [24000, 24001],
  roa_dst: 'v',
  bytes: 2n ** 60n,
  packets: 1,
  site_name: 'north',
  route: '10.1.0.0/16',
}

type Row = readonly [filter: string, record: NetRecord, holds: boolean]

function check(rows: readonly Row[]): void {
  for (const [filter, record, holds] of rows) {
    assert.equal(
      interpret(parseOrThrow(filter))(record),
      holds,
      `${filter} on ${record === WEB ? 'WEB' : 'NAME_SERVER'}`,
    )
  }
}

/** Filters that hold for the first and not for the second. */
function separate(filters: readonly string[], yes: NetRecord, no: NetRecord): void {
  check(
    filters.flatMap((filter): Row[] => [
      [filter, yes, true],
      [filter, no, false],
      [`not (${filter})`, yes, false],
      [`! (${filter})`, no, true],
    ]),
  )
}

test('pcap-filter primitives that hold for a TCP flow over IPv4', () => {
  separate(
    [
      'tcp',
      'ip',
      'host 10.0.1.2',
      'src host 10.0.1.2',
      'src 10.0.1.2',
      'dst host 198.51.100.7',
      'ip host 198.51.100.7',
      'src or dst host 198.51.100.7',
      'dst and src net 0.0.0.0/0',
      'net 10.0.0.0/8',
      'net 10',
      'net 10.0',
      'net 10.0.1',
      'net 10/8',
      'net 10.0.0.0 mask 255.0.0.0',
      'src net 10.0/16',
      'dst net 198.51.100.7',
      'port 443',
      'port https',
      'tcp port 443',
      'tcp dst port 443',
      'dst port (80 or 443)',
      'port 80 or 443',
      'portrange 440-450',
      'src portrange 49000-51000',
      'tcp portrange 1-2 or 440-450',
      'proto 6',
      'proto tcp',
      'proto \\tcp',
      'ip proto 6',
      'ip proto \\tcp or \\sctp',
      'ether host 00:11:22:33:44:55',
      'ether src 0:11:22:33:44:55',
      'ether dst 01:00:5E:00:00:01',
      'ether multicast',
      'ether proto 0x800',
      'ether proto \\ip',
      'vlan',
      'vlan 10',
      'vlan and host 10.0.1.2',
      'greater 1500 and less 1500',
      'len = 1500',
    ],
    WEB,
    NAME_SERVER,
  )
})

test('pcap-filter primitives that hold for a UDP flow over IPv6', () => {
  separate(
    [
      'udp',
      'ip6',
      'host 2001:db8::1',
      'ip6 src host 2001:DB8:0::1',
      'net 2001:db8::/32',
      'src net 2001:db8::/32 or 2001:dba::/32',
      'port domain',
      'udp src port 53',
      'ip6 proto udp',
      'mpls',
      'mpls 24001',
      'not vlan',
    ],
    NAME_SERVER,
    WEB,
  )
})

test('byte accesses', () => {
  separate(
    [
      'ip[9] = 6',
      'ip[9:1] == 0x6',
      'ip[1] & 0xfc == 0xb8',
      'ip[1] >> 2 == 46',
      'ip[8] < 65',
      'ip[2:2] = 1500',
      'ip[12:4] = 0x0a000102',
      'ip[12:4] & 0xffff0000 = 0x0a000000',
      'ip[12] = 10',
      'ip[13:2] = 1',
      'ip[14:4] = 0x0102c633',
      'ip[16:2] = 0xc633',
      'tcp[0:2] = 50000 and tcp[2:2] = 443',
      'tcp[2] = 1 and tcp[3] = 187',
      'tcp[13] & 2 != 0',
      'tcp[tcpflags] & tcp-syn != 0',
      'tcp[tcpflags] & (tcp-syn|tcp-ack) == (tcp-syn|tcp-ack)',
      'tcp[tcpflags] == tcp-syn|tcp-ack',
      'ether[0] & 1 = 1',
      'ether[6:4] = 0x00112233',
      'ether[10:4] = 0x44550800',
      'ether[12:2] = 2048',
    ],
    WEB,
    NAME_SERVER,
  )
  separate(
    [
      'ip6[6] = 17',
      'ip6[8:4] = 0x20010db8',
      'ip6[23] = 1',
      'ip6[24:2] = 0x2001',
      'ip6[34:4] = 0x00040005',
      'udp[0:2] = 53',
    ],
    NAME_SERVER,
    WEB,
  )
})

test('comparisons of fields', () => {
  separate(
    [
      'as_dst in (64496,64497) and bytes > 1e3 and net 10.0.0.0/8',
      'as_src == 64496',
      'src_as = 64496',
      'as_src < 64497',
      '64497 > as_src',
      'bytes == 3k',
      'bytes < 3Ki',
      'bytes - packets == 2998',
      '-bytes > -4000',
      'bytes in (1, 2000-4000)',
      'bytes == 0xbb8',
      'port_dst in (80, https, 8000-8080)',
      'ip_proto == tcp',
      'ip_proto == 6',
      'proto == "TCP"',
      'ip_proto in (sctp, 6)',
      'ip_src in 10.0.0.0/8',
      'src_host in (192.168.0.0/16, 10.0.1.2)',
      'ip_src == 10.0.1.2',
      'mac_src == 00:11:22:33:44:55',
      'mac_src != mac_dst',
      'etype == 800',
      'etype == 0x800',
      'sampling_direction == i',
      'tcp_flags & 2 != 0',
      'tcp_flags & 2 == 2 and tcp_flags & 1 == 0',
      '(bytes + 40) * 2 / packets == 3040',
      'bytes % 7 == 4',
      'as_src + 1 == as_dst',
      'as_src != as_dst',
      'as_src',
      'as_src and as_dst',
      '(as_src)',
    ],
    WEB,
    NAME_SERVER,
  )
  check([
    ['ip_src != 10.0.1.3', WEB, true],
    ['ip_src not in 10.2.0.0/16', WEB, true],
    ['bytes / packets > 1000', WEB, true],
    ['-bytes < 0', WEB, true],
    ['bytes - packets > 2997', WEB, true],
    ['as_src == as_dst', WEB, false],
    ['ip_src == ip_dst', WEB, false],
    ['bytes == 1152921504606846976', NAME_SERVER, true],
    ['bytes == 1152921504606846977', NAME_SERVER, false],
    ['bytes > 1e18', NAME_SERVER, true],
    ['bytes / 2 > 1e17', NAME_SERVER, true],
    ['bytes > packets', NAME_SERVER, true],
  ])
})

test('lists and texts', () => {
  separate(
    [
      'comms has "64496:1"',
      'comms has 64496:1',
      '"64496:1" in comms',
      '64497:20 in comms',
      'std_comm has (1:1, 64497:20)',
      'comms ~ /^64497:/',
      'comms ~ /NO-/i',
      'as_path has 64500',
      '64501 in as_path',
      'as_path has 64490-64497',
      'label has green',
      'label == "blue,green"',
      'label ~ "^blue"',
      'label < "c"',
      'ip_src ~ /^10\\./',
      'port_dst ~ /^44.$/',
      'comms not has 1:1',
      '1:1 not in comms',
    ],
    WEB,
    NAME_SERVER,
  )
  separate(
    [
      'roa_dst == v',
      'roa_dst in (v, "V")',
      'site_name == north',
      '"site_name" == "north"',
      '`site_name` in (south, north, 5)',
      'site_name',
      'route in 10.0.0.0/8',
      'route == 10.1.0.0/16',
      'route != 10.0.0.0/8',
      'route not in 10.1.2.0/24',
    ],
    NAME_SERVER,
    WEB,
  )
})

test('times', () => {
  separate(
    [
      'timestamp_start > 1767225600',
      'timestamp_start == 1767225600.25',
      'timestamp_start >= 2026-01-01',
      'timestamp_start < 2026-01-01T00:00:01Z',
      'timestamp_start < "2026-01-01 01:00:01+01:00"',
      'timestamp_end - timestamp_start == 5.25',
      'timestamp_end > timestamp_start',
      'timestamp_end < timestamp_start + 6',
    ],
    WEB,
    NAME_SERVER,
  )
})

test('an absent value fails every comparison, and only not turns that around', () => {
  const empty: NetRecord = { as_dst: null, label: [], bytes: 5, packets: 0 }
  for (const filter of [
    'as_src == 1',
    'as_src != 1',
    'as_src < 1',
    'as_src not in (1)',
    'as_src !~ /1/',
    'as_src + 1 != 5',
    'as_src != bytes',
    'comms not has 5',
    'ip_src != 10.0.0.1',
    'ip_src != ip_dst',
    'as_dst',
    'as_dst != 5',
    'foo_bar != x',
    'bytes / packets > 0',
    'bytes / packets != 0',
    'ip[9] != 6',
    'len > 0',
    'timestamp_start != 0',
  ]) {
    check([
      [filter, empty, false],
      [`not ${filter}`, empty, true],
    ])
  }
})

test('values of another type than the field has', () => {
  const odd: NetRecord = {
    as_dst: '64497',
    ip_proto: 17,
    etype: '86DD',
    timestamp_start: '2026-01-01 00:00:00.5',
    comms: '64496:1_64497:20',
    bytes: 'many',
    ip_src: '',
    tcp_flags: '18',
  }
  check([
    ['as_dst == 64497', odd, true],
    ['as_dst in (64490-64499)', odd, true],
    ['udp', odd, true],
    ['ip6', odd, true],
    ['timestamp_start == 1767225600.5', odd, true],
    ['comms has 64497:20', odd, true],
    ['tcp_flags & 2 == 2', odd, true],
    ['bytes > 0', odd, false],
    ['bytes != 5', odd, true],
    ['bytes', odd, true],
    ['ip_src == 10.0.0.1', odd, false],
  ])
})

test('and and or go from left to right as in libpcap; not binds tightest', () => {
  // tcpdump -d shows that `udp or tcp and port 53` is (udp or tcp) and port 53.
  const udp: NetRecord = { ip_proto: 'udp', ip_src: '10.0.0.1', port_src: 1, port_dst: 2 }
  const tcp: NetRecord = { ip_proto: 'tcp', ip_src: '10.0.0.1', port_src: 1, port_dst: 53 }
  check([
    ['udp or tcp and port 53', udp, false],
    ['udp or (tcp and port 53)', udp, true],
    ['udp or tcp and port 53', tcp, true],
    ['tcp and port 53 or udp', udp, true],
    ['not udp or tcp and port 53', tcp, true],
    ['not udp and port 53', tcp, true],
    ['not tcp and port 53', tcp, false],
    ['not not tcp', tcp, true],
    ['tcp && port 53 || udp', udp, true],
    ['tcp AND NOT udp', tcp, true],
  ])
})

test('ids without a qualifier take the one before', () => {
  const record: NetRecord = { ip_proto: 'tcp', ip_src: '10.0.0.1', ip_dst: '10.0.0.2', port_src: 99, port_dst: 443 }
  check([
    ['host 10.0.0.3 or 10.0.0.1', record, true],
    ['host 10.0.0.3 or 10.0.0.1 and port 443', record, true],
    ['host 10.0.0.1 and 10.0.0.2', record, true],
    ['not host 10.0.0.3 and 10.0.0.2', record, true],
    ['src 10.0.0.3 or 10.0.0.2', record, false],
    ['tcp port 80 and not 53', record, false],
    ['tcp port 443 and not 53', record, true],
    ['net 10.1.0.0/16 or 10/8', record, true],
    ['udp port 443 or 99', record, false],
    ['port http or https', record, true],
  ])
})

test('a port needs a protocol that has ports, or none at all', () => {
  check([
    ['port 771', { ip_proto: 'icmp', port_dst: 771 }, false],
    ['port 771', { port_dst: 771 }, true],
    ['tcp port 771', { port_dst: 771 }, false],
    ['port_dst == 771', { ip_proto: 'icmp', port_dst: 771 }, true],
  ])
})
