// What we read in LSPs is what tshark reads in them.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import type { NetRecord } from '../../src/contract/record.ts'
import { pduRecord } from '../../src/wire/isis/pdu-record.ts'
import { scratch } from '../support/cli.ts'
import { frameOf, type LspShape, lsp, lspOctets, name, neighbor, prefix4 } from '../support/isis-writer.ts'
import { type Random, random } from '../support/random.ts'
import { runProgram, without } from './programs.ts'

const LSPS = 150
const hex4 = (from: Random): string => from.whole(0x10000).toString(16).padStart(4, '0')
const system = (from: Random): string => `${hex4(from)}.${hex4(from)}.${hex4(from)}`
const octets = (from: Random, count: number): number[] => Array.from({ length: count }, () => from.whole(256))
const times = <Item>(from: Random, make: () => Item): Item[] => Array.from({ length: 1 + from.whole(5) }, make)

function shape(from: Random): LspShape {
  const node = () => `${system(from)}.${from.chance(0.3) ? '05' : '00'}`
  const sub = () =>
    from.chance(0.5) ? [6, 4, ...octets(from, 4), 8, 4, ...octets(from, 4), 18, 3, ...octets(from, 3)] : []
  // Bits behind the prefix are 0, as routers send them.
  const prefix = () => prefix4(from.whole(0xffff), 24, octets(from, 3), from.chance(0.3) ? 0x80 : 0)
  const prefix6 = () => [0, 0, ...octets(from, 2), 0, 64, 0x20, 0x01, 0x0d, 0xb8, ...octets(from, 4)]
  return {
    level: from.chance(0.5) ? 1 : 2,
    id: `${system(from)}.00-00`,
    sequence: 1 + from.whole(2 ** 31),
    tlvs: [
      name(`r${from.whole(1000)}`),
      [134, octets(from, 4)],
      [22, times(from, () => neighbor(node(), from.whole(0xffffff), sub())).flat()],
      [135, times(from, prefix).flat()],
      [236, times(from, prefix6).flat()],
    ],
  }
}

function capture(shapes: readonly LspShape[]): Buffer {
  const header = Buffer.alloc(24)
  header.writeUInt32LE(0xa1b2c3d4, 0)
  header.writeUInt16LE(2, 4)
  header.writeUInt16LE(4, 6)
  header.writeUInt32LE(65_535, 16)
  header.writeUInt32LE(1, 20)
  const frames = shapes.flatMap(one => {
    const frame = frameOf(lspOctets(one))
    const before = Buffer.alloc(16)
    before.writeUInt32LE(frame.length, 8)
    before.writeUInt32LE(frame.length, 12)
    return [before, Buffer.from(frame)]
  })
  return Buffer.concat([header, ...frames])
}

const IS = 'isis.lsp.ext_is_reachability'
const FIELDS = [
  'isis.lsp.lsp_id',
  'isis.lsp.sequence_number',
  'isis.lsp.checksum.status',
  'isis.lsp.hostname',
  'isis.lsp.clv_te_router_id',
  `${IS}.is_neighbor_id`,
  `${IS}.metric`,
  `${IS}.ipv4_interface_address`,
  `${IS}.ipv4_neighbor_address`,
  `${IS}.traffic_engineering_default_metric`,
  'isis.lsp.ext_ip_reachability.ipv4_prefix',
  'isis.lsp.ext_ip_reachability.metric',
  'isis.lsp.ipv6_reachability.ipv6_prefix',
  'isis.lsp.ipv6_reachability.metric',
]

/** The same columns of our record; lists in the order of the LSP. */
function columnsOf(record: NetRecord): string[] {
  const objects = record.isis_objects as NetRecord[]
  const all = (type: string, key: string) =>
    objects.flatMap(one => (one.nlri_type === type && one[key] !== undefined ? [String(one[key])] : [])).join(',')
  const remote = all('Link', 'remote_igp_rtr_id').split(',')
  const plain = (text: string) => text.replaceAll(/\/\d+/g, '')
  return [
    String(record.isis_lsp_id),
    `0x${Number(record.isis_sequence).toString(16).padStart(8, '0')}`,
    record.isis_checksum_ok === true ? '1' : '0',
    all('Node', 'attr_node_name'),
    all('Node', 'attr_v4_rid_local'),
    remote.map(id => (id.includes('-') ? id.replace('-', '.') : `${id}.00`)).join(','),
    all('Link', 'attr_igp_metric'),
    all('Link', 'local_addr_v4'),
    all('Link', 'neigh_addr_v4'),
    all('Link', 'attr_te_df_metric'),
    plain(all('IPv4 Topology Prefix', 'ip_reach')),
    all('IPv4 Topology Prefix', 'attr_prefix_metric'),
    plain(all('IPv6 Topology Prefix', 'ip_reach')),
    all('IPv6 Topology Prefix', 'attr_prefix_metric'),
  ]
}

it('tshark reads the same', { skip: without('tshark') }, async context => {
  const from = random(19)
  const shapes = Array.from({ length: LSPS }, () => shape(from))
  const file = join(scratch(context), 'isis.pcap')
  writeFileSync(file, capture(shapes))
  const words = ['tshark', '-r', file, '-T', 'fields', '-E', 'separator=|', ...FIELDS.flatMap(field => ['-e', field])]
  const { stdout, status, stderr } = await runProgram(context, words)
  assert.equal(status, 0, stderr)
  const theirs = stdout.trimEnd().split('\n')
  assert.equal(theirs.length, LSPS)
  shapes.forEach((one, index) => {
    assert.equal(columnsOf(pduRecord(lsp(one))).join('|'), theirs[index], `LSP ${index}`)
  })
})
