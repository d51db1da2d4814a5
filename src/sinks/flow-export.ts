// sink-flow: records as NetFlow v5, v9, IPFIX or sFlow messages to a collector, or into a capture.
import type { Sink } from '../contract/component.ts'
import type { Host } from '../contract/host.ts'
import { ProblemError } from '../contract/problem.ts'
import type { Batch, NetRecord } from '../contract/record.ts'
import { LineBatch } from '../fields/batch.ts'
import { type Column, isAbsent, placesWithValues, ROWS } from '../fields/column.ts'
import { allFields } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'
import { picker } from '../fields/picker.ts'
import { type InterfaceNames, readInterfaceNames } from '../maps/interface-names.ts'
import { LiveMap } from '../maps/live-map.ts'
import { DomainWriter } from '../wire/flow/export/domain-writer.ts'
import { Netflow5Writer } from '../wire/flow/export/netflow5-writer.ts'
import type { Drop, ExportOptions, FlowWriter, Give } from '../wire/flow/export/options.ts'
import { TemplateWriter } from '../wire/flow/export/template-writer.ts'
import { IPFIX, NETFLOW9 } from '../wire/flow/message.ts'
import { SflowWriter } from '../wire/sflow/export/sflow-writer.ts'
import { type Message, openTransport, type Transport, type TransportOptions } from './flow-export/transport.ts'

export type ExportVersion = 'netflow5' | 'netflow9' | 'ipfix' | 'sflow'

export interface FlowExportOptions {
  readonly version: ExportVersion
  /** `interfaces` are those of the map, where there is one. */
  readonly messages: ExportOptions
  readonly interfaces?: InterfaceNames | undefined
  readonly transport: TransportOptions
}

type MakeWriter = (options: ExportOptions, give: Give, drop: Drop) => FlowWriter

const templated =
  (version: number): MakeWriter =>
  (options, give, drop) => {
    const make = (own: ExportOptions) => new TemplateWriter(version, own, give, drop)
    return options.domainPerExporter ? new DomainWriter(options, make) : make(options)
  }

const WRITERS: { readonly [version in ExportVersion]: MakeWriter } = {
  netflow5: (options, give) => new Netflow5Writer(options, give),
  netflow9: templated(NETFLOW9),
  ipfix: templated(IPFIX),
  sflow: (options, give, drop) => new SflowWriter(options, give, drop),
}

/** About the message that a record came in: a message that goes out has its own. */
const OF_THE_MESSAGE: ReadonlySet<string> = new Set([
  'timestamp_arrival',
  'export_proto_version',
  'export_proto_sysid',
  'export_proto_seqno',
  'timestamp_export',
  'sampling_source',
])

class FlowExport {
  readonly #host: Host
  readonly #writer: FlowWriter
  readonly #pick
  readonly #others
  /** Where the fields that no element says stand among the picked. */
  readonly #othersFrom: number
  /** 1 = the row went into a message. */
  readonly #taken = new Uint8Array(4 * ROWS)
  readonly #names: LiveMap<InterfaceNames> | undefined
  #messages: Message[] = []
  #nowMs = 0

  constructor({ version, messages, interfaces }: FlowExportOptions, host: Host) {
    this.#host = host
    this.#names = interfaces && new LiveMap(interfaces, () => readInterfaceNames(interfaces.file), host)
    const names = this.#names
    const named = names ? { ...messages, interfaces: (of: string | undefined) => names.current.namesOf(of) } : messages
    const give: Give = (octets, records, counted = 0) =>
      this.#messages.push({ octets, records, counted, nowMs: this.#nowMs })
    const drop: Drop = (reason, records) => host.count(`dropped/${reason}`, records)
    this.#writer = WRITERS[version](named, give, drop)
    const said = new Set(this.#writer.fields.map(({ name }) => name))
    this.#others = allFields().filter(
      ({ name }) => !said.has(name) && !OF_THE_MESSAGE.has(name) && !this.#writer.implied.has(name),
    )
    this.#othersFrom = this.#writer.fields.length
    this.#pick = picker([...this.#writer.fields, ...this.#others])
  }

  /** Between batches: reads the map again when it is time. */
  async keepUp(): Promise<void> {
    if (await this.#names?.refresh()) this.#writer.rename?.()
  }

  /** What a session begins with. */
  opening(): readonly Message[] {
    const waiting = this.#messages
    this.#messages = []
    this.#writer.announce()
    const opening = this.#messages
    this.#messages = waiting
    return opening
  }

  /** Fields that nothing says. */
  #countOthers(columns: readonly Column[], rows: Int32Array, count: number, present: readonly number[]): void {
    for (const place of present) {
      if (place < this.#othersFrom) continue
      const column = columns[place] as Column
      let there = 0
      for (let index = 0; index < count; index++) {
        const row = rows[index] as number
        if (this.#taken[row] === 1 && !isAbsent(column, row)) there++
      }
      if (there > 0) this.#host.count(`left-out/${(this.#others[place - this.#othersFrom] as Field).name}`, there)
    }
  }

  /** The messages of a batch. */
  take(batch: Batch): readonly Message[] {
    const { columns, rows, count } = this.#pick(batch)
    this.#messages = []
    this.#nowMs = batch.now
    // Most fields are in no row.
    const present = placesWithValues(columns, rows, count)
    this.#writer.begin(batch.now, present)
    const left = (field: string) => this.#host.count(`left-out/${field}`)
    this.#taken.fill(0)
    for (let index = 0; index < count; index++) {
      const row = rows[index] as number
      const refusal = this.#writer.add(columns, row, left, () => recordOf(batch, index, row))
      if (refusal === undefined) this.#taken[row] = 1
      else this.#host.count(`dropped/${refusal}`)
    }
    this.#countOthers(columns, rows, count, present)
    this.#writer.flush()
    return this.#messages
  }
}

const recordOf = (batch: Batch, index: number, row: number): NetRecord =>
  (batch instanceof LineBatch ? batch.record(row) : batch.records[index]) ?? {}

/** All messages of a batch leave before the next is taken. Counts what was sent, and returns how many records were not. */
async function deliver(messages: readonly Message[], transport: Transport, host: Host): Promise<number> {
  let [at, lost] = [0, 0]
  try {
    for (; at < messages.length; at++) {
      const message = messages[at] as Message
      if (!(await transport.send(message))) {
        lost += message.records
        continue
      }
      host.count('out', message.records)
      host.count('messages')
      host.count('message-octets', message.octets.length)
    }
  } finally {
    lost += messages.slice(at).reduce((sum, { records }) => sum + records, 0)
    if (lost > 0) host.count('dropped/not-sent', lost)
  }
  return lost
}

export const flowExport: Sink<FlowExportOptions> = {
  async drain(input, options, host) {
    const sink = new FlowExport(options, host)
    const transport = await openTransport(options.transport, () => sink.opening(), host)
    let lost = 0
    try {
      for await (const batch of input) {
        await sink.keepUp()
        lost += await deliver(sink.take(batch), transport, host)
      }
    } finally {
      await transport.close()
    }
    if (lost === 0) return
    throw new ProblemError({
      code: 'sink-flow/lost',
      message: `${lost} records were not sent`,
      hint: 'the counters say why: --stats',
    })
  },
}
