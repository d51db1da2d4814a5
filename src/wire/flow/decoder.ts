// NetFlow v5, v9 and IPFIX messages to column batches; sFlow datagrams go on to their own decoder.
import type { Needs } from '../../contract/component.ts'
import type { Host, Reading } from '../../contract/host.ts'
import type { Problem } from '../../contract/problem.ts'
import type { Batch } from '../../contract/record.ts'
import { isSflow } from '../sflow/datagram.ts'
import { SflowDecoder } from '../sflow/decoder.ts'
import type { Block } from './block.ts'
import { Columns } from './columns.ts'
import type { Domain, ExporterState } from './domain.ts'
import { Exporters } from './exporters.ts'
import { Filler } from './filler.ts'
import { Forms } from './forms.ts'
import { Held } from './held.ts'
import { Layout, Positions } from './layout.ts'
import { learnOptions } from './learn.ts'
import { HEADER_HAS_RATE } from './learned.ts'
import { emptyHeader, HEADER_OCTETS, IPFIX, NETFLOW5, NETFLOW5_RECORD_OCTETS, readHeader } from './message.ts'
import { OpenBatch } from './open-batch.ts'
import type { Exporter, FlowDecoderOptions } from './options.ts'
import { isPaddedByZeros } from './padding.ts'
import { type Plan, Plans } from './plan.ts'
import { exportTemplates, importTemplates } from './store.ts'
import { takeTemplate } from './take-template.ts'
import { netflow5Template, readTemplates, type Template } from './template.ts'

const SET_HEADER_OCTETS = 4
/** Set ids below are for templates or reserved. */
const FIRST_DATA_SET = 256

export class FlowDecoder {
  readonly #options: FlowDecoderOptions
  readonly #host: Host
  readonly #exporters: Exporters
  readonly #held: Held
  readonly #plans: Plans
  readonly #filler: Filler
  readonly #sflow: SflowDecoder
  readonly #positions = new Positions()
  readonly #netflow5 = netflow5Template()
  readonly #block: Block
  /** The number of the datagram that is decoded next, where its place among those of other decoders matters. */
  datagram = 0
  /** Where in the message the next set is, and the message's end. */
  #at = 0
  #end = 0
  /** Ids of templates of the last set for which data waits. */
  #announced: number[] = []
  /** Data records of the message, for its sequence number; NaN when nobody can know. */
  #units = 0

  constructor(options: FlowDecoderOptions, host: Host, wanted: Needs) {
    this.#options = options
    this.#host = host
    this.#held = new Held(host, options.limits)
    this.#exporters = new Exporters(host, this.#held, options.limits)
    const columns = new Columns()
    const forms = new Forms(columns)
    this.#plans = new Plans(options, columns, forms, wanted, host)
    this.#block = {
      octets: new Uint8Array(0),
      view: new DataView(new ArrayBuffer(0)),
      row: 0,
      count: 0,
      header: emptyHeader(),
      domain: undefined as unknown as Domain, // set with each message
    }
    const open = new OpenBatch(forms)
    this.#filler = new Filler(this.#block, open)
    this.#sflow = new SflowDecoder(options, host, wanted, columns, forms, open)
  }

  /**
   * Decodes the message in octets[start..end); `view` is over the same octets. Yields batches whose columns are used again:
   * a batch is valid until the generator goes on. Records that did not fill a batch stay for the next call.
   * `transport` stands for the transport session where there is one (TCP): templates live and die with it.
   */
  *decode(
    octets: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    exporter: Exporter,
    timeUs: number,
    transport?: object,
  ): Generator<Batch> {
    const state = this.#exporters.get(exporter, timeUs)
    if (!state) return
    state.counters.messages++
    state.counters.octets += end - start
    if (isSflow(view, start, end)) {
      yield* this.#sflow.decode(view, start, end, state, timeUs, this.datagram)
      return
    }
    const domain = this.#begin(octets, view, start, end, state, timeUs, transport)
    if (!domain) return
    const filler = this.#filler
    for (let set = this.#nextSet(); set !== 'end'; set = this.#nextSet()) {
      if (set === 'rows') while (!filler.run()) yield filler.close()
      else if (this.#announced.length > 0) yield* this.#release(domain)
    }
    this.#finish(domain)
  }

  /** What is left in the open batch. */
  *flush(): Generator<Batch> {
    if (this.#filler.count > 0) yield this.#filler.close()
  }

  /** The last message was decoded: what waits for a template waits in vain, and is counted as lost. */
  close(): void {
    for (const exporter of this.#exporters) {
      for (const domain of exporter.udp.domains.values()) this.#held.drop(domain)
    }
  }

  /** A transport session is over: its templates go, and what waits for one. */
  end(transport: object): void {
    this.#exporters.end(transport)
  }

  /** Counters of every exporter and sizes of tables. */
  *readings(): Iterable<Reading> {
    yield* this.#exporters.readings()
    yield* this.#sflow.readings(this.#exporters)
    yield { name: 'flow_sets_waiting', value: this.#held.sets }
  }

  /** All templates learned over UDP, as JSON can hold them. */
  exportTemplates(): unknown {
    return exportTemplates(this.#exporters)
  }

  /** Takes what exportTemplates gave; returns how many templates were new, or what is wrong. */
  importTemplates(stored: unknown): Problem | number {
    return importTemplates(stored, this.#exporters)
  }

  /** Reads the message header; undefined when there is nothing to decode. */
  #begin(
    octets: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    state: ExporterState,
    timeUs: number,
    transport: object | undefined,
  ): Domain | undefined {
    const block = this.#block
    const content = readHeader(view, start, end, block.header, this.#options.uptimeSeconds)
    if (typeof content !== 'number') {
      this.#malformed(content, state.counters)
      return undefined
    }
    block.header.arrivalUs = timeUs
    block.header.datagram = this.datagram
    const domain = this.#exporters.domain(state, block.header, transport)
    block.octets = octets
    block.view = view
    block.domain = domain
    this.#at = start
    this.#end = content
    this.#units = 0
    if (block.header.version !== NETFLOW5) this.#at += HEADER_OCTETS[block.header.version] as number
    return domain
  }

  #finish(domain: Domain): void {
    this.#units += this.#countRecords(domain)
    domain.sequence.see(this.#block.header, this.#units, domain.exporter.counters)
    if (!this.#filler.broken) return
    this.#filler.broken = false
    this.#problem('record-truncated', 'a record reaches beyond its set')
  }

  #countRecords(domain: Domain): number {
    const records = this.#filler.takeRecords()
    domain.exporter.counters.records += records
    return records
  }

  #malformed(problem: Problem, counters: { malformed: number }): void {
    counters.malformed++
    this.#host.report(problem)
  }

  #problem(code: string, message: string): void {
    this.#malformed({ code: `flow/${code}`, message }, this.#block.domain.exporter.counters)
  }

  /** Takes the next set of the message: its templates, or its rows into the filler. */
  #nextSet(): 'rows' | 'other' | 'end' {
    const { view, header, domain } = this.#block
    if (header.version === NETFLOW5) return this.#netflow5Records()
    const start = this.#at
    if (this.#end - start < SET_HEADER_OCTETS) return 'end'
    const id = view.getUint16(start)
    const octets = view.getUint16(start + 2)
    if (octets < SET_HEADER_OCTETS) {
      // Some exporters fill their datagrams with zeros.
      if (id !== 0 || octets !== 0) this.#problem('set-length', `set ${id} says a length of ${octets} octets`)
      return 'end'
    }
    let next = start + octets
    if (next > this.#end) {
      this.#problem('set-truncated', `set ${id} says ${octets} octets, the message has ${this.#end - start} left`)
      next = this.#end
    }
    this.#at = next
    const at = start + SET_HEADER_OCTETS
    if (id >= FIRST_DATA_SET) return this.#dataSet(domain.templates.get(id), id, at, next)
    this.#templateSet(id, at, next)
    return 'other'
  }

  /** Version 5 has no sets: the records follow the header, as many as it says. */
  #netflow5Records(): 'rows' | 'other' | 'end' {
    const start = this.#at
    if (start < 0) return 'end'
    this.#at = -1
    const from = start + (HEADER_OCTETS[NETFLOW5] as number)
    const count = this.#block.view.getUint16(start + 2)
    const fit = Math.floor((this.#end - from) / NETFLOW5_RECORD_OCTETS)
    if (count > fit) this.#problem('count', `a header that says ${count} records, the message has room for ${fit}`)
    const end = from + Math.min(count, fit) * NETFLOW5_RECORD_OCTETS
    return this.#dataSet(this.#netflow5, 0, from, end)
  }

  #templateSet(id: number, at: number, end: number): void {
    const { view, octets, domain, header } = this.#block
    const first = header.version === IPFIX ? 2 : 0
    if (id !== first && id !== first + 1) {
      this.#problem('set-id', `set id ${id} is reserved`)
      return
    }
    const problem = readTemplates(octets, view, at, end, header.version, id === first + 1, found => {
      if ('code' in found) this.#malformed(found, domain.exporter.counters)
      else takeTemplate(domain, found, this.#host)
      if ('id' in found && domain.held.has(found.id)) this.#announced.push(found.id)
    })
    if (problem) this.#malformed(problem, domain.exporter.counters)
  }

  #dataSet(template: Template | undefined, id: number, at: number, end: number): 'rows' | 'other' {
    const block = this.#block
    if (!template) {
      this.#units = Number.NaN
      this.#held.hold(block, id, at, end)
      return 'other'
    }
    template.layout ??= new Layout(template.fields, this.#positions)
    const { layout } = template
    if (this.#options.strictPadding && !isPaddedByZeros(layout, block.octets, at, end)) return this.#refuse(id)
    if (template.options) {
      const records = learnOptions(template, layout, block, at, end)
      if (!this.#options.accountOptions) {
        this.#units += records
        return 'other'
      }
    }
    this.#filler.begin(this.#plan(template), layout, at, end)
    return 'rows'
  }

  /** Perhaps its template is another than the exporter's: nobody knows how many records it has. */
  #refuse(id: number): 'other' {
    this.#units = Number.NaN
    this.#host.count('lost/padding')
    this.#problem('padding', `set ${id} has something else than zeros behind its last record`)
    return 'other'
  }

  /** Decodes data sets whose template came, each with the header that it came with. */
  *#release(domain: Domain): Generator<Batch> {
    const block = this.#block
    const { octets, view, header } = block
    const filler = this.#filler
    const units = this.#units + this.#countRecords(domain)
    const released = this.#announced.flatMap(id => this.#held.take(domain, id, header.arrivalUs))
    this.#announced = []
    for (const held of released.sort((a, b) => a.number - b.number)) {
      block.octets = held.octets
      block.view = new DataView(held.octets.buffer, held.octets.byteOffset, held.octets.length)
      block.header = { ...held.header, datagram: header.datagram }
      const set = this.#dataSet(domain.templates.get(held.template), held.template, 0, held.octets.length)
      if (set === 'rows') while (!filler.run()) yield filler.close()
    }
    block.octets = octets
    block.view = view
    block.header = header
    this.#countRecords(domain)
    this.#units = units
  }

  #plan(template: Template): Plan {
    const { domain, header } = this.#block
    const environment = domain.exporter.learned.bits | (header.samplingRate > 0 ? HEADER_HAS_RATE : 0)
    return this.#plans.of(template, environment)
  }
}
