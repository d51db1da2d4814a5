import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblem } from '../../../src/contract/problem.ts'
import { defineField } from '../../../src/fields/dictionary.ts'
import { data, type Field, ipfix, netflow9, type Row, template, VARIABLE_LENGTH } from '../../support/flow-writer.ts'
import { Collector, EXPORT_TIME_S, pick } from './collector.ts'

const HEADER = { exportTime: EXPORT_TIME_S, sysUptimeMs: 100_000 }

/** The records of one template's rows, in IPFIX. */
const read = (fields: readonly Field[], rows: readonly Row[], collector = new Collector()) => {
  const of = template(256, fields)
  return collector.read(ipfix(HEADER, [of, data(of, rows)]))
}
const read9 = (fields: readonly Field[], rows: readonly Row[], collector = new Collector()) => {
  const of = template(256, fields)
  return collector.read(netflow9(HEADER, [of, data(of, rows)]))
}
const octets = (...values: number[]) => Uint8Array.from(values)

test('numbers of every reduced length, 1 to 8 octets', () => {
  for (let length = 1; length <= 8; length++) {
    const value = 2n ** BigInt(8 * length) - 2n
    const [record] = read([[1, length]], [[value]])
    assert.equal(BigInt(record?.bytes as number), value, `${length} octets`)
    assert.equal(typeof record?.bytes, length > 6 ? 'bigint' : 'number')
  }
})

test('a number up to 2^53 is a number, above a bigint', () => {
  const records = read([[1, 8]], [[2n ** 53n - 1n], [2n ** 53n], [2n ** 64n - 1n], [1]])
  assert.deepEqual(
    records.map(record => record.bytes),
    [2 ** 53 - 1, 2n ** 53n, 2n ** 64n - 1n, 1],
  )
})

test('an element whose length no number has leaves the field absent', () => {
  const [record] = read(
    [
      [1, 9],
      [2, 4],
    ],
    [[octets(1, 2, 3, 4, 5, 6, 7, 8, 9), 7]],
  )
  assert.deepEqual(pick(record, 'bytes', 'packets'), { packets: 7 })
})

test('packets and bytes take the first counter of the row, the others go where they have a row of their own', () => {
  const [all] = read(
    [
      [24, 4],
      [2, 4],
      [86, 4],
      [23, 4],
      [1, 4],
      [85, 4],
    ],
    [[1, 2, 3, 4, 5, 6]],
  )
  assert.deepEqual(pick(all, 'packets', 'bytes', 'packets_out', 'bytes_out', 'packets_total', 'bytes_total'), {
    packets: 2,
    bytes: 5,
    packets_out: 1,
    bytes_out: 4,
    packets_total: 3,
    bytes_total: 6,
  })
  const [out] = read(
    [
      [24, 4],
      [23, 4],
    ],
    [[1, 4]],
  )
  assert.deepEqual(pick(out, 'packets', 'bytes', 'packets_out', 'bytes_out'), { packets: 1, bytes: 4 })
  const [total] = read(
    [
      [86, 4],
      [352, 8],
    ],
    [[3, 9]],
  )
  assert.deepEqual(pick(total, 'packets', 'packets_total', 'bytes'), { packets: 3, bytes: 9 })
})

test('flows: what the exporter says, 1 where it says 0 or nothing', () => {
  const records = read(
    [
      [3, 4],
      [2, 4],
    ],
    [
      [5, 1],
      [0, 1],
    ],
  )
  assert.deepEqual(
    records.map(record => record.flows),
    [5, 1],
  )
  assert.equal(read([[2, 4]], [[1]])[0]?.flows, 1)
})

test('a template with both families: the address that is not zero', () => {
  const fields: readonly Field[] = [
    [8, 4],
    [12, 4],
    [27, 16],
    [28, 16],
    [9, 1],
    [29, 1],
  ]
  const records = read(fields, [
    ['10.0.0.1', '10.0.0.2', '::', '::', 24, 0],
    ['0.0.0.0', '0.0.0.0', '2001:db8::1', '2001:db8::2', 0, 64],
  ])
  assert.deepEqual(
    records.map(record => pick(record, 'etype', 'ip_src', 'ip_dst', 'mask_src', 'net_src')),
    [
      { etype: '800', ip_src: '10.0.0.1', ip_dst: '10.0.0.2', mask_src: 24, net_src: '10.0.0.0' },
      { etype: '86dd', ip_src: '2001:db8::1', ip_dst: '2001:db8::2', mask_src: 64, net_src: '2001:db8::' },
    ],
  )
})

test('ipVersion (IE 60) decides where both addresses are there', () => {
  const fields: readonly Field[] = [
    [8, 4],
    [27, 16],
    [60, 1],
  ]
  const records = read(fields, [
    ['10.0.0.1', '2001:db8::1', 6],
    ['10.0.0.1', '2001:db8::1', 4],
    ['0.0.0.0', '2001:db8::1', 4],
  ])
  assert.deepEqual(
    records.map(record => [record.etype, record.ip_src]),
    [
      ['86dd', '2001:db8::1'],
      ['800', '10.0.0.1'],
      ['800', '0.0.0.0'],
    ],
  )
})

test('prefixes: their own elements, else the address without its host bits, else nothing', () => {
  const [own] = read(
    [
      [44, 4],
      [8, 4],
      [9, 1],
      [169, 16],
    ],
    [['10.1.0.0', '10.1.2.3', 24, '2001:db8::']],
  )
  assert.deepEqual(pick(own, 'net_src', 'net_dst'), { net_src: '10.1.0.0', net_dst: '2001:db8::' })
  for (const [bits, net] of [
    [0, '0.0.0.0'],
    [1, '128.0.0.0'],
    [31, '200.1.2.2'],
    [32, '200.1.2.3'],
    [33, undefined],
  ] as const) {
    const [masked] = read(
      [
        [8, 4],
        [9, 1],
      ],
      [['200.1.2.3', bits]],
    )
    assert.equal(masked?.net_src, net)
  }
  const [six] = read(
    [
      [28, 16],
      [30, 1],
    ],
    [['2001:db8:ffff:ffff:ffff::1', 49]],
  )
  assert.equal(six?.net_dst, '2001:db8:ffff:8000::')
  assert.equal(read([[8, 4]], [['10.0.0.1']])[0]?.net_src, undefined)
})

test('VLAN: of the ingress, else of the egress', () => {
  const fields: readonly Field[] = [
    [58, 2],
    [59, 2],
  ]
  const records = read(fields, [
    [10, 20],
    [0, 20],
  ])
  assert.deepEqual(
    records.map(record => pick(record, 'vlan', 'vlan_in', 'vlan_out')),
    [
      { vlan: 10, vlan_in: 10, vlan_out: 20 },
      { vlan: 20, vlan_in: 0, vlan_out: 20 },
    ],
  )
})

test('MAC addresses, EtherType, direction, protocol', () => {
  const [record] = read(
    [
      [56, 6],
      [80, 6],
      [256, 2],
      [61, 1],
      [4, 1],
    ],
    [['02:00:00:00:00:fe', 'ff:ff:ff:ff:ff:ff', 0x0806, 1, 58]],
  )
  assert.deepEqual(pick(record, 'mac_src', 'mac_dst', 'etype', 'sampling_direction', 'ip_proto'), {
    mac_src: '02:00:00:00:00:fe',
    mac_dst: 'ff:ff:ff:ff:ff:ff',
    etype: '806',
    sampling_direction: 'e',
    ip_proto: 'ipv6-icmp',
  })
})

const NTP_S = EXPORT_TIME_S + 2_208_988_800
const ntp = (seconds: number, micros: number) => (BigInt(seconds) << 32n) | ((BigInt(micros) << 32n) / 1_000_000n)
const TIMES: readonly (readonly [name: string, id: number, length: number, value: number | bigint, seconds: number])[] =
  [
    ['seconds', 150, 4, EXPORT_TIME_S, EXPORT_TIME_S],
    ['milliseconds', 152, 8, EXPORT_TIME_S * 1000 + 5, EXPORT_TIME_S + 0.005],
    ['microseconds (NTP)', 154, 8, ntp(NTP_S, 123_456), EXPORT_TIME_S + 0.123456],
    ['nanoseconds (NTP)', 156, 8, ntp(NTP_S, 999_999), EXPORT_TIME_S + 0.999999],
    ['NTP of the era from 2036', 154, 8, ntp(100, 0), 2 ** 32 - 2_208_988_800 + 100],
    ['microseconds before the export', 158, 4, 1_500_000, EXPORT_TIME_S - 1.5],
    ['observed, seconds', 322, 4, EXPORT_TIME_S, EXPORT_TIME_S],
    ['observed, milliseconds', 323, 8, EXPORT_TIME_S * 1000 + 7, EXPORT_TIME_S + 0.007],
    ['observed, microseconds', 324, 8, ntp(NTP_S, 1), EXPORT_TIME_S + 0.000001],
    ['observed, nanoseconds', 325, 8, ntp(NTP_S, 2), EXPORT_TIME_S + 0.000002],
  ]
for (const [name, id, length, value, seconds] of TIMES) {
  test(`start time in ${name}`, () => {
    assert.equal(read([[id, length]], [[value]])[0]?.timestamp_start, seconds)
  })
}

test('sysUptime in IPFIX needs IE 160 of the record, or of options', () => {
  const start = (EXPORT_TIME_S - 100) * 1000
  const fields: readonly Field[] = [
    [22, 4],
    [21, 4],
    [160, 8],
  ]
  const [record] = read(fields, [[5000, 6500, start]])
  assert.deepEqual(pick(record, 'timestamp_start', 'timestamp_end'), {
    timestamp_start: EXPORT_TIME_S - 95,
    timestamp_end: EXPORT_TIME_S - 93.5,
  })
  const monthsAgo = start - 2 ** 32
  assert.equal(read(fields, [[5000, 6500, monthsAgo]])[0]?.timestamp_start, EXPORT_TIME_S - 95)
  assert.equal(read([[22, 4]], [[5000]])[0]?.timestamp_start, undefined)
  const [other] = read(
    [
      [22, 4],
      [152, 8],
    ],
    [[5000, EXPORT_TIME_S * 1000]],
  )
  assert.equal(other?.timestamp_start, EXPORT_TIME_S)
})

test('a time too far away for exact microseconds is no time', () => {
  assert.equal(read([[152, 8]], [[2n ** 63n]])[0]?.timestamp_start, undefined)
})

test('events without counters have no packets, bytes and flows', () => {
  const [nat] = read9(
    [
      [323, 8],
      [230, 1],
      [8, 4],
      [225, 4],
      [227, 2],
    ],
    [[EXPORT_TIME_S * 1000, 4, '10.0.0.1', '203.0.113.1', 1024]],
  )
  assert.deepEqual(pick(nat, 'nat_event', 'post_nat_ip_src', 'post_nat_port_src', 'flows', 'packets', 'bytes'), {
    nat_event: 4,
    post_nat_ip_src: '203.0.113.1',
    post_nat_port_src: 1024,
  })
  assert.equal(nat?.timestamp_start, EXPORT_TIME_S)
})

test('Cisco NSEL: types above 32767 in v9 are no enterprise elements', () => {
  const fields: readonly Field[] = [
    [40001, 4],
    [40002, 4],
    [40003, 2],
    [40004, 2],
    [40005, 1],
    [33002, 2],
    [231, 4],
    [232, 4],
    [298, 4],
    [299, 4],
  ]
  const row = ['203.0.113.1', '203.0.113.2', 1, 2, 2, 2030, 100, 200, 3, 4]
  const names = [
    'post_nat_ip_src',
    'post_nat_ip_dst',
    'post_nat_port_src',
    'post_nat_port_dst',
    'fw_event',
    'fw_ext_event',
  ]
  const [record] = read9(fields, [row])
  assert.deepEqual(pick(record, ...names, 'bytes', 'bytes_reverse', 'packets', 'packets_reverse', 'nat_event'), {
    ...Object.fromEntries(names.map((name, index) => [name, row[index]])),
    bytes: 100,
    bytes_reverse: 200,
    packets: 3,
    packets_reverse: 4,
  })
  const compat = read9(fields, [row], new Collector({ compat: 'pmacct' }))
  assert.equal(compat[0]?.nat_event, 2)
})

test('a second header: the outer one is the record, the inner one the tunnel', () => {
  const fields: readonly Field[] = [
    [27, 16],
    [28, 16],
    [4, 1],
    [7, 2],
    [5, 1],
    [8, 4],
    [12, 4],
    [4, 1],
    [7, 2],
  ]
  const row = ['2001:db8::1', '2001:db8::2', 4, 0, 1, '10.0.0.1', '10.0.0.2', 17, 53]
  const names = [
    'ip_src',
    'ip_proto',
    'port_src',
    'tos',
    'tunnel_ip_src',
    'tunnel_ip_dst',
    'tunnel_ip_proto',
    'tunnel_port_src',
  ]
  const [record] = read(fields, [row])
  assert.deepEqual(pick(record, 'etype', ...names, 'tunnel_tos'), {
    etype: '86dd',
    ip_src: '2001:db8::1',
    ip_proto: 'ipencap',
    port_src: 0,
    tos: 1,
    tunnel_ip_src: '10.0.0.1',
    tunnel_ip_dst: '10.0.0.2',
    tunnel_ip_proto: 'udp',
    tunnel_port_src: 53,
  })
  const [compat] = read(fields, [row], new Collector({ compat: 'pmacct' }))
  assert.deepEqual(pick(compat, 'etype', 'ip_src', 'ip_proto', 'tunnel_ip_src', 'tunnel_ip_proto'), {
    etype: '86dd',
    ip_src: '10.0.0.1',
    ip_proto: 'udp',
    tunnel_ip_src: '2001:db8::1',
    tunnel_ip_proto: 'ipencap',
  })
})

test('delays on the path, TTL, flow label, forwarding status', () => {
  const ids = [600, 601, 602, 603, 52, 53, 31, 89, 136]
  const names = ['path_delay_avg_usec', 'path_delay_min_usec', 'path_delay_max_usec', 'path_delay_sum_usec']
  const more = ['ttl_min', 'ttl_max', 'flow_label', 'fwd_status', 'flow_end_reason']
  const [record] = read(
    ids.map(id => [id, 4]),
    [ids],
  )
  assert.deepEqual(Object.values(pick(record, ...names, ...more)), ids)
})

test('elements without a field are kept under --unknown, shadowed ones too', () => {
  const fields: readonly Field[] = [
    [8, 4],
    [56, 6],
    [81, 6],
    [100, 2],
    [1, 3, 32473],
    [210, 2],
    [2, VARIABLE_LENGTH, 32473],
  ]
  const row = ['10.0.0.1', '02:00:00:00:00:01', '02:00:00:00:00:02', 7, 0x010203, 0, octets(9)]
  const [record] = read(fields, [row], new Collector({ unknown: true }))
  assert.deepEqual(record?.unknown, { '0/81': '020000000002', '0/100': '0007', '32473/1': '010203', '32473/2': '09' })
  assert.equal(read(fields, [row])[0]?.unknown, undefined)
  const only = new Collector({ unknown: true }, { fields: ['unknown'], rest: false })
  assert.deepEqual(read(fields, [row], only), [{ unknown: record?.unknown }])
})

test('structured data (RFC 6313) is stepped over, and kept under --unknown', () => {
  const [record] = read(
    [
      [291, VARIABLE_LENGTH],
      [2, 4],
    ],
    [[octets(0xff, 0, 7, 0, 2, 0, 80), 5]],
    new Collector({ unknown: true }),
  )
  assert.deepEqual(pick(record, 'packets', 'unknown'), { packets: 5, unknown: { '0/291': 'ff000700020050' } })
})

test('user-defined elements: any type, enterprise, variable length', () => {
  const define = (name: string, type: 'unsigned' | 'text' | 'address' | 'mac' | 'any', id: number) =>
    assert.ok(!isProblem(defineField(name, { type, elements: [{ id, pen: 32473 }], summary: 'of a test' })))
  define('test_number', 'unsigned', 101)
  define('test_text', 'text', 102)
  define('test_address', 'address', 103)
  define('test_mac', 'mac', 104)
  define('test_raw', 'any', 105)
  const fields = [102, 101, 103, 104, 105].map(id => [id, VARIABLE_LENGTH, 32473] as const)
  const rows = [
    [Buffer.from('ab\0\0'), octets(1, 0), octets(10, 0, 0, 1), octets(2, 0, 0, 0, 0, 1), octets(0xca, 0xfe)],
    [octets(), octets(), octets(1), octets(1), octets()],
  ]
  const [full, empty] = read(fields, rows)
  assert.deepEqual(pick(full, 'test_number', 'test_text', 'test_address', 'test_mac', 'test_raw'), {
    test_number: 256,
    test_text: 'ab',
    test_address: '10.0.0.1',
    test_mac: '02:00:00:00:00:01',
    test_raw: 'cafe',
  })
  assert.deepEqual(
    Object.keys(empty ?? {}).filter(name => name.startsWith('test_')),
    [],
  )
})

test('an element that the user adds to a known field fills it, before the elements of its own', () => {
  const added = defineField('flow_id', { type: 'unsigned', elements: [{ id: 201, pen: 32473 }], summary: 'of a test' })
  assert.ok(!isProblem(added))
  const [record] = read(
    [
      [148, 4],
      [201, 4, 32473],
    ],
    [[1, 2]],
  )
  assert.equal(record?.flow_id, 2)
  assert.equal(read([[148, 4]], [[1]])[0]?.flow_id, 1)
})

test('the exporter is who the record says it is (IE 130, 131), unless that is not wanted', () => {
  const fields: readonly Field[] = [
    [130, 4],
    [2, 4],
  ]
  const peer = (options: { ignoreExporterAddress?: boolean }, address = '198.51.100.7') =>
    read(fields, [[address, 1]], new Collector(options))[0]?.peer_ip_src
  assert.equal(peer({}), '198.51.100.7')
  assert.equal(peer({}, '0.0.0.0'), '192.0.2.1')
  assert.equal(peer({ ignoreExporterAddress: true }), '192.0.2.1')
})

test('only what is wanted is decoded', () => {
  const collector = new Collector({}, { fields: ['packets', 'as_src', 'src_host'], rest: false })
  const [record] = read(
    [
      [8, 4],
      [2, 4],
      [1, 4],
    ],
    [['10.0.0.1', 1, 2]],
    collector,
  )
  assert.deepEqual(record, { ip_src: '10.0.0.1', packets: 1 })
})
