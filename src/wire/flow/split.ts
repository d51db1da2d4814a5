// `--biflow split`: one record of two directions (RFC 5103, or initiator and responder) becomes two records.
import { ABSENT, type AddressColumn, type Column, NO_ADDRESS, type NumberColumn } from '../../fields/column.ts'
import { knownField } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'
import type { Block } from './block.ts'
import type { Planner } from './planner.ts'

/** Makes second records behind the block's rows and puts each after its first in the order; returns how many rows there are now. */
export type Split = (block: Block, order: Int32Array) => number

/** What is the other way round in the other direction. */
const PAIRS: readonly (readonly [string, string])[] = [
  ['mac_src', 'mac_dst'],
  ['vlan_in', 'vlan_out'],
  ['cvlan_in', 'cvlan_out'],
  ['as_src', 'as_dst'],
  ['peer_as_src', 'peer_as_dst'],
  ['iface_in', 'iface_out'],
  ['iface_name_in', 'iface_name_out'],
  ['ip_src', 'ip_dst'],
  ['net_src', 'net_dst'],
  ['mask_src', 'mask_dst'],
  ['port_src', 'port_dst'],
  ['tunnel_mac_src', 'tunnel_mac_dst'],
  ['tunnel_ip_src', 'tunnel_ip_dst'],
  ['tunnel_port_src', 'tunnel_port_dst'],
  ['ingress_vrf_name', 'egress_vrf_name'],
  ['vrf_id_ingress', 'vrf_id_egress'],
]

/** Where the second record has these from; the first does not have them any more. */
const REVERSED: { readonly [name: string]: string } = {
  packets: 'packets_reverse',
  bytes: 'bytes_reverse',
  tcp_flags: 'tcp_flags_reverse',
  timestamp_start: 'timestamp_start_reverse',
  timestamp_end: 'timestamp_end_reverse',
}
export const SPLIT_FIELDS: ReadonlySet<string> = new Set(Object.values(REVERSED))

/** What the other direction does not say, where it has no counter of its own. */
const ONLY_FORWARD = new Set([
  'packets',
  'bytes',
  'tcp_flags',
  'packets_out',
  'bytes_out',
  'packets_total',
  'bytes_total',
])

const SWAPPED = new Map([...PAIRS, ...PAIRS.map(([a, b]) => [b, a] as const)])

/** What must be decoded so that the wanted fields of both records can be filled. */
export function swapClosure(wanted: ReadonlySet<string>): ReadonlySet<string> {
  const partners = [...wanted].flatMap(name => SWAPPED.get(name) ?? [])
  return new Set([...wanted, ...partners, ...SPLIT_FIELDS])
}

type Copy = (from: number, to: number) => void

function absence(column: Column): Copy {
  if (column.lane === 'number') {
    return (_, to) => {
      column.numbers[to] = ABSENT
    }
  }
  if (column.lane === 'address') {
    return (_, to) => {
      column.family[to] = NO_ADDRESS
    }
  }
  return (_, to) => {
    column.values[to] = undefined
  }
}

function copyNumber(source: NumberColumn, target: NumberColumn): Copy {
  return (from, to) => {
    target.numbers[to] = source.numbers[from] as number
    const odd = source.other.get(from)
    if (odd !== undefined) target.other.set(to, odd)
  }
}

function copyAddress(source: AddressColumn, target: AddressColumn): Copy {
  return (from, to) => {
    for (let word = 0; word < 4; word++) target.words[4 * to + word] = source.words[4 * from + word] as number
    target.family[to] = source.family[from] as number
  }
}

function copy(source: Column, target: Column): Copy {
  if (source.lane === 'number' && target.lane === 'number') return copyNumber(source, target)
  if (source.lane === 'address' && target.lane === 'address') return copyAddress(source, target)
  if (source.lane === 'value' && target.lane === 'value') {
    return (from, to) => {
      target.values[to] = source.values[from]
    }
  }
  return absence(target)
}

/** How a field of the second record gets its value from the first. */
function copyOf(planner: Planner, field: Field): Copy {
  const column = planner.columns.of(field)
  const reversed = REVERSED[field.name]
  const other = reversed ?? SWAPPED.get(field.name)
  if (other === undefined) return ONLY_FORWARD.has(field.name) ? absence(column) : copy(column, column)
  const source = knownField(other) as Field
  if (planner.make(source)) return copy(planner.columns.of(source), column)
  return reversed === undefined || ONLY_FORWARD.has(field.name) ? absence(column) : copy(column, column)
}

/** Of the fields that the plan fills. Called when all its steps are made. */
export function makeSplit(planner: Planner): Split {
  const copies = planner.madeFields.filter(field => !SPLIT_FIELDS.has(field.name)).map(field => copyOf(planner, field))
  const counters = ['packets_reverse', 'bytes_reverse'].flatMap(name => planner.numbers(name) ?? [])
  return ({ row, count }, order) => {
    let next = row + count
    let at = row
    for (let first = row; first < row + count; first++) {
      order[at++] = first
      if (!counters.some(({ numbers }) => (numbers[first] as number) > 0)) continue
      for (const copyField of copies) copyField(first, next)
      order[at++] = next++
    }
    return next - row
  }
}
