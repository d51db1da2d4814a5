// NetFlow v5, v9 and IPFIX messages to column batches.
import type { Needs } from '../../contract/component.ts'
import type { Host, Reading } from '../../contract/host.ts'
import type { Problem } from '../../contract/problem.ts'
import type { ColumnBatch } from '../../fields/batch.ts'
import type { Block } from './block.ts'
import { Columns } from './columns.ts'
import type { Domain, ExporterState } from './domain.ts'
import { Exporters } from './exporters.ts'
import { Layout, Positions } from './layout.ts'
import { HEADER_HAS_RATE } from './learned.ts'
import { emptyHeader, HEADER_OCTETS, IPFIX, NETFLOW5, readHeader } from './message.ts'
import { OpenBatch } from './open-batch.ts'
import type { Exporter, FlowDecoderOptions } from './options.ts'
import { type Plan, Plans } from './plan.ts'
import { isWithdrawal, netflow5Template, readTemplates, type Template } from './template.ts'

const SET_HEADER_OCTETS = 4
/** Set ids below are for templates or reserved. */
const FIRST_DATA_SET = 256

export class FlowDecoder {
  readonly #options: FlowDecoderOptions
  readonly #host: Host
  readonly #exporters: Exporters
  readonly #plans: Plans
  readonly #positions = new Positions()
  readonly #open = new OpenBatch()
  readonly #netflow5 = netflow5Template()
  readonly #block: Block = {
    octets: new Uint8Array(0),
    view: new DataView(new ArrayBuffer(0)),
    row: 0,
    count: 0,
    header: emptyHeader(),
    domain: undefined as unknown as Domain,
  }

  constructor(options: FlowDecoderOptions, host: Host, wanted: Needs) {
    this.#options = options
    this.#host = host
    this.#exporters = new Exporters(host)
    this.#plans = new Plans(options, new Columns(), wanted)
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
  ): Generator<ColumnBatch> {
    const block = this.#block
    const { header } = block
    const state = this.#exporters.get(exporter, timeUs)
    if (!state) return
    state.counters.messages++
    state.counters.octets += end - start
    const content = readHeader(view, start, end, header)
    if (typeof content !== 'number') {
      this.#malformed(content, state)
      return
    }
    header.arrivalUs = timeUs
    const domain = this.#exporters.domain(state, header, transport)
    if (!domain) return
    block.octets = octets
    block.view = view
    block.domain = domain
    const records = state.counters.records
    if (header.version === NETFLOW5) yield* this.#netflow5Records(start, content)
    else yield* this.#sets(start + (HEADER_OCTETS[header.version] as number), content)
    domain.sequence.see(header, state.counters.records - records, state.counters)
  }

  /** What is left in the open batch. */
  *flush(): Generator<ColumnBatch> {
    if (this.#open.count > 0) yield this.#open.close()
  }

  /** Counters of every exporter. */
  readings(): Iterable<Reading> {
    return this.#exporters.readings()
  }

  #malformed(problem: Problem, state: ExporterState): void {
    state.counters.malformed++
    this.#host.report(problem)
  }

  *#netflow5Records(start: number, end: number): Generator<ColumnBatch> {
    const { view } = this.#block
    const count = view.getUint16(start + 2)
    const octets = count * 48
    const from = start + (HEADER_OCTETS[NETFLOW5] as number)
    yield* this.#records(this.#netflow5, from, Math.min(end, from + octets))
  }

  *#sets(at: number, end: number): Generator<ColumnBatch> {
    const { view } = this.#block
    while (end - at >= SET_HEADER_OCTETS) {
      const id = view.getUint16(at)
      const octets = view.getUint16(at + 2)
      if (octets < SET_HEADER_OCTETS) return
      const next = Math.min(at + octets, end)
      if (id >= FIRST_DATA_SET) {
        const template = this.#block.domain.templates.get(id)
        if (template) yield* this.#records(template, at + SET_HEADER_OCTETS, next)
      } else this.#templates(id, at + SET_HEADER_OCTETS, next)
      at = next
    }
  }

  #templates(id: number, at: number, end: number): void {
    const { view, octets, domain, header } = this.#block
    const first = header.version === IPFIX ? 2 : 0
    if (id !== first && id !== first + 1) return
    const options = id === first + 1
    const problem = readTemplates(octets, view, at, end, header.version, options, found => {
      if (isWithdrawal(found)) return
      if ('code' in found) this.#malformed(found, domain.exporter)
      else domain.session.put(domain, found)
    })
    if (problem) this.#malformed(problem, domain.exporter)
  }

  *#records(template: Template, at: number, end: number): Generator<ColumnBatch> {
    const block = this.#block
    const open = this.#open
    const plan = this.#plan(template)
    const layout = template.layout as Layout
    while (end - at >= layout.minOctets) {
      if (open.form !== plan.form || open.room === 0) {
        if (open.count > 0) yield open.close()
        open.begin(plan)
      }
      const count = layout.walk(block.octets, at, end, open.room)
      at = layout.next
      block.row = open.count
      block.count = count
      const { steps } = plan
      for (let index = 0; index < steps.length; index++) (steps[index] as Plan['steps'][number])(block)
      open.count += count
      open.nowMs = Math.max(open.nowMs, Math.floor(block.header.arrivalUs / 1000))
      block.domain.exporter.counters.records += count
    }
  }

  #plan(template: Template): Plan {
    const { domain, header } = this.#block
    const environment = domain.exporter.learned.bits | (header.samplingRate > 0 ? HEADER_HAS_RATE : 0)
    if (template.plan && template.environment === environment) return template.plan
    template.layout ??= new Layout(template.fields, this.#positions)
    template.plans ??= new Map()
    let plan = template.plans.get(environment)
    if (!plan) {
      plan = this.#plans.make(template, environment)
      template.plans.set(environment, plan)
    }
    template.plan = plan
    template.environment = environment
    return plan
  }
}
