import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fieldOf, type Point, ProblemError, type SeriesValue } from 'netally'
import { authorization, writePath } from '../src/address.ts'
import { escapedKey, INFLUX_TAGS, LineWriter, Unwritable } from '../src/line.ts'
import { influxdbOptions } from '../src/options.ts'

const about = (name: string, kind: SeriesValue['kind']): SeriesValue => ({
  name,
  kind,
  role: 'sum',
  field: fieldOf(name),
})
const point = (values: Point['values'], tags = ''): Point => ({ tags, values, timeUs: 0, occurrence: 0, records: [0] })

it('keys and tags: what the protocol has letters for, and what it has not', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['plain', 'plain'],
    ['a b,c=d', 'a\\ b\\,c\\=d'],
    ['2001:db8::1', '2001:db8::1'],
    ['back\\slash', 'back\\slash'],
    // A backslash there would take the next letter with it.
    ['end\\', 'end\\\\'],
    ['a\\ b', 'a\\\\\\ b'],
    ['two\nlines', 'two\\ lines'],
    ['ünï', 'ünï'],
  ]
  for (const [text, escaped] of cases) assert.equal(escapedKey(text), escaped, text)
  assert.equal(INFLUX_TAGS.piece('label', 'a b'), ',label=a\\ b')
})

it('numbers stay exact to the last of 64 bits; what does not fit is told', () => {
  const writer = new LineWriter('m', false)
  const line = (value: Point['values'][number]) => writer.line(point([value], ',a=1'), [about('bytes', 'whole')], '7')
  assert.equal(line(0), 'm,a=1 bytes=0i 7')
  assert.equal(line(2n ** 63n - 1n), 'm,a=1 bytes=9223372036854775807i 7')
  assert.throws(() => line(2n ** 63n), Unwritable)
  assert.throws(() => line(1.5), Unwritable)
  assert.throws(() => line('x'), Unwritable)
  const unsigned = new LineWriter('m', true)
  assert.equal(
    unsigned.line(point([2n ** 64n - 1n]), [about('bytes', 'whole')], '7'),
    'm bytes=18446744073709551615u 7',
  )
  assert.throws(() => unsigned.line(point([-1]), [about('bytes', 'whole')], '7'), Unwritable)
})

it('fields of other kinds', () => {
  const writer = new LineWriter('my flows, 1=2', false)
  const line = writer.line(
    point([1.5, 'a "b" \\ c', undefined, [1, 'x']]),
    [about('loss', 'real'), about('text one', 'any'), about('gone', 'whole'), about('list', 'any')],
    '9',
  )
  assert.equal(line, 'my\\ flows\\,\\ 1=2 loss=1.5,text\\ one="a \\"b\\" \\\\ c",list="1 x" 9')
})

const parsed = (more: object) => ({
  server: 'http://h.example',
  database: 'netally',
  measurement: 'm',
  precision: 'ns',
  ...more,
})

it('addresses of InfluxDB 1, 2 and 3', () => {
  const path = (more: object) => writePath(influxdbOptions(parsed(more)))
  assert.equal(path({}), '/write?db=netally')
  assert.equal(path({ precision: 's', 'retention-policy': 'week' }), '/write?db=netally&rp=week&precision=s')
  assert.equal(path({ bucket: 'b c', org: 'o', precision: 'ms' }), '/api/v2/write?bucket=b+c&org=o&precision=ms')
  assert.equal(path({ api: '3' }), '/api/v3/write_lp?db=netally&precision=nanosecond')
  assert.equal(path({ server: 'https://h.example/influx/' }), '/influx/write?db=netally')
})

it('tokens', () => {
  process.env.NETALLY_INFLUXDB_TOKEN = 'secret'
  try {
    assert.deepEqual(authorization(influxdbOptions(parsed({ bucket: 'b' }))), { authorization: 'Token secret' })
    assert.deepEqual(authorization(influxdbOptions(parsed({ api: '3' }))), { authorization: 'Bearer secret' })
  } finally {
    delete process.env.NETALLY_INFLUXDB_TOKEN
  }
})

it('flags that do not go together', () => {
  assert.throws(() => influxdbOptions(parsed({ api: '2' })), ProblemError)
  assert.throws(() => influxdbOptions(parsed({ unsigned: true })), ProblemError)
})
