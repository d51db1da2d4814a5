// Seeded randomness for property tests: the same every run.
import type { NetRecord, Value } from '../../src/contract/record.ts'

export interface Random {
  /** 0 <= n < below */
  whole(below: number): number
  pick<Item>(items: readonly Item[]): Item
  chance(probability: number): boolean
}

/** xorshift32; good enough to choose cases. */
export function random(seed: number): Random {
  let state = seed | 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  return {
    whole: below => Math.floor(next() * below),
    pick: items => items[Math.floor(next() * items.length)] as (typeof items)[number],
    chance: probability => next() < probability,
  }
}

const ODD_VALUES: readonly Value[] = [
  '',
  'x',
  null,
  true,
  -1,
  0.1,
  1e300,
  2n ** 60n,
  [1, 'a'],
  { a: [1] },
  'é"\\\n',
  '10.0.0.256',
]

/** A value of a field's type, now and then one that does not fit it. */
export function randomValue(type: string, { whole, pick, chance }: Random): Value {
  if (chance(0.08)) return pick(ODD_VALUES)
  switch (type) {
    case 'unsigned':
      return pick([
        0,
        1,
        9,
        10,
        255,
        9999,
        10_000,
        65_535,
        65_536,
        99_999_999,
        100_000_000,
        2 ** 32 - 1,
        2 ** 32,
        whole(1e6),
      ])
    case 'counter':
      return pick([0, whole(1e9), 2 ** 53 - 1, 2 ** 52, 2n ** 63n, whole(100)])
    case 'real':
      return pick([0, -1.5, 52.37, whole(1000) / 7])
    case 'time':
      return pick([
        0,
        1,
        1767571200,
        1767571200.5,
        1767571200.123456,
        1767571199.000001,
        999_999_999.25,
        whole(2e9) + 0.5,
      ])
    case 'address':
      return pick([
        '10.0.0.1',
        '192.0.2.255',
        '0.0.0.0',
        '255.255.255.255',
        '2001:db8::1',
        '::',
        '::1',
        '::ffff:10.0.0.1',
        'fe80::1:0:0:1',
        '1:2:3:4:5:6:7:8',
      ])
    case 'mac':
      return pick(['00:11:22:33:44:55', 'ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00'])
    case 'protocol':
      return pick(['tcp', 'udp', 'icmp', 'ipv6-icmp', 'mobility-header', '255', '143'])
    case 'etype':
      return pick(['800', '86dd', '806', '0', 'ffff'])
    case 'direction':
      return pick(['i', 'e', 'u'])
    case 'text':
      return pick(['', 'a', 'Gi0/0/0', 'größe', 'quote"d', 'x'.repeat(300)])
    default:
      return pick<Value>([[], [1, 2], ['a', 'b'], 'text', 7, { k: 'v' }])
  }
}

/** A record with some of the fields. */
export function randomRecord(fields: readonly { name: string; type: { name: string } }[], source: Random): NetRecord {
  const record: NetRecord = {}
  for (const { name, type } of fields) if (source.chance(0.8)) record[name] = randomValue(type.name, source)
  return record
}
