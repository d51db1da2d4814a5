import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Problem } from '../../src/contract/problem.ts'
import { fieldsOfElement, knownField } from '../../src/fields/dictionary.ts'
import { type AllowList, parseAllowList } from '../../src/maps/allow-list.ts'
import { definePrimitives, type Primitives, parsePrimitives } from '../../src/maps/primitives.ts'
import { parseSamplingMap, type SamplingMap } from '../../src/maps/sampling-map.ts'
import { parseDotted } from '../../src/octets/address.ts'

test('an allow file lists addresses and prefixes; what is not listed is denied', () => {
  const list = parseAllowList('! exporters\n192.168.0.1\n192.168.2.0/24\n\n2001:db8::/32\n', 'allow.lst') as AllowList
  assert.equal(list.size, 3)
  for (const allowed of ['192.168.0.1', '192.168.2.77', '2001:db8::1', '::ffff:192.168.2.1']) {
    assert.equal(list.allowsText(allowed), true, allowed)
  }
  for (const denied of ['192.168.0.2', '2001:db9::1', '', 'x']) assert.equal(list.allowsText(denied), false, denied)
  assert.equal(list.allows(4, [parseDotted('192.168.2.9')]), true)
})

test('an empty allow file denies all, 0.0.0.0/0 allows all of IPv4', () => {
  assert.equal((parseAllowList('! nothing\n', 'allow.lst') as AllowList).allowsText('192.0.2.1'), false)
  const list = parseAllowList('0.0.0.0/0', 'allow.lst') as AllowList
  assert.equal(list.allowsText('192.0.2.1'), true)
  assert.equal(list.allowsText('2001:db8::1'), false)
  assert.equal(list.allowsText('fe80::1%eth0'), false)
})

test('a line of an allow file that is no address is a problem', () => {
  assert.match(
    (parseAllowList('192.0.2.1\n192.0.2\n', 'allow.lst') as Problem).message,
    /^allow\.lst line 2: "192\.0\.2"/,
  )
})

test('sampling rates by exporter and interface, the first row that fits', () => {
  const map = parseSamplingMap(
    'id=1024 ip=192.168.1.1\nid=2048 ip=192.168.2.1 in=5\nid=4096 ip=192.168.3.1 out=3\nid=7 ip=2001:db8::/32 in=-2',
    'sampling.map',
  ) as SamplingMap
  const rate = (address: string, ifaceIn: number, ifaceOut: number) =>
    map.rate(4, Uint32Array.of(parseDotted(address), 0, 0, 0), 0, ifaceIn, ifaceOut)
  assert.equal(rate('192.168.1.1', 1, 2), 1024)
  assert.equal(rate('192.168.2.1', 5, 2), 2048)
  assert.equal(rate('192.168.2.1', 6, 2), 0)
  assert.equal(rate('192.168.3.1', 6, 3), 4096)
  assert.equal(rate('192.168.3.1', 6, Number.NaN), 0)
  assert.equal(map.rate(6, Uint32Array.of(9, 0x20010db8, 0, 0, 1), 1, 1, 0), 7)
  assert.equal(map.rate(6, Uint32Array.of(9, 0x20010db8, 0, 0, 1), 1, 2, 0), 0)
})

test('a sampling map says id and ip, nothing else sets or matches', () => {
  for (const [row, message] of [
    ['id=0 ip=192.0.2.1', /from 1 on/],
    ['id=5', /no "ip"/],
    ['ip=192.0.2.1', /no "id"/],
    ['id=5 ip=192.0.2.1 vlan=3', /no such key/],
  ] as const) {
    assert.match((parseSamplingMap(row, 'sampling.map') as Problem).message, message)
  }
})

test("pmacct's aggregate_primitives", () => {
  const { primitives, unused } = parsePrimitives(
    [
      'name=mtla field_type=47 len=4 semantics=ip',
      'name=alu_91 field_type=637:91 len=2 semantics=hex',
      'name=ttl packet_ptr=l3:0x800+8 packet_ptr=l3:0x86dd+7 len=1 semantics=u_int',
      'name=user field_type=371 len=vlen semantics=str',
    ].join('\n'),
    'primitives.lst',
  ) as Primitives
  assert.deepEqual(
    primitives.map(({ name, row }) => [name, row.type, row.elements]),
    [
      ['mtla', 'address', [{ id: 47, pen: 0 }]],
      ['alu_91', 'any', [{ id: 91, pen: 637 }]],
      ['user', 'text', [{ id: 371, pen: 0 }]],
    ],
  )
  assert.deepEqual(
    unused.map(({ code, message }) => [code, message.slice(0, 23)]),
    [['maps/packet-pointer', 'primitives.lst line 3: ']],
  )
})

test('elements as CSV, with a header or without', () => {
  const { primitives } = parsePrimitives(
    'name,pen,element,type,summary\nvendor_color,32473,7,unsigned,"red, green"\nnote,32473,8,str\n',
    'elements.csv',
  ) as Primitives
  assert.deepEqual(
    primitives.map(({ name, row }) => [name, row.type, row.elements?.[0]?.pen]),
    [
      ['vendor_color', 'unsigned', 32473],
      ['note', 'text', 32473],
    ],
  )
  assert.equal(primitives[1]?.row.summary, 'user-defined, element 32473/8')
})

test('primitives that cannot be read', () => {
  for (const [text, message] of [
    ['name=x field_type=47 semantics=blob', /semantics is one of/],
    ['field_type=47 semantics=ip', /no "name"/],
    ['name=x semantics=ip', /no "field_type"/],
    ['name=x field_type=0 semantics=ip', /no element/],
    ['name=x field_type=47 semantics=ip len=0', /len=0/],
    ['name=x y=2', /no such key/],
    ['name=x packet_ptr=l9:3 semantics=ip', /packet_ptr/],
    ['9x,0,47,address', /cannot name/],
    ['x,0,47,blob', /no type/],
    ['x,-1,47,address', /enterprise/],
  ] as const) {
    assert.match((parsePrimitives(text, 'p.lst') as Problem).message, message, text)
  }
})

test('defined primitives are fields, but not over a field of another type', () => {
  const good = parsePrimitives('name=vendor_speed field_type=32473:99 len=4 semantics=u_int', 'p.lst') as Primitives
  assert.equal(definePrimitives(good), undefined)
  assert.equal(knownField('vendor_speed')?.type.name, 'unsigned')
  assert.deepEqual(
    fieldsOfElement(32473, 99).map(field => field.name),
    ['vendor_speed'],
  )
  const taken = parsePrimitives('name=ip_src field_type=8 len=4 semantics=u_int', 'p.lst') as Primitives
  assert.match(definePrimitives(taken)?.message ?? '', /^p\.lst line 1: .*ip_src/)
})
