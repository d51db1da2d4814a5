import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IPV4_UNICAST, IPV6_UNICAST } from '../../../src/wire/bgp/families.ts'
import { PLAIN_SESSION } from '../../../src/wire/bgp/session-state.ts'
import {
  asPath,
  attribute,
  hex,
  mandatory,
  mpReach,
  mpUnreach,
  nextHop,
  origin,
  prefix,
  sequence,
  u16,
  u32,
  updateBody,
} from '../../support/bgp-writer.ts'
import { readParts, readResult, recordsOf, recordsOfParts, withAddPath } from './read.ts'

const ONE = prefix('10.0.0.0/8')
const V6 = mpReach(2, 1, '2001:db8::1', prefix('2001:db8::/32'))
const problemsOf = (parts: Parameters<typeof readParts>[0]) => {
  const update = readParts(parts)
  return [
    update.problems.map(({ code, action }) => `${code} ${action}`),
    recordsOf(update).map(({ log_type, ip_prefix }) => `${log_type} ${ip_prefix}`),
  ]
}
const notificationOf = (body: Uint8Array) => {
  const result = readResult(body)
  return 'notification' in result ? [result.notification.code, result.notification.subcode] : 'no problem'
}

test('withdrawn and announced IPv4 routes', () => {
  const attributes = [...mandatory(), ...attribute(4, u32(50)), ...attribute(5, u32(200))]
  const withdrawn = [...prefix('10.1.0.0/16'), ...prefix('0.0.0.0/0')]
  const nlri = [...prefix('192.0.2.128/25'), ...prefix('198.51.100.1/32')]
  const common = {
    afi: 1,
    safi: 1,
    bgp_nexthop: '192.0.2.1',
    as_path: [64500, 64501],
    origin: 'i',
    local_pref: 200,
    med: 50,
  }
  assert.deepEqual(recordsOfParts({ withdrawn, attributes, nlri }), [
    { log_type: 'withdraw', afi: 1, safi: 1, ip_prefix: '10.1.0.0/16' },
    { log_type: 'withdraw', afi: 1, safi: 1, ip_prefix: '0.0.0.0/0' },
    { log_type: 'update', ...common, ip_prefix: '192.0.2.128/25' },
    { log_type: 'update', ...common, ip_prefix: '198.51.100.1/32' },
  ])
})

test('bits of a prefix beyond its length do not count', () => {
  const nlri = [9, 0x0a, 0xff, 31, 1, 2, 3, 255, 0]
  const update = readParts({ attributes: mandatory(), nlri })
  assert.deepEqual(
    update.announced[0]?.routes.map(route => route.prefix),
    ['10.128.0.0/9', '1.2.3.254/31', '0.0.0.0/0'],
  )
})

test('IPv6 in the multiprotocol attributes, and IPv4 beside it with the other next hop', () => {
  const attributes = [
    ...mandatory(),
    ...mpReach(
      2,
      1,
      [...hex('20010db8000000000000000000000001'), ...hex('fe800000000000000000000000000001')],
      prefix('2001:db8:ff80::/41'),
    ),
  ]
  const records = recordsOfParts({ attributes, nlri: ONE })
  assert.deepEqual(
    records.map(({ ip_prefix, bgp_nexthop }) => [ip_prefix, bgp_nexthop]),
    [
      ['2001:db8:ff80::/41', '2001:db8::1'],
      ['10.0.0.0/8', '192.0.2.1'],
    ],
  )
  assert.deepEqual(recordsOfParts({ attributes: mpUnreach(2, 1, prefix('::/0')) }), [
    { log_type: 'withdraw', afi: 2, safi: 1, ip_prefix: '::/0' },
  ])
})

test('IPv4 routes with an IPv6 next hop (RFC 8950)', () => {
  const attributes = [...origin(), ...asPath(1), ...mpReach(1, 1, '2001:db8::1', ONE)]
  assert.deepEqual(recordsOfParts({ attributes }), [
    {
      log_type: 'update',
      afi: 1,
      safi: 1,
      bgp_nexthop: '2001:db8::1',
      as_path: [1],
      origin: 'i',
      ip_prefix: '10.0.0.0/8',
    },
  ])
})

test('path identifiers, only in the families that have them', () => {
  const nlri = [...prefix('10.0.0.0/8', 1), ...prefix('10.0.0.0/8', 4_000_000_000)]
  const [first, second] = recordsOfParts({ attributes: mandatory(), nlri }, withAddPath(IPV4_UNICAST))
  assert.deepEqual([first?.as_path_id, second?.as_path_id], [1, 4_000_000_000])
  const attributes = [...mandatory(), ...V6]
  assert.equal(recordsOfParts({ attributes }, withAddPath(IPV4_UNICAST))[0]?.as_path_id, undefined)
  assert.deepEqual(
    recordsOfParts({ attributes: mpUnreach(2, 1, prefix('2001:db8::/32', 7)) }, withAddPath(IPV6_UNICAST)),
    [{ log_type: 'withdraw', afi: 2, safi: 1, ip_prefix: '2001:db8::/32', as_path_id: 7 }],
  )
})

test('the end of the RIB, of IPv4 and of any other family', () => {
  assert.deepEqual(recordsOfParts({}), [{ log_type: 'end-of-rib', afi: 1, safi: 1 }])
  assert.deepEqual(recordsOfParts({ attributes: mpUnreach(25, 70) }), [{ log_type: 'end-of-rib', afi: 25, safi: 70 }])
  assert.deepEqual(recordsOfParts({ attributes: mpUnreach(9, 9) }), [{ log_type: 'end-of-rib', afi: 9, safi: 9 }])
  assert.deepEqual(recordsOfParts({ attributes: mandatory() }), [])
})

test('the example of RFC 6793: AS4_PATH fills what AS_PATH could not say', () => {
  const as2 = { ...PLAIN_SESSION, as4: false }
  const path2 = attribute(2, sequence([275, 250, 225, 23456, 23456, 200, 175], 2))
  const path4 = attribute(17, sequence([100_000, 90_000, 200, 175]))
  const records = recordsOfParts(
    { attributes: [...origin(), ...path2, ...nextHop('192.0.2.1'), ...path4], nlri: ONE },
    as2,
  )
  assert.deepEqual(records[0]?.as_path, [275, 250, 225, 100_000, 90_000, 200, 175])
  const longer = attribute(17, sequence([1, 2, 3, 4, 5, 6, 7, 8]))
  const ignored = recordsOfParts(
    { attributes: [...origin(), ...path2, ...nextHop('192.0.2.1'), ...longer], nlri: ONE },
    as2,
  )
  assert.deepEqual(ignored[0]?.as_path, [275, 250, 225, 23456, 23456, 200, 175])
})

test('AS4_AGGREGATOR counts where AGGREGATOR says AS_TRANS; elsewhere AS4_PATH is void as well', () => {
  const as2 = { ...PLAIN_SESSION, as4: false }
  const common = [...origin(), ...attribute(2, sequence([23456, 1], 2)), ...nextHop('192.0.2.1')]
  const as4 = [...attribute(17, sequence([70_000, 1])), ...attribute(18, [...u32(70_001), 10, 0, 0, 9])]
  const merged = recordsOfParts(
    { attributes: [...common, ...attribute(7, [...u16(23456), 10, 0, 0, 1]), ...as4], nlri: ONE },
    as2,
  )[0]
  assert.deepEqual([merged?.as_path, merged?.aggregator_as, merged?.aggregator_ip], [[70_000, 1], 70_001, '10.0.0.9'])
  const own = recordsOfParts(
    { attributes: [...common, ...attribute(7, [...u16(3), 10, 0, 0, 1]), ...as4], nlri: ONE },
    as2,
  )[0]
  assert.deepEqual([own?.as_path, own?.aggregator_as, own?.aggregator_ip], [[23456, 1], 3, '10.0.0.1'])
  // Between speakers of four octets neither counts.
  const new4 = recordsOfParts({ attributes: [...mandatory(), ...as4], nlri: ONE })[0]
  assert.deepEqual([new4?.as_path, new4?.aggregator_as], [[64500, 64501], undefined])
})

test('sets and confederations of a path', () => {
  const path = [3, 2, ...u32(65001), ...u32(65002), ...sequence([1, 2]), 1, 2, ...u32(3), ...u32(4), 4, 1, ...u32(5)]
  const records = recordsOfParts({
    attributes: [...origin(2), ...attribute(2, path), ...nextHop('10.0.0.1')],
    nlri: ONE,
  })
  assert.deepEqual(records[0]?.as_path, ['(65001 65002)', 1, 2, '{3,4}', '[5]'])
  assert.equal(records[0]?.origin, 'u')
})

test('a malformed attribute withdraws the routes, or is dropped, as its row says', () => {
  const withdraw: [number, number[]][] = [
    [1, [3]],
    [1, [0, 0]],
    [2, [9, 1, ...u32(1)]],
    [2, [2, 2, ...u32(1)]],
    [2, [2, 0]],
    [2, [2]],
    [3, [1, 2, 3]],
    [4, [1]],
    [5, [1, 2, 3]],
    [8, [1, 2, 3]],
    [8, []],
    [9, [1]],
    [10, []],
    [10, [1, 2, 3, 4, 5]],
    [16, [1, 2]],
    [22, [1]],
    [23, [0, 8, 0, 9]],
    [25, [1]],
    [32, [1]],
    [35, [1]],
  ]
  for (const [code, value] of withdraw) {
    const rest = [origin(), asPath(1), nextHop('192.0.2.1')].filter(octets => octets[1] !== code).flat()
    const [problems, routes] = problemsOf({ attributes: [...attribute(code, value), ...rest, ...V6], nlri: ONE })
    assert.match(String(problems), / treat-as-withdraw$/, `attribute ${code}`)
    assert.deepEqual(routes, ['withdraw 2001:db8::/32', 'withdraw 10.0.0.0/8'], `attribute ${code}`)
  }
  const discard: [number, number[]][] = [
    [6, [1]],
    [7, [1, 2, 3]],
    [18, [1]],
    [26, [1, 0, 9]],
    [29, [1]],
    [40, [1, 0, 3, 1, 2, 3]],
    [40, [1]],
  ]
  for (const [code, value] of discard) {
    const [problems, routes] = problemsOf({ attributes: [...mandatory(), ...attribute(code, value)], nlri: ONE })
    assert.match(String(problems), / attribute-discard$/, `attribute ${code}`)
    assert.deepEqual(routes, ['update 10.0.0.0/8'], `attribute ${code}`)
  }
})

test('wrong flags, missing and repeated attributes', () => {
  const wrongFlags = [...attribute(1, [0], 0xc0), ...asPath(1), ...nextHop('192.0.2.1')]
  assert.deepEqual(problemsOf({ attributes: wrongFlags, nlri: ONE }), [
    ['bgp/attribute-flags treat-as-withdraw'],
    ['withdraw 10.0.0.0/8'],
  ])
  for (const missing of [1, 2, 3]) {
    const attributes = [origin(), asPath(1), nextHop('192.0.2.1')].filter((_, at) => at !== missing - 1).flat()
    assert.deepEqual(problemsOf({ attributes, nlri: ONE }), [
      ['bgp/attribute-missing treat-as-withdraw'],
      ['withdraw 10.0.0.0/8'],
    ])
  }
  assert.deepEqual(problemsOf({ nlri: ONE }), [['bgp/attribute-missing treat-as-withdraw'], ['withdraw 10.0.0.0/8']])
  const twice = [...mandatory(), ...attribute(4, u32(1)), ...attribute(4, u32(2))]
  assert.deepEqual(problemsOf({ attributes: twice, nlri: ONE })[0], ['bgp/attribute-twice attribute-discard'])
  assert.equal(recordsOfParts({ attributes: twice, nlri: ONE })[0]?.med, 1)
})

test('an attribute that goes beyond the end: the routes that can be read are withdrawn', () => {
  const attributes = [...V6, ...mandatory(), 0x80, 4, 9, 0]
  assert.deepEqual(problemsOf({ attributes, nlri: ONE }), [
    ['bgp/attribute-length treat-as-withdraw'],
    ['withdraw 2001:db8::/32', 'withdraw 10.0.0.0/8'],
  ])
})

test('what ends the session', () => {
  assert.deepEqual(notificationOf(Uint8Array.of(0, 0)), [3, 1])
  assert.deepEqual(notificationOf(Uint8Array.of(0, 9, 0, 0)), [3, 1])
  assert.deepEqual(notificationOf(Uint8Array.of(0, 0, 0, 9)), [3, 1])
  assert.deepEqual(notificationOf(updateBody({ withdrawn: [33, 1, 2, 3, 4, 5] })), [3, 10])
  assert.deepEqual(notificationOf(updateBody({ attributes: mandatory(), nlri: [24, 1] })), [3, 10])
  assert.deepEqual(notificationOf(updateBody({ attributes: [...mandatory(), ...V6, ...V6] })), [3, 1])
  assert.deepEqual(
    notificationOf(updateBody({ attributes: [...mandatory(), ...mpReach(2, 1, [1, 2, 3], ONE)] })),
    [3, 9],
  )
  assert.deepEqual(
    notificationOf(updateBody({ attributes: [...mandatory(), ...attribute(14, [0, 2, 1, 16, 0])] })),
    [3, 9],
  )
  assert.deepEqual(notificationOf(updateBody({ attributes: attribute(15, [0, 2]) })), [3, 9])
  assert.deepEqual(notificationOf(updateBody({ attributes: [...mandatory(), ...attribute(99, [1], 0x40)] })), [3, 2])
})

test('unknown families and attributes do no harm', () => {
  const attributes = [...mandatory(), ...mpReach(1, 99, '192.0.2.1', [1, 2, 3]), ...attribute(99, [1, 255])]
  assert.deepEqual(problemsOf({ attributes, nlri: ONE }), [
    ['bgp/unknown-family attribute-discard'],
    ['update 10.0.0.0/8'],
  ])
  assert.equal(recordsOfParts({ attributes, nlri: ONE })[0]?.attr_99, '01ff')
})

test('equal attributes of several UPDATEs are one object', () => {
  const parts = { attributes: [...mandatory(), ...attribute(8, u32(0xfde80001))], nlri: ONE }
  assert.equal(readParts(parts).attributes, readParts({ ...parts, nlri: prefix('11.0.0.0/8') }).attributes)
  // Beside multiprotocol routes too; and never between sessions of different AS widths.
  const reach = (text: string) =>
    readParts({ attributes: [...mpReach(2, 1, '::1', prefix(text)), ...parts.attributes] })
  assert.equal(reach('2001::/16').attributes, reach('2002::/16').attributes)
  const empty = { attributes: [...origin(), ...asPath(), ...nextHop('192.0.2.1')], nlri: ONE }
  assert.notEqual(readParts(empty).attributes, readParts(empty, { ...PLAIN_SESSION, as4: false }).attributes)
})
