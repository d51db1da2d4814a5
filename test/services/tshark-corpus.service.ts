// Every capture of the corpus, as tshark reads it: its packets, and what NetFlow, IPFIX and sFlow datagrams in it say.
import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { PROTOCOL_NAMES } from '../../src/fields/protocols.ts'
import { netally, records } from '../support/cli.ts'
import { CASES, CORPUS, type Meta, metas, skipCorpus } from '../support/corpus.ts'
import { without } from './programs.ts'
import { framesByTshark } from './tshark.ts'

type Row = Record<string, unknown>
const skip = skipCorpus || without('tshark')

async function ours(words: readonly string[]): Promise<Row[]> {
  const { stdout, stderr, status } = await netally(words)
  assert.equal(status, 0, stderr)
  return records(stdout)
}

const protocolNumber = (name: unknown): string => String(PROTOCOL_NAMES.indexOf(name as never))

const PACKET_FIELDS = [
  'frame.protocols',
  'frame.len',
  'eth.src',
  'eth.dst',
  'vlan.id',
  'ip.src',
  'ip.dst',
  'ip.proto',
  'ip.len',
  'ipv6.src',
  'ipv6.dst',
  'ipv6.plen',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.flags',
  'udp.srcport',
  'udp.dstport',
] as const
type PacketFields = Record<(typeof PACKET_FIELDS)[number], readonly string[]>

const IPV6_OCTETS = 40

/** What the outermost headers of a frame say, under our names. */
function outermost(frame: PacketFields, transport: unknown): Row {
  const layers = (frame['frame.protocols'][0] ?? '').split(':')
  const at = layers.findIndex(layer => layer === 'ip' || layer === 'ipv6')
  const family = layers[at]
  // A tag behind the IP header is of a packet in the packet.
  const tag = layers.slice(0, at < 0 ? layers.length : at).includes('vlan') ? frame['vlan.id'][0] : undefined
  const [address, octets] =
    family === 'ipv6'
      ? (['ipv6', Number(frame['ipv6.plen'][0]) + IPV6_OCTETS] as const)
      : (['ip', Number(frame['ip.len'][0])] as const)
  const ports = transport === 'tcp' || transport === 'udp' ? transport : undefined
  return {
    frame_bytes: Number(frame['frame.len'][0]),
    mac_src: frame['eth.src'][0],
    mac_dst: frame['eth.dst'][0],
    vlan: tag === undefined ? undefined : Number(tag),
    ...(family === undefined
      ? {}
      : { ip_src: frame[`${address}.src`][0], ip_dst: frame[`${address}.dst`][0], bytes: octets }),
    ...(family === 'ip' ? { ip_proto: frame['ip.proto'][0] } : {}),
    ...(ports && frame[`${ports}.srcport`][0] !== undefined
      ? { port_src: Number(frame[`${ports}.srcport`][0]), port_dst: Number(frame[`${ports}.dstport`][0]) }
      : {}),
    ...(ports === 'tcp' && frame['tcp.flags'][0] !== undefined
      ? { tcp_flags: Number(frame['tcp.flags'][0]) & 255 }
      : {}),
  }
}

describe('tshark reads the packets of the corpus', { skip }, () => {
  for (const path of skip ? [] : globSync('{cases/*,malformed}/*.pcap', { cwd: CORPUS }).sort()) {
    it(path, async () => {
      const capture = join(CORPUS, path)
      const frames = framesByTshark(capture, PACKET_FIELDS)
      const { stdout, status } = await netally(['packet-recv', '--pcap', capture])
      const rows = records(stdout)
      assert.ok(status === 0 || path.startsWith('malformed'))
      assert.equal(rows.length, frames.length)
      for (const [index, frame] of frames.entries()) {
        const row = rows[index] as Row
        const expected = outermost(frame, row.ip_proto)
        const said = Object.fromEntries(
          Object.keys(expected).map(name => [name, name === 'ip_proto' ? protocolNumber(row.ip_proto) : row[name]]),
        )
        assert.deepEqual(said, expected, `frame ${index + 1}`)
      }
    })
  }
})

type Values = (row: Row) => readonly unknown[]

const isV6 = (value: unknown): boolean => String(value).includes(':')
const of =
  (...names: readonly string[]): Values =>
  row =>
    names.map(name => row[name])
const v4 =
  (...names: readonly string[]): Values =>
  row =>
    of(...names)(row).filter(value => !isV6(value))
const v6 =
  (...names: readonly string[]): Values =>
  row =>
    of(...names)(row).filter(isV6)

/** Elements of flow records, and what we call them: elements that come twice are the header in the tunnel's. */
const FLOW_FIELDS: Fields = {
  'cflow.srcaddr': v4('ip_src', 'tunnel_ip_src'),
  'cflow.dstaddr': v4('ip_dst', 'tunnel_ip_dst'),
  'cflow.srcaddrv6': v6('ip_src', 'tunnel_ip_src'),
  'cflow.dstaddrv6': v6('ip_dst', 'tunnel_ip_dst'),
  'cflow.srcport': of('port_src', 'tunnel_port_src'),
  'cflow.dstport': of('port_dst', 'tunnel_port_dst'),
  'cflow.protocol': row =>
    of('ip_proto', 'tunnel_ip_proto')(row).map(name => (name === undefined ? undefined : protocolNumber(name))),
  'cflow.octets': of('bytes'),
  'cflow.packets': of('packets'),
  'cflow.inputint': of('iface_in'),
  'cflow.outputint': of('iface_out'),
}

const SAMPLE_FIELDS: Fields = {
  'sflow.flow_sample.sequence_number': of('sample_seqno'),
  'sflow.flow_sample.sampling_rate': of('sampling_rate'),
  'sflow.flow_sample.sample_pool': of('sampling_pool'),
  'sflow.flow_sample.dropped_packets': of('sampling_drops'),
  'sflow_245.header.frame_length': row => (row.mac_src === undefined || row.ip_src ? of('frame_bytes')(row) : []),
  'sflow.counters_sample.sequence_number': of('sflow_cnt_seq'),
}

type Fields = { readonly [name: string]: Values }

/** Other elements than tshark's own may be what we count: those of totals, of initiator and responder. */
const MAY_BE_OTHERS: ReadonlySet<string> = new Set(['cflow.octets', 'cflow.packets'])

/** What is in `all` besides `some`; undefined when something of `some` is not in `all`. */
function besides(all: readonly string[], some: readonly string[]): string[] | undefined {
  const left = [...all]
  for (const value of some) {
    const at = left.indexOf(value)
    if (at < 0) return undefined
    left.splice(at, 1)
  }
  return left
}

/** All that a field has over the capture, in no order. tshark shows options records, too: then ours are among its values. */
function assertSame(
  meta: Meta,
  protocol: 'cflow' | 'sflow',
  fields: Fields,
  rows: readonly Row[],
  context: TestContext,
): void {
  const path = join(CASES, meta.id, 'input.pcap')
  const frames = framesByTshark(path, [...Object.keys(fields), '_ws.malformed'], protocol, meta.ports)
  // What tshark itself cannot read to its end is no measure.
  if (frames.some(frame => (frame['_ws.malformed'] as readonly string[]).length > 0)) {
    context.skip('tshark takes it for malformed')
    return
  }
  for (const [name, values] of Object.entries(fields)) {
    const theirs = frames.flatMap(frame => frame[name] as readonly string[]).sort()
    const mine = rows
      .flatMap(row => values(row).filter(value => value !== undefined))
      .map(String)
      .sort()
    if (theirs.length === 0 && MAY_BE_OTHERS.has(name)) continue
    const more = besides(theirs, mine)
    if (!more || (more.length > 0 && !meta.tshark_options_records)) assert.deepEqual(mine, theirs, name)
  }
}

const receive = (meta: Meta, ...more: readonly string[]): Promise<Row[]> =>
  ours([
    'flow-recv',
    '--pcap',
    join(CASES, meta.id, 'input.pcap'),
    ...meta.ports.flatMap(port => ['--udp-port', String(port)]),
    ...more,
  ])

describe('tshark reads the flow records of the corpus', { skip }, () => {
  const all = ['nfv5', 'nfv9', 'ipfix'].flatMap(protocol => metas(protocol))
  for (const meta of new Map(all.map(one => [one.id, one])).values()) {
    it(meta.id, async context => assertSame(meta, 'cflow', FLOW_FIELDS, await receive(meta), context))
  }
})

/** A sample of counters makes a record for each structure. */
const sampleOf = (row: Row): string =>
  [
    row.export_proto_seqno,
    row.event_type,
    row.source_id_class,
    row.source_id_index,
    row.sample_seqno,
    row.sflow_cnt_seq,
  ].join()

describe('tshark reads the sFlow samples of the corpus', { skip }, () => {
  for (const meta of metas('sflow')) {
    it(meta.id, async context => {
      const samples = new Map((await receive(meta, '--counters')).map(row => [sampleOf(row), row]))
      assertSame(meta, 'sflow', SAMPLE_FIELDS, [...samples.values()], context)
    })
  }
})
