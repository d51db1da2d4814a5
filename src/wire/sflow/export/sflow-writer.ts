// sFlow version 5 datagrams of records: a flow sample for each record (two where its packets are not of one length), a counter
// sample for records of counters, a notification for discarded packets.
import type { NetRecord } from '../../../contract/record.ts'
import type { Column } from '../../../fields/column.ts'
import type { Field } from '../../../fields/field.ts'
import type { Drop, ExportOptions, FlowWriter, Give, Left } from '../../flow/export/options.ts'
import { Uptime } from '../../flow/export/times.ts'
import { AgentDatagram } from './agent-datagram.ts'
import { CounterSample } from './counter-sample.ts'
import { DISCARD_EXTENDED, EXTENDED, type Extended } from './extended.ts'
import { PACKET_FIELDS, writePacket } from './packet.ts'
import { portionsOf } from './portions.ts'
import { type AddressValue, addressValue, SampleRow } from './sample-row.ts'
import { XdrWriter } from './xdr-writer.ts'

/** Agents that datagrams are written for; the oldest makes room and counts from 1 again. */
export const AGENTS = 4096
const FLOW_SAMPLE = 1
const EXPANDED_FLOW_SAMPLE = 3
const DISCARDED_PACKET = 5
const KIND_FLOW = 0
const KIND_DISCARD = 2
const LARGEST_COMPACT_SOURCE = 0xff_ffff
const LARGEST_COMPACT_INTERFACE = 0x3fff_ffff
const AS_REASON = 1
const AS_COUNT = 2

const HEAD_FIELDS = [
  ...['event_type', 'peer_ip_src', 'export_proto_sysid', 'source_id_class', 'source_id_index', 'sample_seqno'],
  ...['sampling_rate', 'sampling_pool', 'sampling_drops', 'sampling_direction', 'iface_in', 'iface_out', 'ifaces_out'],
  ...['discard_reason', 'packets', 'bytes', 'bytes_ip', 'packets_dropped', 'bytes_dropped', 'frame_bytes'],
]
const NAMES = [
  ...new Set([...HEAD_FIELDS, ...PACKET_FIELDS, ...[...EXTENDED, ...DISCARD_EXTENDED].flatMap(({ fields }) => fields)]),
]
/** What a collector has again without being told. */
const IMPLIED = [
  ...['sampling_rate_effective', 'flows', 'mpls_label_top', 'mpls_label_bottom', 'sf_cnt_type', 'sflow_cnt_seq'],
  'agent_ip',
]

const or = (number: number, other: number): number => (Number.isNaN(number) ? other : number)
const EGRESS = 'e'.charCodeAt(0)

function octetsOf({ family, words, at }: AddressValue): Uint8Array {
  const octets = new Uint8Array(family === 6 ? 16 : 4)
  const view = new DataView(octets.buffer)
  for (let word = 0; word < octets.length / 4; word++) view.setUint32(4 * word, words[at + word] as number)
  return octets
}

interface Head {
  readonly sourceClass: number
  readonly sourceIndex: number
  readonly input: number
  readonly outputForm: number
  readonly output: number
}

function headOf(row: SampleRow): Head {
  const [input, output, outputs] = [row.number('iface_in'), row.number('iface_out'), row.number('ifaces_out')]
  const reason = row.number('discard_reason')
  const own = row.number('sampling_direction') === EGRESS ? output : input
  const form = Number.isNaN(output) ? (outputs > 0 ? AS_COUNT : reason >= 0 ? AS_REASON : 0) : 0
  return {
    sourceClass: or(row.number('source_id_class'), 0),
    sourceIndex: or(row.number('source_id_index'), or(own, 0)),
    input: or(input, 0),
    outputForm: form,
    output: form === AS_COUNT ? outputs : form === AS_REASON ? reason : or(output, 0),
  }
}

export class SflowWriter implements FlowWriter {
  readonly fields: readonly Field[]
  readonly implied: ReadonlySet<string> = new Set(IMPLIED)
  readonly #options: ExportOptions
  readonly #give: Give
  readonly #drop: Drop
  readonly #row = new SampleRow(NAMES)
  readonly #xdr = new XdrWriter()
  readonly #uptime = new Uptime()
  readonly #ownAddress: AddressValue
  readonly #agents = new Map<string, AgentDatagram>()
  readonly #counters: CounterSample
  #nowMs = 0
  /** Structures that rows of the batch have something for. */
  #extended: readonly Extended[] = []
  #ofDiscards: readonly Extended[] = []

  constructor(options: ExportOptions, give: Give, drop: Drop) {
    this.#options = options
    this.#ownAddress = addressValue(options.agent ?? '0.0.0.0')
    this.#give = give
    this.#drop = drop
    this.fields = this.#row.fields
    this.#counters = new CounterSample(this.#xdr)
  }

  begin(nowMs: number, present: readonly number[]): void {
    this.#nowMs = nowMs
    this.#uptime.at(nowMs)
    const names = new Set(present.map(place => this.fields[place]?.name))
    const isThere = ({ fields }: Extended): boolean => fields.some(name => names.has(name))
    this.#extended = EXTENDED.filter(isThere)
    this.#ofDiscards = [...EXTENDED, ...DISCARD_EXTENDED].filter(isThere)
  }

  add(columns: readonly Column[], index: number, left: Left, record: () => NetRecord): string | undefined {
    const row = this.#row
    row.set(columns, index)
    const event = row.value('event_type')
    if (event === undefined || event === 'purge') return this.#flow(left)
    if (event === 'discard') return this.#discard(left)
    return event === 'counters' ? this.#count(record()) : 'not-a-flow'
  }

  #agent(): AgentDatagram {
    const row = this.#row
    const exporter = row.address('peer_ip_src')
    const address = exporter.family > 0 ? exporter : this.#ownAddress
    const { family, words, at } = address
    // The number of a sub-agent is that of an sFlow record; in NetFlow the field has another meaning.
    const isSflow = row.has('source_id_class')
    const subAgent = isSflow ? or(row.number('export_proto_sysid'), this.#options.domain) : this.#options.domain
    const rest = family === 6 ? ` ${words[at + 1]} ${words[at + 2]} ${words[at + 3]}` : ''
    const key = `${words[at]}${rest} ${subAgent}`
    let agent = this.#agents.get(key)
    if (!agent) {
      if (this.#agents.size >= AGENTS) this.#evict()
      agent = new AgentDatagram(octetsOf(address), subAgent, this.#options.messageOctets, this.#give)
      this.#agents.set(key, agent)
    }
    return agent
  }

  #evict(): void {
    const [oldest, agent] = this.#agents.entries().next().value as [string, AgentDatagram]
    this.#endCounters()
    agent.flush(this.#uptime.at(this.#nowMs))
    this.#agents.delete(oldest)
  }

  #flow(left: Left): string | undefined {
    const row = this.#row
    const agent = this.#agent()
    const head = headOf(row)
    const source = agent.source(KIND_FLOW, head.sourceClass, head.sourceIndex)
    const portions = portionsOf(row)
    if (portions === undefined) return 'no-packets'
    // An agent's own numbers are kept: they say how many packets each sample stands for.
    const keeps = row.number('packets') === 1 && row.has('sample_seqno') && row.has('sampling_pool')
    if (row.has('frame_bytes') && row.number('frame_bytes') !== row.number('bytes')) left('frame_bytes')
    for (const [index, { rate, octets, ipOctets }] of portions.entries()) {
      source.sequence = keeps ? row.number('sample_seqno') : (source.sequence + 1) >>> 0
      source.pool = keeps ? or(row.number('sampling_pool'), 0) : (source.pool + rate) % 2 ** 32
      const numbers = [rate, source.pool, or(row.number('sampling_drops'), 0)]
      this.#xdr.begin()
      this.#writeHead(source.sequence, head, numbers)
      this.#writeStructures(this.#extended, { frame: octets, ip: ipOctets }, index === 0 ? left : () => {})
      if (!this.#end(agent, index === 0 ? 1 : 0)) return 'larger-than-message'
    }
    return undefined
  }

  #writeHead(sequence: number, head: Head, numbers: readonly number[]): void {
    const { sourceClass, sourceIndex, input, outputForm, output } = head
    const isCompact =
      sourceIndex <= LARGEST_COMPACT_SOURCE &&
      input <= LARGEST_COMPACT_INTERFACE &&
      output <= LARGEST_COMPACT_INTERFACE &&
      sourceClass <= 0xff
    const xdr = this.#xdr
    xdr.unsigned(isCompact ? FLOW_SAMPLE : EXPANDED_FLOW_SAMPLE, 0, sequence)
    if (isCompact) {
      xdr.unsigned(((sourceClass << 24) | sourceIndex) >>> 0, ...numbers, input, ((outputForm << 30) | output) >>> 0)
    } else xdr.unsigned(sourceClass, sourceIndex, ...numbers, 0, input, outputForm, output)
  }

  #discard(left: Left): string | undefined {
    const row = this.#row
    const agent = this.#agent()
    const head = headOf(row)
    const source = agent.source(KIND_DISCARD, head.sourceClass, head.sourceIndex)
    source.sequence = row.has('sample_seqno') ? row.number('sample_seqno') : (source.sequence + 1) >>> 0
    const xdr = this.#xdr
    xdr.begin()
    xdr.unsigned(DISCARDED_PACKET, 0, source.sequence, head.sourceClass, head.sourceIndex)
    xdr.unsigned(or(row.number('sampling_drops'), 0), head.input, or(row.number('iface_out'), 0))
    xdr.unsigned(or(row.number('discard_reason'), 0))
    const octets = or(row.number('bytes_dropped'), 0)
    this.#writeStructures(this.#ofDiscards, { frame: octets, ip: octets }, left)
    return this.#end(agent, 1) ? undefined : 'larger-than-message'
  }

  /** A count, then the packet and whatever else the record says. */
  #writeStructures(extended: readonly Extended[], octets: { frame: number; ip: number }, left: Left): void {
    const xdr = this.#xdr
    const countAt = xdr.at
    xdr.unsigned(0)
    let count = writePacket(this.#row, xdr, octets, this.#options.frames)
    for (const { format, fields, write } of extended) {
      if (!fields.some(name => this.#row.has(name))) continue
      xdr.structure(format, () => write(this.#row, xdr, left))
      count++
    }
    if (!xdr.full) xdr.view.setUint32(countAt, count)
  }

  #end(agent: AgentDatagram, records: number): boolean {
    const xdr = this.#xdr
    if (xdr.full) return false
    xdr.view.setUint32(4, xdr.at - 8)
    return agent.add(xdr.octets.subarray(0, xdr.at), records, this.#uptime.at(this.#nowMs))
  }

  #count(record: NetRecord): string | undefined {
    const agent = this.#agent()
    const taken = this.#counters.takes(agent, this.#row, record)
    if (taken !== 'another-sample') return taken
    this.#endCounters()
    const again = this.#counters.takes(agent, this.#row, record)
    return again === 'another-sample' ? undefined : again
  }

  #endCounters(): void {
    const lost = this.#counters.end(this.#uptime.at(this.#nowMs))
    if (lost > 0) this.#drop('larger-than-message', lost)
  }

  announce(): void {
    // sFlow explains itself.
  }

  flush(): void {
    this.#endCounters()
    for (const agent of this.#agents.values()) agent.flush(this.#uptime.at(this.#nowMs))
  }
}
