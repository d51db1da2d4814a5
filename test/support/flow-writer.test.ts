import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  data,
  fitRows,
  ipfix,
  netflow5,
  netflow9,
  optionsTemplate,
  rawSet,
  template,
  VARIABLE_LENGTH,
  withdrawal,
} from './flow-writer.ts'

const octets = (hex: string): string => hex.replace(/\s/g, '')
const IPFIX_HEADER_HEX_DIGITS = 32
const NETFLOW9_HEADER_HEX_DIGITS = 40
const ipfixSets = (...sets: Parameters<typeof ipfix>[1]): string =>
  ipfix({}, sets).toString('hex').slice(IPFIX_HEADER_HEX_DIGITS)
const netflow9Sets = (...sets: Parameters<typeof netflow9>[1]): string =>
  netflow9({}, sets).toString('hex').slice(NETFLOW9_HEADER_HEX_DIGITS)

/** The flow template of the RFCs' examples: addresses, next hop, packets, octets. */
const FLOW_FIELDS = [
  [8, 4],
  [12, 4],
  [15, 4],
  [2, 4],
  [1, 4],
] as const

test('RFC 7011 A.2.1: template set', () => {
  assert.equal(
    ipfixSets(template(256, FLOW_FIELDS)),
    octets('0002 001c 0100 0005 0008 0004 000c 0004 000f 0004 0002 0004 0001 0004'),
  )
})

test('RFC 7011 A.2.2: an enterprise element sets the high bit and carries its number', () => {
  assert.equal(
    ipfixSets(
      template(257, [
        [8, 4],
        [12, 4],
        [15, 4, 32473],
        [2, 4],
        [1, 4],
      ]),
    ),
    octets('0002 0020 0101 0005 0008 0004 000c 0004 800f 0004 00007ed9 0002 0004 0001 0004'),
  )
})

test('RFC 7011 A.3: data set of three rows', () => {
  const rows = [
    ['192.0.2.12', '192.0.2.254', '192.0.2.1', 5009, 5344385],
    ['192.0.2.27', '192.0.2.23', '192.0.2.2', 748, 388934],
    ['192.0.2.56', '192.0.2.65', '192.0.2.3', 5, 6534],
  ]
  assert.equal(
    ipfixSets(data(template(256, FLOW_FIELDS), rows)),
    octets(`0100 0040
      c000020c c00002fe c0000201 00001391 00518c81
      c000021b c0000217 c0000202 000002ec 0005ef46
      c0000238 c0000241 c0000203 00000005 00001986`),
  )
})

test('RFC 7011 A.4: options template set and its data, padding where asked', () => {
  const lineCard = optionsTemplate(
    258,
    [[141, 4]],
    [
      [41, 2],
      [42, 2],
    ],
  )
  assert.equal(ipfixSets(lineCard), octets('0003 0016 0102 0003 0001 008d 0004 0029 0002 002a 0002'))
  assert.equal(
    ipfixSets(
      data(
        lineCard,
        [
          [1, 345, 10201],
          [2, 690, 20402],
        ],
        2,
      ),
    ),
    octets('0102 0016 00000001 0159 27d9 00000002 02b2 4fb2 0000'),
  )
})

test('RFC 7011 A.5: variable-length values, short and long form', () => {
  const one = template(260, [[82, VARIABLE_LENGTH]])
  assert.equal(ipfixSets(data(one, [['eth01']])), octets('0104 000a 05 6574683031'))
  const long = new Uint8Array(1000).fill(0xab)
  assert.equal(ipfixSets(data(one, [[long]])), octets('0104 03ef ff 03e8') + 'ab'.repeat(1000))
})

test('RFC 7011 8.1: withdrawals are a template id and a field count of zero', () => {
  assert.equal(ipfixSets(withdrawal(256)), octets('0002 0008 0100 0000'))
  assert.equal(ipfixSets(withdrawal(258, 'options')), octets('0003 0008 0102 0000'))
  assert.equal(ipfixSets(withdrawal(2)), octets('0002 0008 0002 0000'))
})

test('RFC 7011 3.1: message header', () => {
  const message = ipfix({ exportTime: 0x01020304, sequence: 5, observationDomain: 6 }, [template(256, [[8, 4]])])
  assert.equal(message.toString('hex'), octets('000a 001c 01020304 00000005 00000006 0002 000c 0100 0001 0008 0004'))
})

test('RFC 3954 11.2 and 11.3: template and data flowset', () => {
  const flow = template(256, FLOW_FIELDS)
  assert.equal(netflow9Sets(flow), octets('0000 001c 0100 0005 0008 0004 000c 0004 000f 0004 0002 0004 0001 0004'))
  assert.equal(
    netflow9Sets(data(flow, [['198.168.1.12', '10.5.12.254', '192.168.1.1', 5009, 5344385]])),
    octets('0100 0018 c6a8010c 0a050cfe c0a80101 00001391 00518c81'),
  )
})

test('RFC 3954 6.1: options template lengths are octets, flowsets are padded to four', () => {
  const lineCard = optionsTemplate(
    257,
    [[3, 2]],
    [
      [41, 2],
      [42, 2],
    ],
  )
  assert.equal(netflow9Sets(lineCard), octets('0001 0018 0101 0004 0008 0003 0002 0029 0002 002a 0002 0000'))
  assert.equal(
    netflow9Sets(
      data(lineCard, [
        [1, 345, 10201],
        [2, 690, 20402],
      ]),
    ),
    octets('0101 0010 0001 0159 27d9 0002 02b2 4fb2'),
  )
  assert.equal(netflow9Sets(data(lineCard, [[1, 345, 10201]])), octets('0101 000c 0001 0159 27d9 0000'))
})

test('RFC 3954 5.1: the count is records of all kinds; every header value can be set, also wrong', () => {
  const flow = template(256, [[8, 4]])
  const header = { sysUptimeMs: 1, exportTime: 2, sequence: 3, sourceId: 4 }
  const sets = [[flow, template(257, [[12, 4]])], data(flow, [['10.0.0.1'], ['10.0.0.2']])]
  assert.equal(
    netflow9(header, sets).toString('hex').slice(0, 40),
    octets('0009 0004 00000001 00000002 00000003 00000004'),
  )
  assert.equal(netflow9({ version: 7, count: 65535 }, []).toString('hex').slice(0, 8), '0007ffff')
})

test('a message is padded to a size inside its last set', () => {
  const flow = template(256, [[8, 4]])
  const message = netflow9({ padTo: 100 }, [flow, data(flow, [['10.0.0.1']])])
  assert.equal(message.length, 100)
  assert.equal(message.readUInt16BE(20 + 12 + 2), 100 - 20 - 12)
})

test('NetFlow v5 header and record', () => {
  const message = netflow5(
    {
      sysUptimeMs: 1000,
      exportTime: 2,
      exportNanoseconds: 3,
      sequence: 4,
      engineType: 5,
      engineId: 6,
      sampling: 0x4064,
    },
    [
      {
        source: '10.0.0.1',
        destination: '10.0.0.2',
        nextHop: '10.0.0.3',
        inputInterface: 7,
        outputInterface: 8,
        packets: 9,
        octets: 10,
        firstMs: 11,
        lastMs: 12,
        sourcePort: 13,
        destinationPort: 14,
        tcpFlags: 0x1b,
        protocol: 6,
        tos: 184,
        sourceAs: 64500,
        destinationAs: 64501,
        sourceMask: 24,
        destinationMask: 16,
      },
    ],
  )
  assert.equal(
    message.toString('hex'),
    octets(`0005 0001 000003e8 00000002 00000003 00000004 05 06 4064
      0a000001 0a000002 0a000003 0007 0008 00000009 0000000a 0000000b 0000000c 000d 000e
      00 1b 06 b8 fbf4 fbf5 18 10 0000`),
  )
})

test('values: addresses, MAC, text, octets, integers of any width, floats', () => {
  const fields = [
    [27, 16],
    [56, 6],
    [82, 8],
    [1, 8],
    [2, 8],
    [3, 3],
    [311, 8],
    [312, 4],
    [70, 3],
  ] as const
  const row = [
    '2001:db8::192.0.2.1',
    '02:00:00:00:00:fe',
    'eth0',
    2n ** 64n - 1n,
    2 ** 40 + 1,
    0x010203,
    0.5,
    -1,
    Buffer.from('0a0b', 'hex'),
  ]
  assert.equal(
    ipfixSets(data(template(300, fields), [row])),
    octets(`012c 0044 20010db8000000000000 0000c0000201 0200000000fe 6574683000000000
      ffffffffffffffff 0000010000000001 010203 3fe0000000000000 ffffffff 0a0b00`),
  )
})

test('a value that does not fit is an error of the test', () => {
  const flow = template(256, [[4, 1]])
  assert.throws(() => ipfix({}, [data(flow, [[256]])]), RangeError)
  assert.throws(() => ipfix({}, [data(flow, [['too long']])]), RangeError)
  assert.throws(() => ipfix({}, [data(flow, [[1, 2]])]), RangeError)
})

test('a raw set can lie about its length', () => {
  assert.equal(ipfixSets(rawSet(256, Buffer.from('ffff', 'hex'), { length: 3 })), octets('0100 0003 ffff'))
})

test('rows are grouped into datagrams by what fits', () => {
  const flow = template(256, [
    [8, 4],
    [82, VARIABLE_LENGTH],
  ])
  const rows = ['a', 'bb', 'c'.repeat(300), 'd'].map((name, index) => [index, name] as const)
  assert.deepEqual(
    fitRows(flow, rows, 20).map(group => group.length),
    [2, 1, 1],
  )
})
