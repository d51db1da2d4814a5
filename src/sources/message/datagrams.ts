// Messages that are datagrams of exporters (tee writes them): decoded as if they had come by UDP.
import type { Needs } from '../../contract/component.ts'
import type { Host } from '../../contract/host.ts'
import { type Batch, recordBatch } from '../../contract/record.ts'
import { FlowDecoder } from '../../wire/flow/decoder.ts'
import type { Exporter } from '../../wire/flow/options.ts'
import { Admission } from '../admission.ts'
import type { FlowOptions } from '../flow-options.ts'
import { SamplingRates } from '../sampling-rates.ts'
import { TemplateStore } from '../template-store.ts'
import type { FeedMessage, MessageDecoder } from './feed.ts'
import { packetDatagram } from './packet-datagram.ts'

export type DatagramOptions = Pick<FlowOptions, 'decoder' | 'allow' | 'samplingMap' | 'templateStore'>

const NOWHERE: Exporter = { address: '0.0.0.0', port: 0, family: 4 }
/** Exporters whose texts are remembered. */
const REMEMBERED = 10_000

/** `ADDRESS:PORT`, `[IPV6]:PORT` or an address; undefined for other texts. */
export function exporterOf(text: string): Exporter | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)|([0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*))(?::(\d{1,5}))?$/i.exec(text)
  if (!match) return undefined
  const address = (match[1] ?? match[2] ?? match[3]) as string
  return { address, port: Number(match[4] ?? 0), family: address.includes(':') ? 6 : 4 }
}

export class DatagramDecoder implements MessageDecoder {
  readonly #host: Host
  readonly #decoder: FlowDecoder
  readonly #admission: Admission
  readonly #store: TemplateStore | undefined
  readonly #rates: SamplingRates | undefined
  readonly #exporters = new Map<string, Exporter>()
  #reloads: number
  #nowMs = 0

  private constructor(options: DatagramOptions, host: Host, wanted: Needs) {
    this.#host = host
    this.#reloads = host.reloads
    this.#store = options.templateStore === undefined ? undefined : new TemplateStore(options.templateStore, host)
    this.#rates = options.samplingMap ? new SamplingRates(options.samplingMap, host) : undefined
    const decoding = this.#rates ? { ...options.decoder, samplingMap: this.#rates.rate } : options.decoder
    this.#decoder = new FlowDecoder(decoding, this.#store?.decoderHost() ?? host, wanted)
    this.#admission = new Admission(options.allow, host)
    host.watch(() => this.#decoder.readings())
    host.watch(() => this.#admission.readings())
  }

  static async open(options: DatagramOptions, host: Host, wanted: Needs): Promise<DatagramDecoder> {
    const made = new DatagramDecoder(options, host, wanted)
    await made.#store?.load(made.#decoder)
    return made
  }

  async *decode(messages: readonly FeedMessage[]): AsyncIterable<Batch> {
    for (const message of messages) yield* this.#datagram(message)
    yield* this.#decoder.flush()
  }

  *#datagram(message: FeedMessage): Generator<Batch> {
    const { octets, timeMs } = message
    const packet = packetDatagram(octets)
    const peer = packet?.exporter ?? this.#exporter(message.exporter())
    if (!this.#admission.allows(peer.address)) return
    this.#nowMs = Math.max(this.#nowMs, timeMs)
    const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
    const [start, end] = packet ? [packet.start, packet.end] : [0, octets.byteLength]
    yield* this.#decoder.decode(octets, view, start, end, peer, timeMs * 1000)
  }

  #exporter(text: string): Exporter {
    let known = this.#exporters.get(text)
    if (!known) {
      known = exporterOf(text) ?? NOWHERE
      if (known === NOWHERE) {
        this.#host.report({
          code: 'message/no-exporter',
          message: `"${text.slice(0, 80)}" is no address of an exporter: it counts as 0.0.0.0`,
        })
      }
      if (this.#exporters.size >= REMEMBERED) this.#exporters.clear()
      this.#exporters.set(text, known)
    }
    return known
  }

  silence(ms: number): Batch | undefined {
    if (this.#nowMs === 0) return undefined
    this.#nowMs += ms
    return recordBatch([], this.#nowMs)
  }

  /** Between batches: templates are written, maps read again. */
  async upkeep(): Promise<void> {
    await this.#store?.saveSometimes(this.#decoder)
    if (this.#reloads === this.#host.reloads) return
    this.#reloads = this.#host.reloads
    await this.#admission.reload()
    await this.#rates?.reload()
  }

  async close(): Promise<void> {
    this.#decoder.close()
    await this.#store?.save(this.#decoder)
  }
}
