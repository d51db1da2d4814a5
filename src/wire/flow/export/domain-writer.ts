// A domain (source id) of its own for each exporter that records name: what options say of one is not taken for another's.
import type { NetRecord } from '../../../contract/record.ts'
import { type Column, IPV4, NO_ADDRESS, takeValue } from '../../../fields/column.ts'
import type { Field } from '../../../fields/field.ts'
import type { ExportOptions, FlowWriter, Left } from './options.ts'

/** Exporters; the others share the first domain. */
export const DOMAINS = 4096

export type MakeWriter = (options: ExportOptions) => FlowWriter

export class DomainWriter implements FlowWriter {
  readonly fields: readonly Field[]
  readonly implied: ReadonlySet<string>
  readonly #options: ExportOptions
  readonly #make: MakeWriter
  readonly #shared: FlowWriter
  readonly #writers = new Map<string, FlowWriter>()
  readonly #peer: number
  #nowMs = 0
  #present: readonly number[] = []

  constructor(options: ExportOptions, make: MakeWriter) {
    this.#options = options
    this.#make = make
    this.#shared = make(options)
    this.fields = this.#shared.fields
    this.implied = this.#shared.implied
    this.#peer = this.fields.findIndex(({ name }) => name === 'peer_ip_src')
  }

  #writerOf(columns: readonly Column[], row: number): FlowWriter {
    const column = columns[this.#peer]
    if (column?.lane !== 'address' || column.family[row] === NO_ADDRESS) return this.#shared
    let key = ''
    const words = column.family[row] === IPV4 ? 1 : 4
    for (let word = 0; word < words; word++) key += `${column.words[4 * row + word]} `
    const known = this.#writers.get(key)
    if (known) return known
    if (this.#writers.size >= DOMAINS) return this.#shared
    const domain = (this.#options.domain + this.#writers.size + 1) >>> 0
    const exporter = takeValue(this.fields[this.#peer] as Field, column, row)
    const interfaces = () => this.#options.interfaces(String(exporter))
    const writer = this.#make({ ...this.#options, domain, interfaces })
    writer.begin(this.#nowMs, this.#present)
    this.#writers.set(key, writer)
    return writer
  }

  begin(nowMs: number, present: readonly number[]): void {
    this.#nowMs = nowMs
    this.#present = present
    for (const writer of this.#all()) writer.begin(nowMs, present)
  }

  add(columns: readonly Column[], row: number, left: Left, record: () => NetRecord): string | undefined {
    return this.#writerOf(columns, row).add(columns, row, left, record)
  }

  rename(): void {
    for (const writer of this.#all()) writer.rename?.()
  }

  flush(): void {
    for (const writer of this.#all()) writer.flush()
  }

  announce(): void {
    for (const writer of this.#all()) writer.announce()
  }

  *#all(): Iterable<FlowWriter> {
    yield this.#shared
    yield* this.#writers.values()
  }
}
