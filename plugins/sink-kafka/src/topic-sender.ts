// Datagrams of exporters into a topic, in their order, each once all in-sync replicas have it. Whoever sends them does not wait: while the
// brokers are away they are kept, up to a limit.
import { setTimeout as pause } from 'node:timers/promises'
import { compatibilityPartitioner, type MessageToProduce, Producer } from '@platformatic/kafka'
import { addressText, type Exporter, type Host, isPermanent, reconnectPauseMs } from 'netally'
import { closed, connectError, connectionOptions, reasonOf } from './client.ts'
import type { ClientOptions } from './client-options.ts'
import type { Settings } from './config-file.ts'
import { compressionOf } from './options.ts'
import { isRefusal, partitionErrors } from './produce-errors.ts'
import { topicsMetadata } from './topics.ts'

/** The token of a datagram, its octets, and why it was not written. */
export type Outcome = (token: number, octets: number, error: string | undefined) => void

/** Kept while the brokers are away; more are counted as `QUEUE_FULL`. */
const QUEUE_OCTETS = 64 << 20
/** A small datagram costs more than its octets. */
const MESSAGE_OCTETS = 200
/** Sent with one request; brokers take a little more. */
const REQUEST_OCTETS = 900_000
const REQUEST_MESSAGES = 2000
const RETRIES = 20
const RETRY_MS = 250
const FIRST_PAUSE_MS = 200
const MOST_PAUSE_MS = 10_000
const ALL_REPLICAS = -1
const EXPORTER_HEADER = Buffer.from('netally-exporter')
/** Exporters whose key is kept; then all are made again. */
const EXPORTERS = 65_536
const NO_TARGET = new Uint8Array(0)

interface Waiting {
  readonly value: Buffer
  readonly place: ExporterPlace
  readonly timeMs: number
  readonly token: number
  readonly octets: number
}

interface ExporterPlace {
  readonly key: Buffer
  readonly headers: Map<Buffer, Buffer>
}

export interface TopicSenderOptions {
  readonly topic: string
  readonly form: ((octets: Uint8Array, from: Exporter) => Uint8Array | undefined) | undefined
  readonly waits: boolean
}

export class TopicSender {
  /** None of UDP. */
  readonly port = 0
  readonly #client: ClientOptions
  readonly #options: TopicSenderOptions
  readonly #compression
  readonly #outcome: Outcome
  readonly #host: Host
  readonly #places = new Map<Exporter, ExporterPlace>()
  #waiting: Waiting[] = []
  #octets = 0
  #running: Promise<void> | undefined
  #producer: Producer | undefined
  #partitions = 1
  #failures = 0
  readonly #stop = new AbortController()

  constructor(client: ClientOptions, settings: Settings, options: TopicSenderOptions, outcome: Outcome, host: Host) {
    this.#client = client
    this.#options = options
    this.#compression = compressionOf({}, settings)
    this.#outcome = outcome
    this.#host = host
  }

  target(): Uint8Array {
    return NO_TARGET
  }

  send(octets: Uint8Array, start: number, end: number, _target: unknown, _to: unknown, from: Exporter, token: number) {
    const payload = octets.subarray(start, end)
    const value = Buffer.from(this.#options.form ? (this.#options.form(payload, from) ?? NO_TARGET) : payload)
    const size = end - start
    if (value.length === 0 && size > 0) return this.#outcome(token, 0, 'EMSGSIZE')
    if (this.#octets + value.length + MESSAGE_OCTETS > QUEUE_OCTETS) return this.#outcome(token, 0, 'QUEUE_FULL')
    this.#octets += value.length + MESSAGE_OCTETS
    this.#waiting.push({ value, place: this.#place(from), timeMs: Date.now(), token, octets: size })
  }

  /** One exporter's datagrams stay in one partition, and so in their order. */
  #place(from: Exporter): ExporterPlace {
    let place = this.#places.get(from)
    if (!place) {
      if (this.#places.size >= EXPORTERS) this.#places.clear()
      const headers = new Map([[EXPORTER_HEADER, Buffer.from(addressText(from.address, from.port))]])
      place = { key: Buffer.from(from.address), headers }
      this.#places.set(from, place)
    }
    return place
  }

  flush(): void | Promise<void> {
    if (this.#waiting.length > 0) this.#run()
    if (this.#options.waits && this.#octets > QUEUE_OCTETS / 2) return this.idle()
  }

  #run(): void {
    this.#running ??= this.#sendAll().finally(() => {
      this.#running = undefined
    })
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    if (this.#waiting.length > 0) this.#run()
    await this.#running
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#stop.signal.aborted) {
      try {
        this.#producer ??= await this.#connect()
        await this.#sendPart(this.#producer, this.#nextPart())
        this.#failures = 0
      } catch (error) {
        await this.#failed(error)
      }
    }
  }

  #nextPart(): Waiting[] {
    let octets = 0
    const end = this.#waiting.findIndex(({ value }, index) => {
      octets += value.length + MESSAGE_OCTETS
      return index > 0 && (octets > REQUEST_OCTETS || index >= REQUEST_MESSAGES)
    })
    return this.#waiting.slice(0, end < 0 ? undefined : end)
  }

  async #connect(): Promise<Producer> {
    const producer = new Producer({
      ...connectionOptions(this.#client),
      idempotent: true,
      retries: RETRIES,
      retryDelay: RETRY_MS,
    })
    // Errors come with the requests that failed; without a listener they would end the process.
    producer.on('error' as never, () => {})
    try {
      const metadata = await topicsMetadata(producer, [this.#options.topic])
      this.#partitions = metadata.topics.get(this.#options.topic)?.partitionsCount ?? 1
      await producer.initIdempotentProducer({})
      return producer
    } catch (error) {
      await closed(producer.close(true))
      throw connectError(error)
    }
  }

  /** The first of those that wait. Throws when the brokers did not take them; what they refuse is told and left out. */
  async #sendPart(producer: Producer, part: readonly Waiting[]): Promise<void> {
    const { topic } = this.#options
    const messages = part.map(({ value, place, timeMs }): MessageToProduce<Buffer, Buffer, Buffer, Buffer> => {
      const partition = compatibilityPartitioner({} as never, place.key) % this.#partitions
      return { topic, partition, value, key: place.key, headers: place.headers, timestamp: BigInt(timeMs) }
    })
    try {
      await producer.send({ messages, acks: ALL_REPLICAS, compression: this.#compression })
    } catch (error) {
      const failed = partitionErrors(error)
      if (!failed || ![...failed.values()].every(isRefusal)) throw error
      if (part.length === 1) return this.#done(part, [...failed.values()][0])
      const half = Math.ceil(part.length / 2)
      await this.#sendPart(producer, part.slice(0, half))
      await this.#sendPart(producer, part.slice(half))
      return
    }
    this.#done(part, undefined)
  }

  /** The part waits no longer, whatever becomes of the next one. */
  #done(part: readonly Waiting[], error: string | undefined): void {
    for (const { value } of part) this.#octets -= value.length + MESSAGE_OCTETS
    this.#waiting = this.#waiting.slice(part.length)
    this.#tell(part, error)
  }

  #tell(part: readonly Waiting[], error: string | undefined): void {
    if (this.#stop.signal.aborted) return
    for (const { token, octets } of part) this.#outcome(token, octets, error)
  }

  async #failed(error: unknown): Promise<void> {
    const producer = this.#producer
    this.#producer = undefined
    if (producer) await closed(producer.close(true))
    this.#host.count('reconnects')
    const hint = 'is the broker there, and does it answer?'
    const problem = isPermanent(error) ? error.problem : { code: 'kafka/connection', message: reasonOf(error), hint }
    this.#host.report({ ...problem, note: true })
    const pauseMs = reconnectPauseMs(++this.#failures, FIRST_PAUSE_MS, MOST_PAUSE_MS)
    await pause(pauseMs, undefined, { signal: this.#stop.signal }).catch(() => {})
  }

  /** What the brokers did not confirm is told as not sent; `idle` comes before. */
  close(): void {
    if (this.#stop.signal.aborted) return
    this.#tell(this.#waiting, 'NOT_SENT')
    this.#waiting = []
    this.#stop.abort()
    if (this.#producer) void closed(this.#producer.close(true))
  }
}
