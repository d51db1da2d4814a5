// Records to points of time series: tags, values, times, and that no point takes the place of another.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NetRecord } from '../../src/contract/record.ts'
import { seriesFields, seriesOptions } from '../../src/runtime/series-flags.ts'
import { lineEnds, Parcel } from '../../src/sinks/delivery/parcel.ts'
import { isolate } from '../../src/sinks/series/isolate.ts'
import type { TagStyle } from '../../src/sinks/series/options.ts'
import { rejectedRecords, SeriesPoints } from '../../src/sinks/series/points.ts'
import { Slots } from '../../src/sinks/series/slots.ts'
import { jsonText } from '../../src/stream/json.ts'

const STYLE: TagStyle = { name: name => name, piece: (name, text) => `${name}=${text};` }

const asRecords = (records: readonly NetRecord[]) => new Parcel('run-1', 5000, records)
function asText(records: readonly NetRecord[]): Parcel {
  const octets = new TextEncoder().encode(records.map(record => `${jsonText(record)}\n`).join(''))
  return new Parcel('run-1', 5000, { octets, ends: lineEnds(octets, records.length) })
}

const points = (flags: { readonly [name: string]: unknown }, records: readonly NetRecord[], form = asRecords) =>
  new SeriesPoints(seriesOptions(flags), STYLE).of(form(records))

const ROWS: readonly NetRecord[] = [
  {
    as_src: 64_500,
    ip_dst: '2001:db8::1',
    ip_proto: 'tcp',
    as_path: [1, 2],
    packets: 1,
    bytes: 10,
    stamp_inserted: 60,
  },
  { as_src: 64_500, ip_dst: '192.0.2.1', packets: 2, bytes: 2n ** 60n + 1n, stamp_inserted: 60, timestamp_start: 1 },
  { as_src: 64_501, bytes: 7, timestamp_arrival: 61.25 },
]

describe('points', () => {
  for (const [form, make] of [
    ['objects', asRecords],
    ['text', asText],
  ] as const) {
    it(`of ${form}: keys are tags in the order of their names, counters are values, the bin is the time`, () => {
      const made = points({}, ROWS, make)
      assert.deepEqual(
        made.points.map(({ tags, timeUs, values }) => ({ tags, timeUs, values })),
        [
          { tags: 'as_path=1 2;as_src=64500;ip_dst=2001:db8::1;ip_proto=tcp;', timeUs: 60e6, values: [1, 10] },
          { tags: 'as_src=64500;ip_dst=192.0.2.1;', timeUs: 60e6, values: [2, 2n ** 60n + 1n] },
          { tags: 'as_src=64501;', timeUs: 61.25e6, values: [undefined, 7] },
        ],
      )
      assert.deepEqual(made.rejected, [])
    })

    it(`of ${form}: those of the same tags and time are one, added up exactly`, () => {
      const made = points({ tags: 'src_as', values: 'bytes' }, [...ROWS, ...ROWS], make)
      assert.deepEqual(
        made.points.map(({ tags, values, records }) => ({ tags, values, records })),
        [
          { tags: 'as_src=64500;', values: [2n * (2n ** 60n + 11n)], records: [0, 1, 3, 4] },
          { tags: 'as_src=64501;', values: [14], records: [2, 5] },
        ],
      )
    })

    it(`of ${form}, many batches: records keep their numbers`, () => {
      const many = Array.from({ length: 1300 }, (_, n) => ({ tag: n, bytes: n, stamp_inserted: 60 }))
      const made = points({ tags: 'tag', values: 'bytes' }, many, make)
      assert.deepEqual(
        made.points.map(({ records, values }) => [records[0], values[0]]),
        many.map(({ tag }) => [tag, tag]),
      )
    })
  }

  it('least and greatest are kept as such', () => {
    const records = [
      { bytes_min: 3, bytes_max: 3, records: 1, tcp_flags: 2 },
      { bytes_min: 2, bytes_max: 9, records: 4, tcp_flags: 16 },
    ]
    const { values } =
      points({ tags: 'none', values: 'bytes_min,bytes_max,records,tcp_flags' }, records).points[0] ?? {}
    assert.deepEqual(values, [2, 9, 5, 18])
  })

  it('a value that cannot be added up keeps points apart', () => {
    const made = points({ tags: 'none', values: 'rtt' }, [{ rtt: 5 }, { rtt: 6 }])
    assert.deepEqual(
      made.points.map(({ occurrence, values }) => [occurrence, values[0]]),
      [
        [0, 5],
        [1, 6],
      ],
    )
  })

  it('a record without a value is refused; one without a time has that of its delivery', () => {
    const made = points({}, [{ as_src: 1 }, { as_src: 2, bytes: 1 }])
    assert.deepEqual(
      made.rejected.map(({ index }) => index),
      [0],
    )
    assert.deepEqual(
      made.points.map(({ timeUs }) => timeUs),
      [5_000_000],
    )
  })

  it('--time, --with; a field of the same name wins', () => {
    const made = points({ time: 'timestamp_start', with: ['site=fra 1', 'as_src=0'] }, [ROWS[1] as NetRecord])
    assert.deepEqual(
      made.points.map(({ tags, timeUs }) => [tags, timeUs]),
      [['as_src=64500;ip_dst=192.0.2.1;site=fra 1;', 1e6]],
    )
    assert.throws(() => seriesOptions({ with: ['site'] }))
  })

  it('refused points are the records they were made of', () => {
    const { points: made } = points({ tags: 'none', values: 'bytes' }, [{ bytes: 1 }, { bytes: 2 }])
    const refused = made.map(point => ({ point, reason: 'no' }))
    assert.deepEqual(
      rejectedRecords(refused).map(({ index }) => index),
      [0, 1],
    )
  })

  it('which fields are read', () => {
    assert.equal(seriesFields(seriesOptions({ tags: 'as_src' })), undefined)
    assert.deepEqual(seriesFields(seriesOptions({ tags: 'src_as', values: 'bytes', time: 'timestamp' })), [
      'as_src',
      'bytes',
      'timestamp',
    ])
  })
})

describe('slots', () => {
  it('a delivery has the same place whenever it comes, and each another', () => {
    const slots = new Slots('ns')
    const texts = Array.from({ length: 2000 }, (_, n) => slots.of(`0123456789ab-${n}`)(60e6, 0))
    assert.equal(new Set(texts).size, 2000)
    assert.ok(texts.every(text => /^60\d{9}$/.test(text)))
    assert.equal(new Slots('ns').of('0123456789ab-1999')(60e6, 0), texts[1999])
    assert.notEqual(slots.of('0123456789ab-1')(60e6, 1), texts[1])
  })

  it('those that came shortly before keep their places where there are few', () => {
    const slots = new Slots('ms')
    // Places in a spool are octets: some are the same by chance.
    const ids = Array.from({ length: 400 }, (_, n) => `01234567-1-${n * 7919}`)
    const texts = ids.map(id => slots.of(id)(60e6, 0))
    assert.equal(new Set(texts).size, 400)
    assert.deepEqual(
      ids.map(id => slots.of(id)(60e6, 0)),
      texts,
    )
  })

  it('times that are no whole seconds', () => {
    const [ns, us, ms, s] = (['ns', 'us', 'ms', 's'] as const).map(unit => new Slots(unit).of('a-1')(61_234_567, 0))
    assert.match(String(ns), /^61234567\d{3}$/)
    assert.match(String(us), /^61234\d{3}$/)
    assert.match(String(ms), /^61\d{3}$/)
    assert.equal(s, '61')
  })
})

describe('isolate', () => {
  const bad = new Set([3, 77, 78])
  const numbers = Array.from({ length: 100 }, (_, n) => n)

  it('finds what is refused, in a few requests', async () => {
    let requests = 0
    const refused = await isolate(numbers, async part => {
      requests++
      return part.some(n => bad.has(n)) ? { reason: 'bad' } : undefined
    })
    assert.deepEqual(
      refused.map(({ item }) => item).sort((a, b) => a - b),
      [...bad],
    )
    assert.ok(requests < 40, `${requests}`)
  })

  it('asks no more where all are refused', async () => {
    let requests = 0
    const refused = await isolate(numbers, async () => {
      requests++
      return { reason: 'all', isAll: true }
    })
    assert.equal(refused.length, 100)
    assert.equal(requests, 1)
  })
})
