// sink-flow: records as NetFlow v5, v9 or IPFIX messages to a collector.
import type { Sink } from '../contract/component.ts'
import type { Host } from '../contract/host.ts'
import type { Batch } from '../contract/record.ts'
import { isAbsent } from '../fields/column.ts'
import { allFields } from '../fields/dictionary.ts'
import { picker } from '../fields/picker.ts'
import { Netflow5Writer } from '../wire/flow/export/netflow5-writer.ts'
import type { ExportOptions, FlowWriter } from '../wire/flow/export/options.ts'
import { TemplateWriter } from '../wire/flow/export/template-writer.ts'
import { NETFLOW5 } from '../wire/flow/message.ts'
import { openTransport, type Transport, type TransportOptions } from './flow-export/transport.ts'

export interface FlowExportOptions {
  /** 5, 9 or 10. */
  readonly version: number
  readonly messages: ExportOptions
  readonly transport: TransportOptions
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
  readonly #transport: Transport
  readonly #writer: FlowWriter
  readonly #pick
  readonly #others
  /** Where the fields that no element says stand among the picked. */
  readonly #othersFrom: number
  #messages: { readonly octets: Uint8Array; readonly records: number }[] = []

  constructor({ version, messages }: FlowExportOptions, transport: Transport, host: Host) {
    this.#host = host
    this.#transport = transport
    const give = (octets: Uint8Array, records: number) => this.#messages.push({ octets, records })
    this.#writer =
      version === NETFLOW5 ? new Netflow5Writer(messages, give) : new TemplateWriter(version, messages, give)
    const said = new Set(this.#writer.fields.map(({ name }) => name))
    this.#others = allFields().filter(({ name }) => !said.has(name) && !OF_THE_MESSAGE.has(name))
    this.#othersFrom = said.size
    this.#pick = picker([...this.#writer.fields, ...this.#others])
  }

  /** All messages of a batch leave before the next is taken. */
  async take(batch: Batch): Promise<void> {
    const { columns, rows, count } = this.#pick(batch)
    this.#writer.setClock(batch.now)
    const left = (field: string) => this.#host.count(`left-out/${field}`)
    for (let index = 0; index < count; index++) {
      const row = rows[index] as number
      const refusal = this.#writer.add(columns, row, left)
      if (refusal !== undefined) {
        this.#host.count(`dropped/${refusal}`)
        continue
      }
      for (const [place, { name }] of this.#others.entries()) {
        const column = columns[this.#othersFrom + place]
        if (column && !isAbsent(column, row)) left(name)
      }
    }
    this.#writer.flush()
    await this.#send()
  }

  async #send(): Promise<void> {
    const messages = this.#messages
    this.#messages = []
    for (const { octets, records } of messages) {
      await this.#transport.send(octets)
      this.#host.count('out', records)
      this.#host.count('messages')
      this.#host.count('message-octets', octets.length)
    }
  }
}

export const flowExport: Sink<FlowExportOptions> = {
  async drain(input, options, host) {
    const transport = await openTransport(options.transport)
    try {
      const sink = new FlowExport(options, transport, host)
      for await (const batch of input) await sink.take(batch)
    } finally {
      await transport.close()
    }
  },
}
