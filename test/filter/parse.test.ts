import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblem } from '../../src/contract/problem.ts'
import { fieldsRead } from '../../src/filter/expression.ts'
import { MAX_FILTER_DEPTH, MAX_FILTER_LENGTH, parse, parseOrThrow } from '../../src/filter/parse.ts'

/** Filters that are refused: code, column of the caret, what the message or the hint says. */
const REFUSED: readonly (readonly [filter: string, code: string, column: number, says: RegExp])[] = [
  ['', 'filter/syntax', 1, /expected a condition, found the end/],
  ['tcp and', 'filter/syntax', 8, /found the end/],
  ['tcp udp', 'filter/syntax', 5, /expected "and", "or" or the end, found "udp"/],
  ['(tcp or udp', 'filter/syntax', 12, /expected "\)"/],
  ['tcp or udp)', 'filter/syntax', 11, /found "\)"/],
  ['port ) and tcp', 'filter/syntax', 6, /expected a port/],
  ['port nosuch', 'filter/syntax', 6, /expected a port/],
  ['port 70000', 'filter/syntax', 6, /70000 is no port/],
  ['port 80-90', 'filter/syntax', 6, /write: portrange/],
  ['host example', 'filter/syntax', 6, /names are not looked up/],
  ['host www.example.com', 'filter/syntax', 6, /names are not looked up/],
  ['host 00:11:22:33:44:55', 'filter/syntax', 6, /ether host/],
  ['ether host 10.0.0.1', 'filter/syntax', 12, /MAC address/],
  ['ether', 'filter/syntax', 6, /after "ether"/],
  ['10.0.0.1', 'filter/syntax', 1, /host ADDRESS/],
  ['net 10.0.0.1/8', 'filter/syntax', 5, /the network is 10\.0\.0\.0\/8/],
  ['net 2001:db8::1/32', 'filter/syntax', 5, /the network is 2001:db8::\/32/],
  ['net 10.0.0.0/33', 'filter/syntax', 5, /10\.0\.0\.0/],
  ['net 10.0.0.0 mask 255.0.255.0', 'filter/syntax', 19, /ones of a mask/],
  ['tcp host 10.0.0.1', 'filter/syntax', 10, /"tcp" does not go with "host"/],
  ['ip6 host 10.0.0.1', 'filter/syntax', 10, /is no ip6 address/],
  ['ip port 80', 'filter/syntax', 9, /does not go with/],
  ['icmp host 10.0.0.1', 'filter/syntax', 1, /stands alone/],
  ['proto nosuch', 'filter/syntax', 7, /expected a protocol/],
  ['proto 300', 'filter/syntax', 7, /too large/],
  ['less', 'filter/syntax', 5, /packet length/],
  ['gateway 10.0.0.1', 'filter/not-in-records', 1, /do not tell "gateway"/],
  ['inbound', 'filter/not-in-records', 1, /sampling_direction/],
  ['ip[6:2] & 0x1fff != 0', 'filter/not-in-records', 1, /they tell \[1\]/],
  ['tcp[12] > 5', 'filter/not-in-records', 1, /\[13\]/],
  ['tcp[2:4] > 5', 'filter/not-in-records', 1, /tcp header/],
  ['ip[1:3] > 5', 'filter/syntax', 1, /1, 2 or 4/],
  ['ip[x] > 5', 'filter/syntax', 1, /offset/],
  ['ip[9', 'filter/syntax', 5, /expected "\]"/],
  ['ip[9]', 'filter/syntax', 1, /expected a comparison/],
  ['bytse > 5', 'filter/unknown-field', 1, /did you mean bytes\?/],
  ['byte > 5', 'filter/unknown-field', 1, /did you mean bytes\?/],
  ['tcp and prot 80', 'filter/unknown-field', 9, /did you mean (port|proto)\?/],
  ['Bytes > 5', 'filter/unknown-field', 1, /did you mean bytes\?/],
  ['north', 'filter/unknown-field', 1, /no field and no keyword/],
  ['bytes >', 'filter/syntax', 8, /found the end/],
  ['bytes > > 5', 'filter/syntax', 9, /found ">"/],
  ['bytes > 5 > 3', 'filter/syntax', 11, /expected "and"/],
  ['bytes / packets', 'filter/syntax', 1, /expected a comparison/],
  ['bytes > (tcp)', 'filter/syntax', 14, /not a condition/],
  ['(tcp) + 1 > 5', 'filter/syntax', 7, /number on either side/],
  ['5 / 0 > bytes', 'filter/syntax', 3, /no result/],
  ['as_dst == north', 'filter/type', 11, /as_dst is compared with a number/],
  ['as_dst in (1, north)', 'filter/type', 15, /a number/],
  ['as_dst in (1, 2', 'filter/syntax', 16, /"," or "\)"/],
  ['as_dst in ()', 'filter/syntax', 12, /constant/],
  ['as_dst in (9-5)', 'filter/syntax', 12, /ends before it starts/],
  ['as_dst == ip_src', 'filter/type', 11, /cannot be compared/],
  ['ip_src == north', 'filter/type', 11, /address or a prefix/],
  ['ip_src < 10.0.0.1', 'filter/type', 10, /no order/],
  ['ip_src < ip_dst', 'filter/type', 10, /no order/],
  ['ip_src in 10.0.0.1/8', 'filter/syntax', 11, /the network is 10\.0\.0\.0\/8/],
  ['ip_src + 1 > 5', 'filter/type', 1, /ip_src is no number/],
  ['ip_proto == nosuch', 'filter/type', 13, /a protocol/],
  ['mac_src == 10.0.0.1', 'filter/type', 12, /MAC address/],
  ['etype == tcp', 'filter/type', 10, /EtherType/],
  ['timestamp_start > yesterday', 'filter/type', 19, /Unix seconds/],
  ['sampling_direction == x', 'filter/type', 23, /i, e or u/],
  ['comms == "64496:1"', 'filter/type', 10, /comms has/],
  ['as_dst has 5', 'filter/type', 12, /not a list/],
  ['5 in as_dst', 'filter/type', 1, /not a list/],
  ['label ~ /(/', 'filter/syntax', 9, /no regular expression/],
  ['label ~ /a/g', 'filter/syntax', 9, /flag i/],
  ['label ~ 5', 'filter/syntax', 9, /pattern/],
  ["label == 'a", 'filter/syntax', 10, /not closed/],
  ['label == a@b', 'filter/syntax', 11, /no meaning/],
  ['port_dst == 80-90', 'filter/syntax', 13, /write: in 80-90/],
  ['as 64496', 'filter/unknown-field', 1, /no field and no keyword/],
  ['bytes = = 5', 'filter/syntax', 9, /found "="/],
  ['tcp; udp', 'filter/syntax', 4, /";" has no meaning/],
]

test('a filter that is wrong says what is wrong and where', () => {
  for (const [filter, code, column, says] of REFUSED) {
    const problem = parse(filter)
    assert.ok(isProblem(problem), `accepted: ${filter}`)
    assert.equal(problem.code, code, filter)
    assert.match(problem.message, new RegExp(`^filter, column ${column}: `), filter)
    assert.match(`${problem.message} ${problem.hint ?? ''}`, says, filter)
  }
})

test('the caret stands below the place, in long filters too', () => {
  const [, line, caret] = (parse('tcp and prot 80') as { message: string }).message.split('\n')
  assert.equal(line, '  tcp and prot 80')
  assert.equal(caret, '          ^')
  const long = `${'tcp or '.repeat(100)}prot 80${' or tcp'.repeat(100)}`
  const [, part, below] = (parse(long) as { message: string }).message.split('\n') as [string, string, string]
  assert.ok(part.length < 120)
  assert.equal(part.slice(below.length - 1, below.length + 3), 'prot')
})

test('fields read, each once, by their JSON keys', () => {
  const cases: readonly (readonly [string, string[]])[] = [
    ['as_dst in (64496,64497) and bytes > 1e6 and net 2001:db8::/32', ['as_dst', 'bytes', 'ip_src', 'ip_dst']],
    ['tcp dst port 80', ['ip_proto', 'port_dst']],
    ['src_host == 10.0.0.1 and not src_as == dst_as', ['ip_src', 'as_src', 'as_dst']],
    ['less 100', ['bytes', 'packets']],
    ['vlan 5', ['vlan', 'vlan_in']],
    ['tcp[13] & 2 != 0', ['ip_proto', 'tcp_flags']],
    ['my_own == 5 or `Other Key`', ['my_own', 'Other Key']],
    ['1 < 2', []],
  ]
  for (const [filter, fields] of cases) assert.deepEqual(fieldsRead(parseOrThrow(filter)), fields, filter)
})

test('different ways to write the same', () => {
  const same: readonly (readonly string[])[] = [
    ['tcp and udp', 'tcp && udp', '(tcp) and (udp)', 'tcp AND udp', '  tcp\n and\tudp '],
    [
      'as_dst == 5',
      'as_dst = 5',
      'dst_as == 5',
      '5 == as_dst',
      'as_dst == 0x5',
      '`as_dst` == 5',
      'as_dst == "5"',
      'as_dst == 2 + 3',
      'as_dst in 5',
      'as_dst in (5)',
    ],
    ['bytes > 1e6', 'bytes > 1000000', 'bytes > 1M', 'bytes > 1000k', '1e6 < bytes'],
    ['net 10.0.0.0/8', 'net 10', 'net 10/8', 'net 10.0.0.0 mask 255.0.0.0', 'src or dst net 10', 'src || dst net 10'],
    ['host 10.0.0.1 or 10.0.0.2', 'host 10.0.0.1 or host 10.0.0.2', 'host (10.0.0.1 or 10.0.0.2)'],
    ['udp or tcp and port 53', '(udp or tcp) and port 53'],
    ['"64496:1" in comms', 'comms has 64496:1', 'comms has ("64496:1")'],
    ['timestamp_start > 2026-01-01', 'timestamp_start > "2026-01-01 00:00:00"', 'timestamp_start > 1767225600'],
    ['ip_proto == ipv6-icmp', 'ip_proto == 58', 'icmp6', 'proto icmp6', 'proto 58'],
    ['src 10.0.0.1', 'src host 10.0.0.1'],
    ['comms has no-export', 'comms has "no-export"'],
    ['iface_name_in == ge-0/0/1', 'iface_name_in == "ge-0/0/1"', 'iface_name_in in (ge-0/0/1)'],
    ['sampling_direction == i', 'sampling_direction == ingress'],
  ]
  for (const [first, ...others] of same) {
    const expected = JSON.stringify(parseOrThrow(first as string)).replaceAll('"exact":true', '"exact":false')
    for (const other of others) {
      assert.equal(JSON.stringify(parseOrThrow(other)).replaceAll('"exact":true', '"exact":false'), expected, other)
    }
  }
})

test('limits: length, nesting, and no exponential time before them', () => {
  const code = (filter: string): string | undefined => {
    const problem = parse(filter)
    return isProblem(problem) ? problem.code : undefined
  }
  assert.equal(code(' '.repeat(MAX_FILTER_LENGTH + 1)), 'filter/too-large')
  const nested = (depth: number): string => `${'('.repeat(depth)}tcp${')'.repeat(depth)}`
  assert.equal(code(nested(MAX_FILTER_DEPTH)), undefined)
  assert.equal(code(nested(MAX_FILTER_DEPTH + 1)), 'filter/too-large')
  assert.equal(code(`${'not '.repeat(MAX_FILTER_DEPTH + 1)}tcp`), 'filter/too-large')
  assert.equal(code(`tcp${' or udp and tcp'.repeat(MAX_FILTER_DEPTH)}`), 'filter/too-large')
  assert.equal(code(`${'('.repeat(150)}bytes${' + 1)'.repeat(150)} > 5`), undefined)
  assert.equal(code(`${'-'.repeat(10_000)}1 < bytes`), undefined)
  assert.equal(code(`bytes${' + 1'.repeat(10_000)} > 1`), 'filter/too-large')
  assert.equal(code(`port (${'not '.repeat(10_001)}53)`), undefined)
  assert.equal(code(`bytes${' + (bytes'.repeat(300)}`), 'filter/too-large')
  assert.equal(code(`tcp${' or port 53'.repeat(5000)}`), undefined)
})
