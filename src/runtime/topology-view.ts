// Topology records for people: tables, and graphs for Graphviz.
import { type NetRecord, recordBatch, type Stream, type Value } from '../contract/record.ts'
import { OctetBuffer } from '../octets/buffer.ts'
import { tableFormat } from '../sinks/dump/table.ts'
import { DUMP_DEFAULTS } from '../sinks/dump.ts'

type View = (stream: Stream) => AsyncGenerator<string>

interface TableKind {
  readonly title: string
  readonly columns: readonly string[]
}

const TABLES: { readonly [kind: string]: TableKind } = {
  Node: {
    title: 'Nodes',
    columns: ['level', 'area', 'router', 'name', 'areas', 'router_id', 'flags', 'topologies', 'srgb'],
  },
  Link: {
    title: 'Links',
    columns: ['level', 'area', 'router', 'name', 'to', 'to_name', 'topology', 'metric', 'address', 'to_address'],
  },
  Prefix: {
    title: 'Prefixes',
    columns: ['level', 'area', 'router', 'name', 'prefix', 'type', 'topology', 'metric', 'sid'],
  },
  SID: { title: 'SIDs', columns: ['level', 'router', 'name', 'sid', 'behavior'] },
  Route: { title: 'Routes', columns: ['router', 'name', 'prefix', 'level', 'type', 'metric', 'next_hops', 'egress'] },
}

const joined = (value: Value | undefined): Value => (Array.isArray(value) ? value.join(' ') : (value ?? ''))
/** Flags of nodes (RFC 9552 section 5.3.1.1); that a router of OSPFv3 is one is not told. */
const FLAGS: readonly (readonly [bit: number, word: string])[] = [
  [0x80, 'overload'],
  [0x40, 'attached'],
  [0x20, 'external'],
  [0x10, 'border'],
]
const flagsOf = (hex: Value | undefined): string => {
  const flags = Number.parseInt(String(hex ?? '0'), 16)
  return FLAGS.flatMap(([bit, word]) => (flags & bit ? [word] : [])).join(' ')
}

/** Route types of OSPF (RFC 9552 section 5.2.3.1). */
const ROUTE_TYPES = ['', 'intra-area', 'inter-area', 'external 1', 'external 2', 'nssa 1', 'nssa 2']
const routeTypeOf = (type: Value | undefined): Value => ROUTE_TYPES[Number(type ?? 0)] ?? type ?? ''
const bothMetrics = ({ igp_metric: cost = '', ospf_type2_metric: type2 }: NetRecord): Value =>
  type2 === undefined ? cost : `${cost}/${type2}`

function srgbOf(value: Value | undefined): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Array.isArray(value.ranges)) return ''
  const ranges = value.ranges as readonly { [name: string]: Value }[]
  return ranges.map(({ label, range }) => `${label}-${Number(label) + Number(range) - 1}`).join(' ')
}

const sidOf = (value: Value | undefined): string =>
  Array.isArray(value)
    ? value
        .map(one => {
          const { index, label } = one as { [name: string]: Value }
          return label ?? `index ${index}`
        })
        .join(' ')
    : ''

const routersOf = (value: Value | undefined): string =>
  Array.isArray(value)
    ? value
        .map(one => {
          const { name, router, address } = one as { [name: string]: Value }
          return `${name ?? router}${address ? ` ${address}` : ''}`
        })
        .join(', ')
    : ''

function behaviorOf(value: Value | undefined): Value {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value.behavior ?? '') : ''
}

type Cells = (record: NetRecord) => NetRecord

/** Cells beside those that all rows have. */
const CELLS: { readonly [kind: string]: Cells } = {
  Route: record => ({
    prefix: record.ip_prefix ?? '',
    type: routeTypeOf(record.ospf_route_type),
    metric: bothMetrics(record),
    next_hops: routersOf(record.next_hops),
    egress: routersOf(record.egress),
  }),
  Node: record => ({
    areas: joined(record.attr_isis_area_id),
    router_id: record.attr_v4_rid_local ?? record.attr_v6_rid_local ?? '',
    flags: flagsOf(record.attr_node_flags),
    topologies: joined(record.attr_multi_topology_ids),
    srgb: srgbOf(record.attr_sr_capabilities),
  }),
  Link: record => ({
    to: record.remote_igp_rtr_id ?? '',
    to_name: record.remote_name ?? '',
    metric: record.attr_igp_metric ?? '',
    address: record.local_addr_v4 ?? record.local_addr_v6 ?? '',
    to_address: record.neigh_addr_v4 ?? record.neigh_addr_v6 ?? '',
  }),
  SID: record => ({ sid: record.srv6_sid ?? '', behavior: behaviorOf(record.attr_srv6_endpoint_behavior) }),
  Prefix: record => ({
    prefix: record.ip_reach ?? '',
    type: routeTypeOf(record.ospf_route_type),
    metric: record.attr_prefix_metric ?? '',
    sid: sidOf(record.attr_prefix_sid),
  }),
}
const KINDS: { readonly [nlriType: string]: string } = { Node: 'Node', Link: 'Link', 'SRv6 SID': 'SID' }

/** The kind of a record, and its cells. */
function row(record: NetRecord): readonly [kind: string, cells: NetRecord] {
  const kind = record.next_hops === undefined ? (KINDS[String(record.nlri_type)] ?? 'Prefix') : 'Route'
  const common = {
    level: String(record.proto ?? '').replace('IS-IS Level ', ''),
    area: record.local_area_id ?? '',
    router: record.local_igp_rtr_id ?? '',
    name: record.local_name ?? record.attr_node_name ?? '',
    topology: joined(record.multi_topology_ids),
  }
  return [kind, { ...common, ...CELLS[kind]?.(record) }]
}

function table({ title, columns }: TableKind, rows: NetRecord[]): string {
  const shown = columns.filter(name => rows.some(cells => cells[name] !== '' && cells[name] !== undefined))
  const format = tableFormat({ ...DUMP_DEFAULTS, format: 'table', fields: shown })({ fileName: '-', fresh: true })
  const out = new OctetBuffer(1 << 16)
  format.write(recordBatch(rows, 0), out)
  format.release(out, true)
  return `${title}\n${new TextDecoder().decode(out.written())}\n`
}

/** A table for each kind of record. */
export async function* topologyTables(stream: Stream): AsyncGenerator<string> {
  const rows = new Map<string, NetRecord[]>()
  for await (const batch of stream) {
    for (const record of batch.records) {
      const [kind, cells] = row(record)
      rows.set(kind, [...(rows.get(kind) ?? []), cells])
    }
  }
  for (const [kind, shape] of Object.entries(TABLES)) {
    const some = rows.get(kind)
    if (some) yield table(shape, some)
  }
}

const quoted = (text: unknown): string => JSON.stringify(String(text))

/** Nodes and links of each protocol as a cluster of one directed graph. */
export async function* topologyDot(stream: Stream): AsyncGenerator<string> {
  yield 'digraph topology {\n'
  for await (const batch of stream) for (const record of batch.records) yield dotOf(record)
  yield '}\n'
}

function dotOf(record: NetRecord): string {
  const { nlri_type: type, proto, local_igp_rtr_id: local, remote_igp_rtr_id: remote } = record
  const place = (id: unknown) => quoted(`${proto} ${id}`)
  if (type === 'Node') {
    const isLan = record.pseudonode !== undefined
    const label = isLan
      ? String(local)
      : [record.attr_node_name ?? local, record.attr_v4_rid_local ?? ''].filter(Boolean).join('\n')
    return `  ${place(local)} [label=${quoted(label)}${isLan ? ', shape=point' : ''}]\n`
  }
  if (type !== 'Link') return ''
  const topology = Array.isArray(record.multi_topology_ids) ? ` (mt ${record.multi_topology_ids.join(' ')})` : ''
  return `  ${place(local)} -> ${place(remote)} [label=${quoted(`${record.attr_igp_metric ?? ''}${topology}`)}]\n`
}

export const TOPOLOGY_VIEWS: { readonly [format: string]: View } = { table: topologyTables, dot: topologyDot }
