import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fieldOf, type NetRecord, ProblemError } from 'netally'
import { druidOptions } from '../src/options.ts'
import { dataSchema, druidColumns, misfit, namedColumns } from '../src/schema.ts'
import { batchTask, supervisorSpec } from '../src/spec.ts'

const parsed = (more: object) => ({
  server: 'http://127.0.0.1',
  datasource: 'netally',
  'segment-granularity': 'day',
  'query-granularity': 'none',
  'roll-up': true,
  brokers: '127.0.0.1:9092',
  tasks: 1,
  replicas: 1,
  ...more,
})
const shapeOf = (more: object) => druidOptions(parsed(more)).shape
const columnsOf = (names: readonly string[], more: object = {}) => druidColumns(names.map(fieldOf), shapeOf(more))
const namesOf = (names: readonly string[], more: object = {}) =>
  columnsOf(names, more).map(({ name, kind, aggregator = '' }) => `${name} ${kind}${aggregator}`)

it('counters are rolled up by their role, all else are dimensions, the bin is the time', () => {
  assert.deepEqual(
    namesOf([
      'ip_src',
      'as_path',
      'port_dst',
      'bytes',
      'timestamp_min',
      'timestamp_max',
      'tcp_flags',
      'stamp_inserted',
    ]),
    [
      'ip_src string',
      'as_path list',
      'port_dst long',
      'bytes longSum',
      'timestamp_min doubleMin',
      'timestamp_max doubleMax',
      'tcp_flags long',
    ],
  )
})

it('--by and --metrics leave others out; pmacct primitives mean fields', () => {
  const fields = ['ip_src', 'as_src', 'bytes', 'packets']
  assert.deepEqual(namesOf(fields, { by: 'src_as' }), ['as_src long', 'bytes longSum', 'packets longSum'])
  assert.deepEqual(namesOf(fields, { metrics: 'bytes' }), ['ip_src string', 'as_src long', 'bytes longSum'])
  assert.deepEqual(namesOf(fields, { by: 'src_as', metrics: 'bytes' }), ['as_src long', 'bytes longSum'])
})

it('a counter named by --by is a dimension', () => {
  assert.deepEqual(namesOf(['bytes', 'packets'], { by: 'bytes' }), ['bytes long', 'packets longSum'])
})

it('what Druid would store as something else is no row', () => {
  const columns = columnsOf(['tag', 'bytes', 'label', 'timestamp_start'])
  const why = (record: NetRecord) => misfit(record, columns)
  assert.equal(why({ tag: 1, bytes: 2n ** 63n - 1n, label: 5, timestamp_start: 1.5 }), undefined)
  assert.equal(why({ tag: null }), undefined)
  assert.equal(why({ bytes: 2n ** 63n }), 'bytes "9223372036854775808" is no long')
  assert.equal(why({ tag: 'x' }), 'tag "x" is no long')
  assert.equal(why({ tag: 1.5 }), 'tag "1.5" is no long')
  assert.equal(why({ timestamp_start: 'now' }), 'timestamp_start "now" is no double')
})

it('the spec of a supervisor', () => {
  const { shape, kafka } = druidOptions(
    parsed({ by: 'src_as,dst_as', topic: 'sums', 'query-granularity': 'five_minute' }),
  )
  const columns = namedColumns(shape, ['packets', 'bytes'])
  assert.partialDeepStrictEqual(supervisorSpec(shape, kafka, columns, 'stamp_inserted'), {
    type: 'kafka',
    spec: {
      dataSchema: {
        timestampSpec: { column: 'stamp_inserted', format: 'posix' },
        dimensionsSpec: {
          dimensions: [
            { type: 'long', name: 'as_src' },
            { type: 'long', name: 'as_dst' },
          ],
        },
        metricsSpec: [
          { type: 'longSum', name: 'packets', fieldName: 'packets' },
          { type: 'longSum', name: 'bytes', fieldName: 'bytes' },
        ],
        granularitySpec: { segmentGranularity: 'DAY', queryGranularity: 'FIVE_MINUTE', rollup: true },
      },
      ioConfig: { topic: 'sums', consumerProperties: { 'bootstrap.servers': '127.0.0.1:9092' } },
    },
  })
})

it('a task has the id that it is given, and its rows', () => {
  const shape = shapeOf({ 'roll-up': false })
  const columns = columnsOf(['as_path', 'bytes'])
  assert.partialDeepStrictEqual(batchTask('t', shape, columns, '{}\n{}'), {
    id: 't',
    spec: { ioConfig: { inputSource: { data: '{}\n{}' }, appendToExisting: true } },
  })
  assert.partialDeepStrictEqual(dataSchema(columns, shape), {
    dimensionsSpec: { dimensions: [{ type: 'string', name: 'as_path', multiValueHandling: 'ARRAY' }] },
    granularitySpec: { rollup: false },
  })
})

it('names that no data source has', () => {
  for (const datasource of ['', 'a b', '../x', '1x']) {
    assert.throws(
      () => druidOptions(parsed({ datasource })),
      error => error instanceof ProblemError && error.problem.code === 'usage/bad-datasource',
    )
  }
})
