// Datagrams taken apart by what single flows have: the tag of each record, and what a receiver of some tags gets.
import type { Host } from '../../contract/host.ts'
import type { Batch } from '../../contract/record.ts'
import { picker } from '../../fields/picker.ts'
import type { PreTagMap } from '../../maps/pre-tag-map.ts'
import { emptyOutcome } from '../../maps/tag-action.ts'
import type { TagTest } from '../../maps/tag-filter.ts'
import type { Tag } from '../../maps/tag-value.ts'
import { FlowDecoder } from '../../wire/flow/decoder.ts'
import { NETFLOW9 } from '../../wire/flow/message.ts'
import { MessageParts } from '../../wire/flow/message-parts.ts'
import type { Exporter } from '../../wire/flow/options.ts'
import { isSflow } from '../../wire/sflow/datagram.ts'
import { SampleParts } from '../../wire/sflow/sample-parts.ts'
import type { Receiver } from './receiver.ts'
import type { TemplateKeeper } from './template-keeper.ts'

/** Domains of exporters whose sequences a receiver has of its own; then all begin anew: `sequences-forgotten`. */
const SEQUENCES = 65_536

export class Splitter {
  readonly #map: PreTagMap
  readonly #host: Host
  readonly #templates: TemplateKeeper
  readonly #decoder: FlowDecoder
  readonly #pick
  readonly #parts = new MessageParts()
  readonly #samples = new SampleParts()
  #isSflow = false
  readonly #outcome = emptyOutcome()
  #tags: (Tag | undefined)[] = []
  #exporter: Exporter = { address: '', port: 0, family: 4 }

  constructor(map: PreTagMap, templates: TemplateKeeper, host: Host) {
    this.#map = map
    this.#host = host
    this.#templates = templates
    // What the decoder has to say of messages, the collectors say.
    const quiet: Host = { signal: host.signal, reloads: 0, count: () => {}, report: () => {}, watch: () => {} }
    const options = { ignoreExporterAddress: true, limits: { heldOctetsPerExporter: 0 } }
    this.#decoder = new FlowDecoder(options, quiet, { fields: map.fields.map(({ name }) => name), rest: false })
    this.#pick = picker(map.fields)
  }

  /** Reads a message and tags its records; false when it cannot be taken apart. */
  read(octets: Uint8Array, view: DataView, start: number, end: number, exporter: Exporter, timeUs: number): boolean {
    this.#exporter = exporter
    this.#tags = []
    for (const batch of this.#decoder.decode(octets, view, start, end, exporter, timeUs)) this.#tag(batch)
    for (const batch of this.#decoder.flush()) this.#tag(batch)
    this.#isSflow = isSflow(view, start, end)
    if (this.#isSflow)
      return this.#samples.read(octets, view, start, end) && this.#samples.records === this.#tags.length
    const parts = this.#parts
    const isRead = parts.read(
      octets,
      view,
      start,
      end,
      ({ version, domain }) =>
        id =>
          this.#templates.template(exporter, version, domain, id),
    )
    if (parts.unknown > 0) this.#host.count('sets-without-template', parts.unknown)
    return isRead && parts.records === this.#tags.length
  }

  #tag(batch: Batch): void {
    const { columns, rows, count } = this.#pick(batch)
    for (let index = 0; index < count; index++) {
      const isMet = this.#map.evaluate(columns, rows[index] as number, this.#outcome)
      this.#tags.push(isMet ? this.#outcome.tag : undefined)
    }
  }

  /** The first tag that is for these, for those who are chosen by the tag. */
  firstTag(takes: TagTest): Tag | undefined {
    return this.#tags.find(tag => takes(tag))
  }

  /** What the receiver gets of the message read last; undefined when nothing of it is for it. */
  messageFor({ removed }: Receiver, takes: TagTest): Uint8Array | undefined {
    if (removed.size >= SEQUENCES) {
      removed.clear()
      this.#host.count('sequences-forgotten')
    }
    const keeps = (record: number): boolean => takes(this.#tags[record])
    return this.#isSflow ? this.#datagram(removed, keeps) : this.#message(removed, keeps)
  }

  #datagram(removed: Map<string, number>, keeps: (sample: number) => boolean): Uint8Array | undefined {
    const key = `${this.#exporter.address} sflow ${this.#samples.agent}`
    const before = removed.get(key) ?? 0
    const made = this.#samples.rebuild(keeps, this.#samples.sequence - before, removed)
    if (!made) removed.set(key, (before + 1) >>> 0)
    return made
  }

  #message(removed: Map<string, number>, keeps: (record: number) => boolean): Uint8Array | undefined {
    const { header, records } = this.#parts
    const key = `${this.#exporter.address} ${header.version} ${header.domain}`
    const before = removed.get(key) ?? 0
    const made = this.#parts.rebuild(keeps, header.sequence - before)
    const whole = this.#parts.units(records)
    // A v9 message of sets that are in no part counted, too.
    const gone = header.version === NETFLOW9 ? 1 : whole
    const less = made === undefined ? gone : whole - this.#parts.units(made.kept)
    if (less > 0) removed.set(key, (before + less) >>> 0)
    return made?.octets
  }
}
