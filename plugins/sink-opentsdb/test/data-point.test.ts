import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type DeliveryBatch, ProblemError, recordBatch } from 'netally'
import { allowed, DataPoints } from '../src/data-point.ts'
import { namedErrors } from '../src/http.ts'
import { opentsdbOptions } from '../src/options.ts'
import { errorsOf, putLine } from '../src/telnet.ts'

const parsed = (more: object = {}) => ({
  ...{ server: 'h.example', metric: 'netally.{value}', precision: 's', 'max-tags': 8, 'request-points': 50 },
  ...more,
})

function delivery(records: DeliveryBatch['records']): DeliveryBatch {
  const text = () => {
    throw new Error('not wanted here')
  }
  return {
    ...{
      id: 'run-1',
      attempt: 1,
      count: records.length,
      takenMs: 0,
      records,
      batches: () => [recordBatch([...records], 0)],
    },
    get octets(): Uint8Array {
      return text()
    },
    get lines(): string[] {
      return text()
    },
  }
}

const lines = (more: object, records: DeliveryBatch['records']) =>
  new DataPoints(opentsdbOptions(parsed(more))).of(delivery(records)).dataPoints.map(putLine)

it('a data point a counter, keys as tags, letters that OpenTSDB has not as _', () => {
  const record = { ip_src: '2001:db8::1', label: 'a b,ü', bytes: 2n ** 60n + 1n, packets: 3, stamp_inserted: 60 }
  assert.deepEqual(lines({}, [record]), [
    'put netally.bytes 60 1152921504606846977 ip_src=2001_db8__1 label=a_b_ü\n',
    'put netally.packets 60 3 ip_src=2001_db8__1 label=a_b_ü\n',
  ])
  assert.equal(allowed('a/b-c_d.e1'), 'a/b-c_d.e1')
})

it('metrics by a template; a tag where there is none', () => {
  assert.deepEqual(lines({ metric: 'net.{value}.sum', tags: 'none' }, [{ bytes: 1, stamp_inserted: 60 }]), [
    'put net.bytes.sum 60 1 source=netally\n',
  ])
  for (const metric of ['no.value', '{value}{value}', 'a b{value}']) {
    assert.throws(() => opentsdbOptions(parsed({ metric })), ProblemError, metric)
  }
})

it('what OpenTSDB cannot hold is refused with its reason, all of a record', () => {
  const of = (record: DeliveryBatch['records'][number]) =>
    new DataPoints(opentsdbOptions(parsed())).of(delivery([record])).rejected.map(({ reason }) => reason)
  assert.deepEqual(of({ as_src: 1, packets: 1, bytes: 2n ** 63n }), [
    'bytes: does not fit a number of 64 bits: 9223372036854775808',
  ])
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`k${n}`, n]))
  assert.match(of({ ...many, bytes: 1 })[0] ?? '', /9 tags, and OpenTSDB takes 8/)
  assert.throws(() => opentsdbOptions(parsed({ tags: 'a,b,c', 'max-tags': 2 })), ProblemError)
})

it('errors that an answer names are those of our points', () => {
  const records = [1, 2, 3].map(n => ({ as_src: n, ip_proto: 'tcp', bytes: n, stamp_inserted: 60 }))
  const { dataPoints } = new DataPoints(opentsdbOptions(parsed())).of(delivery(records))
  const error = (as_src: string) => ({
    datapoint: { metric: 'netally.bytes', timestamp: 60, value: '2', tags: { ip_proto: 'tcp', as_src } },
    error: 'Unknown metric',
  })
  const answer = (...errors: object[]) => ({ status: 400, headers: {}, text: JSON.stringify({ failed: 1, errors }) })
  assert.deepEqual(namedErrors(answer(error('2')), dataPoints), [
    { dataPoint: dataPoints[1], reason: 'Unknown metric' },
  ])
  assert.equal(namedErrors(answer(error('9')), dataPoints), undefined)
  assert.equal(namedErrors({ status: 400, headers: {}, text: 'no' }, dataPoints), undefined)
})

it('what telnet says', () => {
  assert.deepEqual(errorsOf('put: unknown metric: No such name\nnet.opentsdb built at revision x\nBuilt on y\n'), [
    'put: unknown metric: No such name',
  ])
})
