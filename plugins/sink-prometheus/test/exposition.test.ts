import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type DeliveryBatch, ProblemError, recordBatch } from 'netally'
import { Exposition, formWanted } from '../src/exposition.ts'
import { labelName, labelPairs, metricName, PLAIN_LABELS } from '../src/names.ts'
import { prometheusOptions } from '../src/options.ts'

const parsed = (more: object = {}) => ({ listen: '0', prefix: 'netally_', cardinality: 1000, expire: '1h', ...more })

/** As much of a delivery as is read. */
const delivery = (records: DeliveryBatch['records']): DeliveryBatch =>
  Object.assign(Object.create(null), {
    id: 'run-1',
    takenMs: 0,
    count: records.length,
    batches: () => [recordBatch([...records], 0)],
  })

const made = (more: object = {}) => new Exposition(prometheusOptions(parsed(more)))

describe('exposition', () => {
  it('counters with HELP and TYPE of the field, exact at any size', () => {
    const exposition = made({ tags: 'src_as', values: 'bytes' })
    exposition.take(
      delivery([
        { as_src: 64_500, bytes: 2n ** 60n },
        { as_src: 64_501, bytes: 7 },
      ]),
      0,
    )
    exposition.take(delivery([{ as_src: 64_500, bytes: 1 }]), 0)
    assert.equal(
      exposition.text('text', 0),
      `# HELP netally_bytes_total octets
# TYPE netally_bytes_total counter
netally_bytes_total{as_src="64500"} 1152921504606846977
netally_bytes_total{as_src="64501"} 7
`,
    )
    assert.equal(
      exposition.text('openmetrics', 0),
      `# HELP netally_bytes octets
# TYPE netally_bytes counter
netally_bytes_total{as_src="64500"} 1152921504606846977
netally_bytes_total{as_src="64501"} 7
# EOF
`,
    )
  })

  it('labels are escaped; no labels, no braces', () => {
    const exposition = made({ tags: 'label', values: 'packets', with: ['site=a"b'] })
    exposition.take(delivery([{ label: 'a "b" \\ c\nd', packets: 1 }]), 0)
    assert.match(exposition.text('text', 0), /^netally_packets_total\{label="a \\"b\\" \\\\ c\\nd",site="a\\"b"\} 1$/m)
    const bare = made({ tags: 'none', values: 'packets' })
    bare.take(delivery([{ packets: 1 }, { packets: 2 }]), 0)
    assert.match(bare.text('text', 0), /^netally_packets_total 3$/m)
  })

  it('what is beyond the limit of series is summed in one, and counted', () => {
    const exposition = made({ tags: 'tag', values: 'bytes', cardinality: 2 })
    const records = Array.from({ length: 10 }, (_, n) => ({ tag: n, bytes: 10 + n }))
    exposition.take(delivery(records), 0)
    exposition.take(delivery(records), 0)
    assert.deepEqual(exposition.text('text', 0).split('\n').slice(2, -1), [
      'netally_bytes_total{tag="0"} 20',
      'netally_bytes_total{tag="1"} 22',
      'netally_bytes_total{other="true"} 248',
    ])
    assert.equal(exposition.beyond, 16)
    assert.equal(exposition.series, 3)
  })

  it('series that nothing comes for go away', () => {
    const exposition = made({ tags: 'tag', values: 'bytes', expire: '10s' })
    exposition.take(
      delivery([
        { tag: 1, bytes: 1 },
        { tag: 2, bytes: 1 },
      ]),
      0,
    )
    exposition.take(delivery([{ tag: 2, bytes: 1 }]), 8000)
    assert.deepEqual(exposition.text('text', 12_000).split('\n').slice(2, -1), ['netally_bytes_total{tag="2"} 2'])
    assert.equal(exposition.expired, 1)
  })

  it('least and greatest are gauges, never named as counters', () => {
    const exposition = made({ tags: 'none', values: 'bytes_max,bytes_total' })
    exposition.take(delivery([{ bytes_max: 5, bytes_total: 8 }]), 0)
    const text = exposition.text('text', 0)
    assert.match(text, /# TYPE netally_bytes_max gauge\nnetally_bytes_max 5\n/)
    assert.match(text, /# TYPE netally_bytes_total_max gauge\nnetally_bytes_total_max 8\n/)
  })

  it('a value that is no number is refused', () => {
    assert.deepEqual(made().take(delivery([{ bytes: 'x' }]), 0), [{ index: 0, reason: 'bytes is no number' }])
  })
})

it('OpenMetrics for who would rather have it', () => {
  assert.equal(formWanted(undefined), 'text')
  assert.equal(formWanted('text/plain;version=0.0.4;q=0.5,*/*;q=0.1'), 'text')
  assert.equal(formWanted('application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5'), 'openmetrics')
  assert.equal(formWanted('application/openmetrics-text;q=0.2,text/plain;q=0.5'), 'text')
})

it('names', () => {
  assert.deepEqual(['as_src', 'a-b', '9x', '__name__', ''].map(labelName), ['as_src', 'a_b', '_9x', '_name__', '_'])
  assert.equal(metricName('netally_', 'bytes.in'), 'netally_bytes_in')
  assert.deepEqual(labelPairs(PLAIN_LABELS.piece('a', 'x=\u0000,"') + PLAIN_LABELS.piece('b', '')), [
    ['a', 'x= ,"'],
    ['b', ''],
  ])
})

it('one place to go to, and a prefix that can be one', () => {
  for (const wrong of [{ listen: undefined }, { server: 'http://h' }, { prefix: '9' }]) {
    assert.throws(() => prometheusOptions(parsed(wrong)), ProblemError)
  }
})
