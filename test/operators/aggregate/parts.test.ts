// Sums of parts that are merged are the sums of the whole: the same rows, in the same order, late or not.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type NetRecord, recordBatch } from '../../../src/contract/record.ts'
import { aggregate } from '../../../src/operators/aggregate/aggregate.ts'
import type { AggregateOptions } from '../../../src/operators/aggregate/options.ts'
import { PartialSums } from '../../../src/operators/aggregate/partial.ts'
import { WholeSums } from '../../../src/operators/aggregate/whole.ts'
import { aggregateOptions } from '../../../src/runtime/aggregate-flags.ts'
import { DATAGRAM_NUMBER } from '../../../src/wire/flow/datagram-number.ts'
import { type Random, random } from '../../support/random.ts'
import { recordsOf, streamOf, TestHost } from '../../support/test-host.ts'

const START = 1_700_000_000
const BASE = { offset: '0', grace: '0', time: 'start', late: 'add', 'top-by': 'bytes', 'max-keys': 1_000_000 }

interface Datagram {
  readonly exporter: number
  /** Unix seconds: when it came. */
  readonly time: number
  readonly records: NetRecord[]
}

function makeRecord(chance: Random, time: number): NetRecord {
  // What was held for its template, or a capture that was put together badly: older than the datagram that it comes with.
  const arrival = chance.chance(0.05) ? time - chance.whole(20) : time
  return {
    timestamp_arrival: arrival,
    timestamp_start: arrival - chance.whole(chance.chance(0.1) ? 40 : 4),
    timestamp_end: arrival - chance.whole(3),
    ip_src: `10.0.0.${chance.whole(30)}`,
    ip_dst: chance.chance(0.1) ? `2001:db8::${chance.whole(9)}` : `10.1.0.${chance.whole(4)}`,
    as_path: chance.chance(0.2) ? [64_500, chance.whole(3)] : [],
    bytes: chance.chance(0.05) ? 2n ** 61n + BigInt(chance.whole(9)) : chance.whole(2 ** 40),
    packets: chance.whole(9),
    tcp_flags: 1 << chance.whole(8),
    port_dst: chance.whole(3000),
  }
}

function datagrams(chance: Random): Datagram[] {
  let time = START
  return Array.from({ length: 400 }, () => {
    time += chance.chance(0.1) ? chance.whole(9) : chance.whole(1000) / 1000
    const came = chance.chance(0.02) ? time - chance.whole(15) : time
    const records = Array.from({ length: chance.whole(8) }, () => makeRecord(chance, came))
    return { exporter: chance.whole(7), time: came, records }
  })
}

/** What the workers of a run see: each its datagrams, and the marks where they stand among all. */
class Parts {
  readonly sums: PartialSums[]
  readonly whole: WholeSums
  readonly host = new TestHost()
  readonly written: NetRecord[] = []
  #second = 0

  constructor(options: AggregateOptions, count: number) {
    this.sums = Array.from({ length: count }, () => new PartialSums(options, this.host))
    this.whole = new WholeSums(options, this.host)
  }

  #write(batches: Iterable<{ readonly records: NetRecord[] }>): void {
    for (const { records } of batches) this.written.push(...records)
  }

  #handOn(sums: PartialSums): void {
    // As if it had gone to another thread.
    for (const group of sums.handOn()) this.#write(this.whole.take(structuredClone(group)))
  }

  add({ exporter, time, records }: Datagram, number: number, handsOn: boolean): void {
    if (Math.floor(time) > this.#second) this.#mark(Math.floor(time))
    const sums = this.sums[exporter % this.sums.length] as PartialSums
    sums.add(
      recordBatch(
        records.map(record => ({ ...record, [DATAGRAM_NUMBER]: number })),
        time * 1000,
      ),
    )
    if (handsOn) this.#handOn(sums)
  }

  #mark(second: number): void {
    this.#second = second
    for (const sums of this.sums) if (sums.mark(second * 1e6)) this.#handOn(sums)
    this.#write(this.whole.mark(second * 1e6, false))
  }

  finish(): void {
    // The last worker may be the first that is done.
    for (const sums of this.sums.toReversed()) this.#handOn(sums)
    this.#write(this.whole.finish())
  }
}

const CASES: readonly { readonly [flag: string]: unknown }[] = [
  { by: ['src_host'] },
  { by: ['src_host', 'dst_host', 'as_path'], bin: '10s' },
  { by: ['dst_host'], bin: '10s', grace: '3s', late: 'drop' },
  { by: ['dst_host'], bin: '10s', grace: '13s', time: 'end' },
  { by: ['src_host'], bin: '5s', time: 'arrival', count: true, stitch: true },
  {
    by: ['src_host'],
    bin: '7s',
    offset: '2s',
    late: 'drop',
    min: ['bytes'],
    max: ['bytes', 'packets'],
    or: ['tcp_flags'],
  },
  { by: ['dst_host'], refresh: '8s', markers: true },
  { by: ['src_host'], bin: '20s', top: 3 },
  { by: ['src_host'], bin: '20s', preprocess: 'minp=9', 'preprocess-type': 'any', top: 5, 'top-by': 'packets' },
  { by: ['dst_host'], bin: '1M', distinct: ['port_dst', 'src_host'] },
  { by: ['as_path'], bin: '1m', align: 'h', distinct: ['src_host'] },
  { by: ['vlan'], distinct: ['bytes', 'src_host'] },
  { by: ['sum_host'], bin: '10s', late: 'drop', distinct: ['dst_host', 'as_path'], count: true },
  { by: ['sum_host', 'sum_port', 'as_path'], refresh: '8s' },
]

const COUNTERS = ['created', 'late', 'dropped/late', 'merged', 'held']

describe('parts merged are the whole', () => {
  for (const flags of CASES) {
    test(JSON.stringify(flags), async () => {
      for (let seed = 1; seed <= 12; seed++) {
        const chance = random(seed * 7919)
        const sent = datagrams(chance)
        const options = aggregateOptions({ ...BASE, ...flags })
        const host = new TestHost()
        const all = sent.flatMap(({ records }) => records)
        const expected = await recordsOf(aggregate(streamOf(all, 1 + chance.whole(500)), options, host))
        const parts = new Parts(options, 1 + (seed % 4))
        sent.forEach((datagram, index) => {
          parts.add(datagram, index + 1, chance.chance(0.02))
        })
        parts.finish()
        assert.deepEqual(parts.written, expected, `seed ${seed}`)
        const counted = COUNTERS.map(name => parts.host.counters[name] ?? 0)
        assert.deepEqual(
          counted,
          COUNTERS.map(name => host.counters[name] ?? 0),
          `counters, seed ${seed}`,
        )
      }
    })
  }
})
