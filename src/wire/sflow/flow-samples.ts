// Flow samples and discarded packets into rows.
import type { Host } from '../../contract/host.ts'
import type { MessageHeader } from '../flow/message.ts'
import type { FlowDecoderOptions } from '../flow/options.ts'
import type { SequenceCounters } from '../flow/sequence.ts'
import type { Agent, Source } from './agents.ts'
import { SFLOW5 } from './datagram.ts'
import type { Row, RowWriter } from './fields.ts'
import { FLOW_RECORDS, SKIPPED_FLOW_RECORDS } from './flow-records/extended.ts'
import { enterDecapsulated } from './flow-records/header.ts'
import { legacyParts } from './flow-records/legacy.ts'
import { AS_IFINDEX, Sample } from './sample.ts'
import type { UnknownStructures } from './unknown.ts'
import type { Xdr } from './xdr.ts'

const EXPANDED = 3
const DISCARDED = 5
/** Kinds of data source for sequence numbers. */
const KIND_FLOW = 0
const KIND_DISCARD = 2
/** Tallies of more formats go under one. */
const VALUE = 0x3fff_ffff

/** What all samples of a datagram have in common. */
export interface Context {
  header: MessageHeader
  agent: Agent
  exporter: Row['exporter'] & { readonly text?: string | undefined }
  samples: SequenceCounters
  unknown: UnknownStructures
}

type Filled = { -readonly [name in keyof Row]: Row[name] }

export class FlowSamples {
  readonly #options: FlowDecoderOptions
  readonly #host: Host
  readonly #write: RowWriter
  readonly #row: Filled
  readonly #sample: Sample
  context: Context
  /** The last sample made a row. */
  isRow = false

  constructor(options: FlowDecoderOptions, host: Host, write: RowWriter) {
    this.#options = options
    this.#host = host
    this.#write = write
    this.#sample = new Sample(options.tunnelPorts)
    const none = undefined as never // set with each datagram
    this.context = { header: none, agent: none, exporter: none, samples: none, unknown: none }
    this.#row = {
      header: none,
      agent: none,
      exporter: none,
      sample: this.#sample,
      rate: 0,
      rateSource: '',
      effectiveRate: 0,
      packets: 1,
      bytes: 0,
      ipBytes: 0,
      isDiscard: false,
    }
  }

  begin(
    header: MessageHeader,
    agent: Agent,
    exporter: Context['exporter'],
    { samples, unknown }: Pick<Context, 'samples' | 'unknown'>,
  ): void {
    this.context = { header, agent, exporter, samples, unknown }
    this.#row.header = header
    this.#row.agent = agent
    this.#row.exporter = exporter
  }

  /** Reads a sample, into this row unless it is negative; false when the next cannot be found. */
  read(xdr: Xdr, format: number, version: number, row: number): boolean {
    const sample = this.#sample
    sample.clear()
    this.isRow = false
    const isDiscard = format === DISCARDED
    if (isDiscard) this.#readDiscard(xdr)
    else this.#readHead(xdr, format === EXPANDED)
    if (xdr.broken) return version === SFLOW5
    const source = this.context.agent.source(
      isDiscard ? KIND_DISCARD : KIND_FLOW,
      sample.sourceClass,
      sample.sourceIndex,
    )
    source.counting.see(sample.sequence, this.context.samples)
    source.drops = sample.drops
    if (row < 0) return true
    const more = version === SFLOW5 ? this.#readRecords(xdr) : legacyParts(xdr, sample, version, this.context.unknown)
    enterDecapsulated(xdr.view, sample)
    this.#fill(source, isDiscard)
    this.#write(this.#row, row)
    this.isRow = true
    return more
  }

  #readHead(xdr: Xdr, isExpanded: boolean): void {
    const sample = this.#sample
    sample.sequence = xdr.unsigned()
    const id = xdr.unsigned()
    sample.sourceClass = isExpanded ? id : id >>> 24
    sample.sourceIndex = isExpanded ? xdr.unsigned() : id & 0xff_ffff
    sample.samplingRate = xdr.unsigned()
    sample.pool = xdr.unsigned()
    sample.drops = xdr.unsigned()
    const first = xdr.unsigned()
    const second = xdr.unsigned()
    if (isExpanded) {
      sample.inputForm = first
      sample.input = second
      sample.outputForm = xdr.unsigned()
      sample.output = xdr.unsigned()
      return
    }
    sample.inputForm = first >>> 30
    sample.input = first & VALUE
    sample.outputForm = second >>> 30
    sample.output = second & VALUE
  }

  #readDiscard(xdr: Xdr): void {
    const sample = this.#sample
    sample.sequence = xdr.unsigned()
    sample.sourceClass = xdr.unsigned()
    sample.sourceIndex = xdr.unsigned()
    sample.drops = xdr.unsigned()
    sample.samplingRate = 0
    sample.pool = 0
    sample.inputForm = AS_IFINDEX
    sample.outputForm = AS_IFINDEX
    sample.input = xdr.unsigned()
    sample.output = xdr.unsigned()
    sample.discardReason = xdr.unsigned()
  }

  /** Records have lengths: what is not known is read over. */
  #readRecords(xdr: Xdr): boolean {
    const { end } = xdr
    const count = xdr.unsigned()
    for (let record = 0; record < count && xdr.at < end && !xdr.broken; record++) {
      const format = xdr.unsigned()
      const octets = xdr.unsigned()
      if (xdr.broken) return true
      const next = Math.min(xdr.at + octets, xdr.lastEnd)
      const isOver = xdr.at + octets > end
      const read = FLOW_RECORDS.get(format)
      if (read) {
        xdr.end = next
        read(xdr, this.#sample)
        xdr.end = end
        if (isOver) xdr.broken = true
      } else if (!SKIPPED_FLOW_RECORDS.has(format)) this.context.unknown.add('flow', format)
      xdr.at = next
    }
    return true
  }

  #fill(source: Source, isDiscard: boolean): void {
    const row = this.#row
    const sample = this.#sample
    const options = this.#options
    const { samplingMap, staticSamplingRate = 0, renormalize } = options
    row.isDiscard = isDiscard
    row.packets = 1
    const { inner } = sample.packet
    const isInner = options.innerHeader === true && sample.packet.tunnels > 0 && inner.ipOctets > 0
    row.bytes = isInner ? inner.ipOctets : sample.bytes
    row.ipBytes = isInner ? inner.ipOctets : sample.ipOctets
    row.rate = 0
    row.effectiveRate = 0
    if (isDiscard) return
    row.effectiveRate = source.effectiveRate(sample.sequence, sample.pool)
    const mapped = samplingMap ? this.#mappedRate(samplingMap) : 0
    row.rate = mapped || sample.samplingRate || staticSamplingRate
    row.rateSource = mapped > 0 ? 'map' : sample.samplingRate > 0 ? 'record' : 'static'
    if (!renormalize) return
    if (row.rate === 0) {
      this.#host.count('renormalize/unknown-rate')
      return
    }
    if (mapped === 0 && row.effectiveRate > 0) row.rateSource = 'pool'
    const factor = mapped > 0 || row.effectiveRate === 0 ? row.rate : row.effectiveRate
    row.packets = Math.round(factor)
    row.bytes = Math.round(row.bytes * factor)
    row.ipBytes = Math.round(row.ipBytes * factor)
    row.rate = 1
  }

  #mappedRate(map: NonNullable<FlowDecoderOptions['samplingMap']>): number {
    const { input, inputForm, output, outputForm } = this.#sample
    const index = (form: number, value: number): number => (form === AS_IFINDEX ? value : 0)
    const exporter = addressText(this.#row.exporter)
    return map(exporter, index(inputForm, input), index(outputForm, output)) ?? 0
  }
}

const addressText = (exporter: Row['exporter'] & { readonly text?: string | undefined }): string => exporter.text ?? ''
