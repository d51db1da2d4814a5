// Random records, with odd values among the good ones, and random filters that hold now and then.
import type { NetRecord, Value } from '../../src/contract/record.ts'

export type Random = () => number

/** Mulberry32: the same numbers on every run. */
export function randomFrom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)] as Item
}

const NUMBERS: Value[] = [0, 1, 5, 80, 64496, 64497, 2 ** 32, 2 ** 53 - 1, 2n ** 53n + 1n, 2n ** 64n - 1n, 1.5, -3]
const ADDRESSES = [
  '10.0.0.1',
  '10.0.0.2',
  '10.1.255.0',
  '0.0.0.0',
  '255.255.255.255',
  '::',
  '2001:db8::1',
  '2001:db8:1::',
  '::ffff:10.0.0.1',
  'fe80::1',
]
const MACS = ['00:11:22:33:44:55', 'ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01']
const PROTOCOLS = ['tcp', 'udp', 'icmp', 'ipv6-icmp', '253']
const TEXTS = ['', 'north', 'north,south', '64496:1', '80', 'tcp', '10.0.0.1', '10.0.0.0/8']
const TIMES: Value[] = [1767225600, 1767225600.25, 1767225605.123456, 0]
const LISTS: Value[] = [[], ['64496:1'], ['64496:1', 'north'], [64496, 5], [[80, 'tcp'], 5], '64496:1_north', '80,tcp']
const ODD: Value[] = [
  null,
  true,
  false,
  '',
  'x',
  '5',
  '64496',
  5,
  17,
  2n ** 60n,
  -1,
  1e300,
  [],
  [5],
  { a: 1 },
  '2026-01-01',
  '86DD',
  'TCP',
  '10.0.0.1',
  '10.0.0.0/8',
  'AA:BB:CC:DD:EE:FF',
  '0x800',
  '1.50',
]

interface Kind {
  readonly fields: readonly string[]
  readonly values: readonly Value[]
  /** Comparisons; F is the field, G another of its kind. */
  readonly filters: readonly string[]
}

const ORDER = ['F == C', 'F != C', 'F < C', 'F <= C', 'F > C', 'F >= C', 'C < F']
const MEMBERS = ['F in (C, C, C)', 'F not in (C, C)', 'F']

const KINDS: readonly Kind[] = [
  {
    fields: ['as_src', 'as_dst', 'bytes', 'packets', 'port_src', 'port_dst', 'tcp_flags', 'tos', 'ttl', 'vlan'],
    values: NUMBERS,
    filters: [
      ...ORDER,
      ...MEMBERS,
      'F == G',
      'F != G',
      'F <= G',
      'F in (1-100, C)',
      'F + G > C',
      'F / G >= C',
      'F % 7 == 5',
      'F & 5 != 0',
      'F | G == G',
      'F - C < G * 2',
      'F >> 2 == 20',
      '(F << 1) ^ C > G',
      'F not in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 80, 60000-70000)',
      'F ~ /^6/',
      'F !~ /5$/',
      'less 100',
      'greater 20',
      'port 80',
      'tcp port 5',
      'portrange 1-100',
      'vlan',
      'vlan 5',
      'tcp[13] & 1 != 0',
      'udp[0:2] = 80',
      'ip[1] = 80',
      'tcp[3] > 5',
    ],
  },
  {
    fields: ['ip_src', 'ip_dst', 'peer_ip_src'],
    values: ADDRESSES,
    filters: [
      'F == C',
      'F != C',
      ...MEMBERS,
      'F in 10.0.0.0/8',
      'F not in (0.0.0.0/0, fe80::/10)',
      'F in (2001:db8::/32, C)',
      'F in (1.0.0.0/8, 2.0.0.0/8, 3.0.0.0/8, 4.0.0.0/8, 5.0.0.0/8, 6.0.0.0/8, 7.0.0.0/8, 10.0.0.0/15, 10.0.0.0/31, 2001:db8::/33, fe80::/64)',
      'F == G',
      'F != G',
      'F ~ /^10\\./',
      'F !~ /::/',
      'host C',
      'src host C',
      'src and dst net 10.0.0.0/8',
      'net 2001:db8::/31',
      'ip',
      'ip6',
      'not ip6',
      'ip[12:4] = 0x0a000001',
      'ip[14:4] > 5',
      'ip6[8:2] = 0x2001',
      'ip6[22:4] != 5',
    ],
  },
  {
    fields: ['mac_src', 'mac_dst'],
    values: MACS,
    filters: [
      'F == C',
      'F != C',
      ...MEMBERS,
      'F == G',
      'F ~ /^00/',
      'ether host C',
      'ether multicast',
      'ether[6:4] = 0x00112233',
      'ether[4:4] != 5',
    ],
  },
  {
    fields: ['ip_proto'],
    values: PROTOCOLS,
    filters: [
      'F == C',
      'F != C',
      ...MEMBERS,
      'F == 17',
      'F > 6',
      'F ~ /^t/',
      'tcp',
      'proto 253',
      'ip proto 6',
      'ip[9] = 17',
      'ip6[6] & 1 = 0',
    ],
  },
  {
    fields: ['etype'],
    values: ['800', '86dd', '806'],
    filters: [
      'F == 0x800',
      'F != 86dd',
      'F',
      'F in (800, arp)',
      'arp',
      'ether proto 0x806',
      'ether[12:2] = 2048',
      'F ~ /8/',
    ],
  },
  { fields: ['sampling_direction'], values: ['i', 'e', 'u'], filters: ['F == i', 'F != e', 'F in (i, u)', 'F ~ /i/'] },
  {
    fields: ['timestamp_start', 'timestamp_end'],
    values: TIMES,
    filters: [...ORDER, ...MEMBERS, 'F < G', 'F == G', 'F - G > 1', 'F >= 2026-01-01T00:00:01Z', 'F ~ /25$/'],
  },
  {
    fields: ['label', 'class', 'roa_dst'],
    values: TEXTS,
    filters: [
      'F == Q',
      'F != Q',
      'F < Q',
      'F >= Q',
      'F in (Q, Q)',
      'F not in (Q, Q)',
      'F',
      'F == G',
      'F != G',
      'F has Q',
      'F not has Q',
      'F ~ /^n/i',
      'F !~ /0/',
      'F in 10.0.0.0/7',
    ],
  },
  {
    fields: ['comms', 'as_path', 'mpls_label_stack'],
    values: LISTS,
    filters: [
      'F has 5',
      'F has 64496:1',
      'F not has (5, 80)',
      'F has (1-100, north)',
      '"tcp" in F',
      'F ~ /^6/',
      'F !~ /^6/',
      'F',
      'mpls',
      'mpls 5',
    ],
  },
  {
    fields: ['my_field', 'other_field'],
    values: [...NUMBERS, ...TEXTS, ...LISTS, ...ADDRESSES],
    filters: [
      'F == 5',
      'F != 80',
      'F < 100',
      'F == Q',
      'F != Q',
      'F > Q',
      'F in (5, north, 10.0.0.0/8, 60-100)',
      'F not in (5, north, 10.0.0.0/8)',
      'F in 2001:db8::/32',
      'F == G',
      'F != G',
      'F < G',
      'F + 1 > 6',
      'F == as_src',
      'F != ip_src',
      'F has 5',
      'F ~ /o/',
      'F',
    ],
  },
]

export const RANDOM_FIELDS: readonly string[] = KINDS.flatMap(({ fields }) => fields)

export function randomRecord(random: Random): NetRecord {
  const record: NetRecord = {}
  for (const { fields, values } of KINDS) {
    for (const field of fields) {
      const chance = random()
      if (chance < 0.7) record[field] = pick(random, values)
      else if (chance < 0.85) record[field] = pick(random, ODD)
    }
  }
  return record
}

function comparison(random: Random): string {
  const { fields, values, filters } = pick(random, KINDS)
  const constants = values.filter(value => typeof value !== 'object').map(String)
  return pick(random, filters)
    .replaceAll(/\bF\b/g, () => pick(random, fields))
    .replaceAll(/\bG\b/g, () => pick(random, fields))
    .replaceAll(/\bC\b/g, () => pick(random, constants))
    .replaceAll(/\bQ\b/g, () => JSON.stringify(pick(random, TEXTS)))
}

export function randomFilter(random: Random, depth = 3): string {
  const chance = random()
  if (depth === 0 || chance < 0.3) return comparison(random)
  if (chance < 0.45) return `not (${randomFilter(random, depth - 1)})`
  const sides = [randomFilter(random, depth - 1), randomFilter(random, depth - 1)]
  return `(${sides.join(chance < 0.75 ? ') and (' : ') or (')})`
}
