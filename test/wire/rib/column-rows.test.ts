import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type NetRecord, recordBatch, type Value } from '../../../src/contract/record.ts'
import { ColumnBatch } from '../../../src/fields/batch.ts'
import { makeColumn, putValue } from '../../../src/fields/column.ts'
import { fieldOf } from '../../../src/fields/dictionary.ts'
import { answer } from '../../../src/wire/rib/answer.ts'
import { Rib } from '../../../src/wire/rib/rib.ts'
import { random as randomOf } from '../../support/random.ts'

const NAMES = [
  'seq',
  'log_type',
  'timestamp',
  'peer_ip_src',
  'event_type',
  'afi',
  'safi',
  'bgp_nexthop',
  'as_path',
  'origin',
  'med',
  'ip_prefix',
  'as_path_id',
  'rd',
  'mpls_label',
  'evpn_route_type',
]

/** The records as a decoder gives them; every other row is left out, as a filter does. */
function columnsOf(records: readonly NetRecord[]): ColumnBatch {
  const fields = NAMES.map(fieldOf)
  const columns = fields.map(field => makeColumn(field))
  records.forEach((record, index) => {
    fields.forEach((field, place) => {
      putValue(field, columns[place] as (typeof columns)[number], 2 * index, record[field.name])
    })
  })
  return new ColumnBatch(
    { fields },
    columns,
    Int32Array.from(records, (_, index) => 2 * index),
    records.length,
    0,
  )
}

interface Kept {
  readonly counts: { readonly [name: string]: number }
  readonly routes: string
  readonly seq: number
  readonly texts: number
}

function kept(batches: readonly (readonly NetRecord[])[], form: (records: readonly NetRecord[]) => unknown): Kept {
  const counts: { [name: string]: number } = {}
  const rib = new Rib((name, by = 1) => {
    counts[name] = (counts[name] ?? 0) + by
  })
  for (const records of batches) rib.take(form(records) as ColumnBatch)
  const routes = [...answer(rib, { match: 'exact' }, Number.POSITIVE_INFINITY)].map(piece =>
    Buffer.from(piece).toString(),
  )
  return { counts, routes: routes.join(''), seq: rib.seq, texts: rib.table.texts.count }
}

/** The same, key for key. */
const asRecords = (records: readonly NetRecord[]) => recordBatch(columnsOf(records).records, 0)

test('a table is the same from columns and from records', () => {
  const random = randomOf(64_500)
  const { pick, chance } = random
  const paths: Value[] = [[64_496], [64_496, 64_497], [64_499]]
  const prefixes = [
    '10.0.0.0/8',
    '10.1.0.0/16',
    '192.0.2.0/24',
    '2001:db8::/32',
    '0.0.0.0/0',
    '10.0.0.1/8',
    'none',
    'é/8',
  ]
  const makers: { readonly [name: string]: () => Value | undefined } = {
    log_type: () => pick(['update', 'update', 'update', 'withdraw', 'end-of-rib']),
    timestamp: () => 1_767_225_600 + pick([0, 0.5]),
    peer_ip_src: () => pick(['192.0.2.1', '2001:db8::1', '192.0.2.2']),
    event_type: () => (chance(0.05) ? pick(['log_init', 'log_close']) : 'log'),
    afi: () => 1,
    safi: () => 1,
    as_path: () => pick(paths),
    bgp_nexthop: () =>
      pick<Value | undefined>([undefined, '192.0.2.9', '2001:db8::9', '2001:db8::8', 'nowhere', 'there']),
    med: () => pick<Value | undefined>([undefined, undefined, 5, 6, 'high', 2n ** 60n]),
    rd: () => (chance(0.1) ? pick(['0:64496:1', '0:64496:2']) : undefined),
    evpn_route_type: () => (chance(0.1) ? 5 : undefined),
  }
  let common: NetRecord = {}
  const change = (name: string): void => {
    const { [name]: _before, ...rest } = common
    const value = makers[name]?.()
    common = value === undefined ? rest : { ...rest, [name]: value }
  }
  const next = (seq: number): NetRecord => {
    if (seq === 0 || chance(0.1)) for (const name of Object.keys(makers)) change(name)
    // One value alone: it must be seen.
    else if (chance(0.4)) change(pick(Object.keys(makers)))
    return {
      ...(chance(0.9) ? { seq: pick<Value>([seq, seq, seq, 1.5, -1]) } : {}),
      ...common,
      ...(chance(0.95) ? { ip_prefix: pick(prefixes) } : {}),
      ...(chance(0.3) ? { as_path_id: pick<Value>([1, 2, 4_294_967_295, '7']) } : {}),
      ...(chance(0.05) ? { mpls_label: pick([16, 17]) } : {}),
    }
  }
  for (let round = 0; round < 60; round++) {
    const batches = Array.from({ length: 3 }, (_, part) =>
      Array.from({ length: 40 }, (_, index) => next(40 * part + index)),
    )
    assert.deepEqual(kept(batches, columnsOf), kept(batches, asRecords))
  }
})
