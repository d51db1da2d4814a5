// sFlow datagrams: a row of columns for each flow sample and each discarded packet, a record for each counter structure.
import type { Needs } from '../../contract/component.ts'
import type { Host, Reading } from '../../contract/host.ts'
import { type Batch, type NetRecord, RECORDS_PER_BATCH, recordBatch } from '../../contract/record.ts'
import { allFields, fieldsOf } from '../../fields/dictionary.ts'
import type { Columns } from '../flow/columns.ts'
import type { ExporterState } from '../flow/domain.ts'
import type { Forms } from '../flow/forms.ts'
import { emptyHeader } from '../flow/message.ts'
import type { OpenBatch } from '../flow/open-batch.ts'
import type { FlowDecoderOptions } from '../flow/options.ts'
import type { Plan } from '../flow/plan.ts'
import { Agents } from './agents.ts'
import { CounterSamples } from './counter-samples.ts'
import { readDatagram, SFLOW5 } from './datagram.ts'
import { isSampleField, sampleWriter } from './fields.ts'
import { FlowSamples } from './flow-samples.ts'
import { UnknownStructures } from './unknown.ts'
import { Address, Xdr } from './xdr.ts'

/** Sample formats of enterprise 0; versions 2 and 4 have the first two. */
const FLOW = 1
const COUNTERS = 2
const EXPANDED_FLOW = 3
const EXPANDED_COUNTERS = 4
const DISCARDED = 5

/** What was read of one exporter. */
interface Tally {
  agents: Agents
  flowSamples: number
  counterSamples: number
  discards: number
  readonly unknown: UnknownStructures
  readonly samples: { lost: number; reordered: number; restarts: number }
}

export class SflowDecoder {
  readonly #options: FlowDecoderOptions
  readonly #host: Host
  readonly #open: OpenBatch
  readonly #flows: FlowSamples
  readonly #counters: CounterSamples
  readonly #plan: Plan
  readonly #datagram = new Xdr()
  readonly #xdr = new Xdr()
  readonly #header = emptyHeader()
  readonly #agentAddress = new Address()
  /** They go with the exporter's state. */
  readonly #tallies = new WeakMap<ExporterState, Tally>()
  /** The last exporter's. */
  #state: ExporterState | undefined
  #tally: Tally | undefined

  constructor(options: FlowDecoderOptions, host: Host, wanted: Needs, columns: Columns, forms: Forms, open: OpenBatch) {
    this.#options = options
    this.#host = host
    this.#open = open
    const named = wanted.fields.flatMap(word => fieldsOf(word))
    const names = new Set((wanted.rest ? [...allFields(), ...named] : named).map(field => field.name))
    const inner = options.innerHeader === true
    const fields = allFields().filter(field => names.has(field.name) && isSampleField(field, inner))
    this.#plan = {
      form: forms.of(fields),
      columns: fields.map(field => columns.of(field)),
      steps: [],
      split: undefined,
    }
    this.#flows = new FlowSamples(options, host, sampleWriter(fields, this.#plan.columns, inner))
    this.#counters = new CounterSamples()
  }

  /** As FlowDecoder.decode. */
  *decode(
    view: DataView,
    start: number,
    end: number,
    state: ExporterState,
    timeUs: number,
    datagram = 0,
  ): Generator<Batch> {
    const [xdr, header] = [this.#datagram, this.#header]
    xdr.begin(view, start, end)
    const count = readDatagram(xdr, this.#agentAddress, header)
    header.arrivalUs = timeUs
    header.datagram = datagram
    if (count === undefined) return this.#malformed(state, 'truncated', `an sFlow datagram of ${end - start} octets`)
    const tally = this.#tallyOf(state)
    const agent = tally.agents.get(this.#agentAddress, header.sysid)
    agent.counting.see(header.sequence, state.counters)
    const says = this.#options.ignoreExporterAddress !== true && agent.address.family !== 0
    this.#flows.begin(header, agent, says ? agent.address : state, tally)
    const counters: NetRecord[] = []
    for (let sample = 0; sample < count; sample++) {
      if (xdr.at >= end) {
        this.#malformed(state, 'count', `an sFlow datagram that says ${count} samples and has ${sample}`)
        break
      }
      const format = xdr.unsigned()
      const next = this.#sampleEnd(xdr, end)
      if (next < 0) break
      if (this.#isFlow(format)) {
        while (!this.#open.accept(this.#plan) || this.#open.room < 1) yield this.#open.close()
      }
      const more = this.#read(format, xdr.at, Math.min(next, end), state, tally, counters)
      if (!more || next > end) break
      xdr.at = header.version === SFLOW5 ? next : this.#xdr.at
    }
    yield* this.#giveCounters(counters, timeUs)
  }

  /** How often each exporter's samples, and what became of them. */
  *readings(exporters: Iterable<ExporterState>): Iterable<Reading> {
    for (const state of exporters) {
      const tally = this.#tallies.get(state)
      if (!tally) continue
      const labels = { exporter: state.text }
      const { flowSamples, counterSamples, discards, unknown, samples } = tally
      let drops = 0
      for (const [, agent] of tally.agents) for (const source of agent.sources) drops += source.drops
      yield { name: 'exporter_flow_samples', labels, value: flowSamples }
      yield { name: 'exporter_counter_samples', labels, value: counterSamples }
      yield { name: 'exporter_discards', labels, value: discards }
      yield { name: 'exporter_samples_lost', labels, value: samples.lost }
      yield { name: 'exporter_samples_reordered', labels, value: samples.reordered }
      yield { name: 'exporter_sampling_drops', labels, value: drops }
      yield* unknown.readings(state.text)
    }
  }

  #tallyOf(state: ExporterState): Tally {
    if (state === this.#state && this.#tally) return this.#tally
    let tally = this.#tallies.get(state)
    if (!tally) {
      tally = {
        agents: new Agents(name => this.#host.count(name)),
        flowSamples: 0,
        counterSamples: 0,
        discards: 0,
        unknown: new UnknownStructures(),
        samples: { lost: 0, reordered: 0, restarts: 0 },
      }
      this.#tallies.set(state, tally)
    }
    this.#state = state
    this.#tally = tally
    return tally
  }

  /** Where the sample ends, by what it says; versions 2 and 4 do not say. Negative: nothing is left. */
  #sampleEnd(xdr: Xdr, end: number): number {
    if (this.#header.version !== SFLOW5) return end
    const octets = xdr.unsigned()
    if (xdr.broken || octets > end - xdr.at) {
      const state = this.#state as ExporterState
      this.#malformed(state, 'sample-truncated', `a sample of ${octets} octets, the datagram has ${end - xdr.at} left`)
    }
    return xdr.broken ? -1 : xdr.at + octets
  }

  #isFlow(format: number): boolean {
    return format === FLOW || format === EXPANDED_FLOW || (format === DISCARDED && this.#options.discards === true)
  }

  /** Reads one sample into a row or into records; false when the next cannot be found. */
  #read(format: number, at: number, end: number, state: ExporterState, tally: Tally, counters: NetRecord[]): boolean {
    const xdr = this.#xdr
    xdr.begin(this.#datagram.view, at, end, this.#datagram.end)
    const { version } = this.#header
    if (format === FLOW || format === EXPANDED_FLOW || format === DISCARDED) {
      if (format === DISCARDED) tally.discards++
      else tally.flowSamples++
      const row = format !== DISCARDED || this.#options.discards === true ? this.#open.count : -1
      const more = this.#flows.read(xdr, format, version, row)
      if (row >= 0 && this.#flows.isRow) {
        this.#open.add(1, this.#header.arrivalUs)
        state.counters.records++
      }
      if (xdr.broken) this.#malformed(state, 'sample-cut', 'a flow sample that reaches beyond its end')
      else if (!more) this.#unreadable(state)
      return more
    }
    if (format === COUNTERS || format === EXPANDED_COUNTERS) {
      tally.counterSamples++
      const into = this.#options.counters === true ? counters : undefined
      const more = this.#counters.read(xdr, format === EXPANDED_COUNTERS, this.#flows.context, into)
      if (xdr.broken) this.#malformed(state, 'sample-cut', 'a counter sample that reaches beyond its end')
      else if (!more) this.#unreadable(state)
      return more
    }
    tally.unknown.add('sample', format)
    if (version !== SFLOW5) this.#unreadable(state)
    return version === SFLOW5
  }

  /** Rows that came before stay before. */
  *#giveCounters(counters: NetRecord[], timeUs: number): Generator<Batch> {
    if (counters.length === 0) return
    if (this.#open.count > 0) yield this.#open.close()
    for (let from = 0; from < counters.length; from += RECORDS_PER_BATCH) {
      yield recordBatch(counters.slice(from, from + RECORDS_PER_BATCH), Math.floor(timeUs / 1000))
    }
  }

  /** Versions 2 and 4 say no lengths. */
  #unreadable(state: ExporterState): void {
    this.#malformed(state, 'unknown-part', 'a structure that is not known and has no length: the rest of a datagram')
  }

  #malformed(state: ExporterState, code: string, what: string): undefined {
    state.counters.malformed++
    this.#host.report({ code: `sflow/${code}`, message: `${what}, from ${state.text}` })
    return undefined
  }
}
