// What a record says beside the packet, as extended structures: one row each, written where the record has one of its fields.
import type { Value } from '../../../contract/record.ts'
import { communityNumber } from '../../bgp/attributes/community-octets.ts'
import type { SampleRow } from './sample-row.ts'
import type { XdrWriter } from './xdr-writer.ts'

export interface Extended {
  readonly format: number
  readonly fields: readonly string[]
  /** Fields of the list that could not be said go to `left`. */
  readonly write: (row: SampleRow, xdr: XdrWriter, left: (field: string) => void) => void
}

const UNKNOWN_PRIORITY = 0xffff_ffff
/** IANA's number of the character set: UTF-8. */
const UTF8 = 106
const AS_SET = 1
const IPV4_ADDRESS = 1
const AS_SEQUENCE = 2
const or = (number: number, other: number): number => (Number.isNaN(number) ? other : number)
const is32 = (value: Value): value is number => typeof value === 'number' && value >= 0 && value < 2 ** 32

/** An address that is not known is 0.0.0.0: collectors take what has no family for an IPv6 address, and lose the sample. */
function putAddress(row: SampleRow, xdr: XdrWriter, name: string): void {
  const { family, words, at } = row.address(name)
  if (family === 0) xdr.unsigned(IPV4_ADDRESS, 0)
  else xdr.address(family, words, at)
}

/** Segments of an AS path as bgp-recv writes it: numbers, sets as `{1,2}`. Undefined when it has something else. */
function segmentsOf(path: readonly Value[]): [type: number, numbers: number[]][] | undefined {
  const segments: [number, number[]][] = []
  for (const item of path) {
    const last = segments.at(-1)
    if (is32(item)) {
      if (last?.[0] === AS_SEQUENCE) last[1].push(item)
      else segments.push([AS_SEQUENCE, [item]])
      continue
    }
    const set = typeof item === 'string' ? /^\{([\d,]+)\}$/.exec(item)?.[1]?.split(',').map(Number) : undefined
    if (!set?.every(is32)) return undefined
    segments.push([AS_SET, set])
  }
  return segments
}

/** Where the path is not known, its ends are: collectors take the neighbour and the destination from there. */
function pathOf(row: SampleRow, left: (field: string) => void): [number, number[]][] {
  const segments = segmentsOf(row.list('as_path'))
  if (segments === undefined) left('as_path')
  if (segments && segments.length > 0) return segments
  const ends = [row.number('peer_as_dst'), row.number('as_dst')].filter(number => !Number.isNaN(number))
  const path = ends[0] === ends[1] ? ends.slice(0, 1) : ends
  return path.length > 0 ? [[AS_SEQUENCE, path]] : []
}

function gateway(row: SampleRow, xdr: XdrWriter, left: (field: string) => void): void {
  putAddress(row, xdr, 'peer_ip_dst')
  xdr.unsigned(0, or(row.number('as_src'), 0), or(row.number('peer_as_src'), 0))
  const segments = pathOf(row, left)
  xdr.unsigned(segments.length)
  for (const [type, numbers] of segments) {
    xdr.unsigned(type)
    xdr.list(numbers)
  }
  const communities = row.list('comms').map(communityNumber)
  if (communities.includes(undefined)) left('comms')
  xdr.list(communities.filter(number => number !== undefined))
  xdr.unsigned(or(row.number('local_pref'), 0))
}

/** Label stack entries without class and TTL; the last has the bottom of stack bit. */
function labels(row: SampleRow, name: string): number[] {
  const numbers = row.list(name).filter(is32)
  return numbers.map((label, index) => ((label << 12) | (index === numbers.length - 1 ? 0x100 : 0)) >>> 0)
}

function user(row: SampleRow, xdr: XdrWriter): void {
  for (const name of ['username', 'username_dst']) {
    xdr.unsigned(UTF8)
    xdr.text(row.text(name))
  }
}

type Part = (row: SampleRow, xdr: XdrWriter) => void
const text =
  (name: string): Part =>
  (row, xdr) =>
    xdr.text(row.text(name))
const number =
  (name: string, absent = 0): Part =>
  (row, xdr) =>
    xdr.unsigned(or(row.number(name), absent))
const address =
  (name: string): Part =>
  (row, xdr) =>
    putAddress(row, xdr, name)
const constant =
  (value: number): Part =>
  (_, xdr) =>
    xdr.unsigned(value)

const structure = (format: number, fields: readonly string[], ...parts: readonly Part[]): Extended => ({
  format,
  fields,
  write: (row, xdr) => {
    for (const part of parts) part(row, xdr)
  },
})

export const EXTENDED: readonly Extended[] = [
  structure(
    1001,
    ['vlan', 'vlan_in', 'vlan_out', 'cos'],
    (row, xdr) => xdr.unsigned(or(row.number('vlan_in'), or(row.number('vlan'), 0))),
    number('cos', UNKNOWN_PRIORITY),
    number('vlan_out'),
    constant(UNKNOWN_PRIORITY),
  ),
  structure(
    1002,
    ['ip_next_hop', 'mask_src', 'mask_dst'],
    address('ip_next_hop'),
    number('mask_src'),
    number('mask_dst'),
  ),
  {
    format: 1003,
    fields: ['as_src', 'as_dst', 'peer_as_src', 'peer_as_dst', 'as_path', 'comms', 'local_pref', 'peer_ip_dst'],
    write: gateway,
  },
  { format: 1004, fields: ['username', 'username_dst'], write: user },
  structure(1005, ['url', 'url_host'], constant(2), text('url'), text('url_host')),
  {
    format: 1006,
    fields: ['mpls_top_label_ip', 'mpls_label_stack', 'mpls_label_stack_out'],
    write: (row, xdr) => {
      putAddress(row, xdr, 'mpls_top_label_ip')
      xdr.list(labels(row, 'mpls_label_stack'))
      xdr.list(labels(row, 'mpls_label_stack_out'))
    },
  },
  structure(1007, ['post_nat_ip_src', 'post_nat_ip_dst'], address('post_nat_ip_src'), address('post_nat_ip_dst')),
  structure(
    1008,
    ['mpls_tunnel_name', 'mpls_tunnel_id'],
    text('mpls_tunnel_name'),
    number('mpls_tunnel_id'),
    constant(0),
  ),
  structure(1009, ['mpls_vc_name', 'mpls_pw_id'], text('mpls_vc_name'), number('mpls_pw_id'), constant(0)),
  structure(1010, ['mpls_ftn_name', 'mpls_ftn_mask'], text('mpls_ftn_name'), number('mpls_ftn_mask')),
  structure(1011, ['mpls_fec_prefix_length'], number('mpls_fec_prefix_length')),
  {
    format: 1012,
    fields: ['vlan_stack'],
    write: (row, xdr) =>
      xdr.list(
        row
          .list('vlan_stack')
          .filter(is32)
          .map(vlan => 0x8100_0000 + (vlan & 0xfff)),
      ),
  },
  structure(1020, ['post_nat_port_src', 'post_nat_port_dst'], number('post_nat_port_src'), number('post_nat_port_dst')),
  structure(1030, ['vxlan'], number('vxlan')),
  structure(1036, ['queue'], number('queue')),
  structure(1037, ['acl_number', 'acl_name'], number('acl_number'), text('acl_name'), constant(0)),
  structure(1038, ['function_name'], text('function_name')),
  structure(1039, ['transit_delay_nsec'], number('transit_delay_nsec')),
  structure(1040, ['queue_depth'], number('queue_depth')),
]

/** Of discarded packets: of hardware with its group, else as Linux says it. */
export const DISCARD_EXTENDED: readonly Extended[] = [
  structure(1041, ['drop_group'], text('drop_group'), text('drop_reason')),
  structure(1042, ['drop_reason'], text('drop_reason')),
]
