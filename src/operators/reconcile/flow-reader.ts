// Flow records to the interfaces that they went through. A record that is no flow is left to whoever reads counters.
import type { Host } from '../../contract/host.ts'
import type { Problem } from '../../contract/problem.ts'
import type { Batch } from '../../contract/record.ts'
import {
  type AddressColumn,
  type Column,
  IPV4,
  IPV6,
  type NumberColumn,
  takeValue,
  type ValueColumn,
} from '../../fields/column.ts'
import { fieldOf } from '../../fields/dictionary.ts'
import { picker } from '../../fields/picker.ts'
import { addShare, type FlowFacts, noFacts } from './flow-facts.ts'
import type { Exporter, Ledger } from './ledger.ts'
import type { ReconcileOptions } from './options.ts'
import type { Direction, EachWindow, Series } from './series.ts'
import { LANE } from './window.ts'

const NUMBERS = [
  'iface_in',
  'iface_out',
  'bytes',
  'packets',
  'bytes_reverse',
  'packets_reverse',
  'sampling_rate',
  'sampling_direction',
  'etype',
  'timestamp_arrival',
  'timestamp_start',
  'timestamp_end',
  'stamp_inserted',
  'stamp_updated',
  'export_proto_version',
  'export_proto_sysid',
  'export_proto_seqno',
  'sample_seqno',
] as const
type NumberName = (typeof NUMBERS)[number]
type NumberColumns = { readonly [name in NumberName]: NumberColumn }
export const FLOW_FIELDS = [...NUMBERS, 'peer_ip_src', 'ip_src', 'event_type', 'sampling_source'] as const
const FIELDS = FLOW_FIELDS.map(fieldOf)
const EXPORTER = fieldOf('peer_ip_src')
/** Place of sampling_source among what is no number. */
const SOURCE = 3

const ETYPE_IPV4 = 0x800
const ETYPE_IPV6 = 0x86dd
const INGRESS = 'i'.charCodeAt(0)
const EGRESS = 'e'.charCodeAt(0)
/** A flow that lasted longer did not: its times are wrong, and its end counts. */
const LONGEST_FLOW_MS = 86_400_000
/** Exporters whose texts are remembered. */
const MAX_TEXTS = 10_000

/** In sFlow version 5: the agent itself (sflow_version_5.txt, 5.3.1). */
const THE_AGENT = 0x3fff_ffff
/** 0 is none either: the exporter itself, or packets that were dropped. */
const isInterface = (iface: number): boolean => iface > 0 && iface !== THE_AGENT

/** What became of a row. */
export type Taken = 'flow' | 'other' | 'exporter' | 'interface' | 'time' | 'future' | 'room'

const LATE: Problem = {
  code: 'reconcile/late',
  message: 'flows come after their window was closed, and are missing in it; bytes_late says how much',
  hint: 'raise --late above the active timeout of the exporters',
  note: true,
}

export class FlowReader {
  readonly #pick = picker(FIELDS)
  readonly #ledger: Ledger
  readonly #host: Host
  readonly #options: ReconcileOptions
  readonly #facts: FlowFacts = noFacts()
  readonly #exporters = new Map<number, Exporter | undefined>()
  #columns = {} as NumberColumns
  #rest: readonly Column[] = []
  #hasTold = false
  /** Of the flow that is entered. */
  readonly #amounts = Float64Array.of(LANE.bytes, 0, LANE.packets, 0, LANE.scaledBytes, 0, LANE.scaledPackets, 0)
  #isFirst = false
  readonly #each: EachWindow = (window, share) => {
    addShare(window.facts, this.#facts, share, this.#isFirst)
    this.#isFirst = false
  }
  rows: Int32Array = new Int32Array(0)
  count = 0

  constructor(ledger: Ledger, options: ReconcileOptions, host: Host) {
    this.#ledger = ledger
    this.#options = options
    this.#host = host
  }

  open(batch: Batch): void {
    const { columns, rows, count } = this.#pick(batch)
    this.#columns = Object.fromEntries(NUMBERS.map((name, at) => [name, columns[at]])) as NumberColumns
    this.#rest = columns.slice(NUMBERS.length)
    this.rows = rows
    this.count = count
  }

  /** Of a row, NaN = absent. */
  #number(name: NumberName, row: number): number {
    const { numbers, other } = this.#columns[name]
    const number = numbers[row] as number
    return number === Number.POSITIVE_INFINITY ? Number(other.get(row)) : number
  }

  #ms(name: NumberName, row: number): number {
    return this.#number(name, row) / 1000
  }

  /** When the record was received, or the next best that it says, Unix ms; NaN = it has no time. */
  timeMs(row: number): number {
    const arrival = this.#ms('timestamp_arrival', row)
    if (!Number.isNaN(arrival)) return arrival
    const updated = this.#ms('stamp_updated', row)
    return Number.isNaN(updated) ? this.#span(row)[1] : updated
  }

  /** Over which time its packets were seen. */
  #span(row: number): readonly [fromMs: number, toMs: number] {
    const start = this.#ms('timestamp_start', row)
    const end = this.#ms('timestamp_end', row)
    if (!Number.isNaN(end)) {
      const isSane = start <= end && end - start <= LONGEST_FLOW_MS
      return [isSane ? start : end, end]
    }
    if (!Number.isNaN(start)) return [start, start]
    const bin = this.#ms('stamp_inserted', row)
    if (!Number.isNaN(bin)) return [bin, bin + this.#options.binMs]
    const arrival = this.#ms('timestamp_arrival', row)
    return [arrival, arrival]
  }

  /** Enters a flow; `clockMs` is the record clock. */
  take(row: number, clockMs: number): Taken {
    const bytes = this.#number('bytes', row)
    const packets = this.#number('packets', row)
    const [exporterColumn, , events] = this.#rest as [AddressColumn, AddressColumn, ValueColumn]
    const isEvent = events.values[row] !== undefined
    if (isEvent || (Number.isNaN(bytes) && Number.isNaN(packets))) return 'other'
    const [fromMs, toMs] = this.#span(row)
    if (Number.isNaN(fromMs)) return 'time'
    if (fromMs > clockMs + this.#options.lateMs + this.#options.windowMs) return 'future'
    const exporter = this.#exporterOf(exporterColumn, row)
    if (exporter === 'none') return 'exporter'
    if (!exporter) return 'room'
    this.#seeSequence(exporter, row)
    return this.#enter(exporter, row, bytes || 0, packets || 0, fromMs, toMs)
  }

  #enter(exporter: Exporter, row: number, bytes: number, packets: number, fromMs: number, toMs: number): Taken {
    const [ifaceIn, ifaceOut] = [this.#number('iface_in', row), this.#number('iface_out', row)]
    if (!isInterface(ifaceIn) && !isInterface(ifaceOut)) return 'interface'
    const rate = Math.max(1, this.#number('sampling_rate', row) || 1)
    let left = 0
    let entered = 0
    const one = (iface: number, direction: Direction, octets: number, amount: number): void => {
      if (!isInterface(iface) || (octets === 0 && amount === 0)) return
      const port = this.#ledger.port(exporter, iface)
      if (port) this.#add(port[direction], row, fromMs, toMs, octets, amount, rate)
      if (port) entered++
      else left++
    }
    one(ifaceIn, 'in', bytes, packets)
    one(ifaceOut, 'out', bytes, packets)
    const [bytesBack, packetsBack] = [this.#number('bytes_reverse', row), this.#number('packets_reverse', row)]
    one(ifaceOut, 'in', bytesBack || 0, packetsBack || 0)
    one(ifaceIn, 'out', bytesBack || 0, packetsBack || 0)
    return left > 0 && entered === 0 ? 'room' : 'flow'
  }

  #add(series: Series, row: number, fromMs: number, toMs: number, bytes: number, packets: number, rate: number): void {
    const amounts = this.#amounts
    amounts[1] = bytes
    amounts[3] = packets
    amounts[5] = bytes * rate
    amounts[7] = packets * rate
    this.#isFirst = true
    this.#factsOf(row, bytes, packets)
    const late = series.add(fromMs, toMs, amounts, this.#each)
    if (late === 0) return
    if (!this.#hasTold) this.#host.report(LATE)
    this.#hasTold = true
    this.#host.count('flows/late')
    series.total.lateBytes += bytes * late
  }

  #factsOf(row: number, bytes: number, packets: number): void {
    const facts = this.#facts
    const [, address] = this.#rest as [AddressColumn, AddressColumn]
    const etype = this.#number('etype', row)
    const family = address.family[row]
    const direction = this.#number('sampling_direction', row)
    const isIpv4 = family === IPV4 || etype === ETYPE_IPV4
    const isIpv6 = !isIpv4 && (family === IPV6 || etype === ETYPE_IPV6)
    facts.records = 1
    facts.ipv4 = isIpv4 ? bytes : 0
    facts.ipv6 = isIpv6 ? bytes : 0
    facts.other = isIpv4 || isIpv6 ? 0 : bytes
    facts.ingress = direction === INGRESS ? bytes : 0
    facts.egress = direction === EGRESS ? bytes : 0
    facts.divisor = Number.isSafeInteger(packets) ? packets : 1
    facts.least = packets
    facts.most = packets
    const source = this.#rest[SOURCE] as ValueColumn
    facts.renormalized = source.values[row] !== undefined && this.#number('sampling_rate', row) === 1 ? 1 : 0
  }

  #seeSequence({ loss }: Exporter, row: number): void {
    const sequence = this.#number('export_proto_seqno', row)
    if (Number.isNaN(sequence)) return
    const version = this.#number('export_proto_version', row) || 0
    const isSample = !Number.isNaN(this.#number('sample_seqno', row))
    loss.see(version, this.#number('export_proto_sysid', row) || 0, sequence, isSample)
  }

  /** 'none' = the record does not say; undefined = there are too many. */
  #exporterOf(column: AddressColumn, row: number): Exporter | undefined | 'none' {
    if (column.family[row] === IPV4) {
      const word = column.words[4 * row] as number
      const known = this.#exporters.get(word)
      if (known) return known
      const exporter = this.#ledger.exporter(String(takeValue(EXPORTER, column, row)))
      if (this.#exporters.size >= MAX_TEXTS) this.#exporters.clear()
      this.#exporters.set(word, exporter)
      return exporter
    }
    const address = takeValue(EXPORTER, column, row)
    return typeof address === 'string' ? this.#ledger.exporter(address) : 'none'
  }
}
