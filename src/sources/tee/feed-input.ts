// Datagrams of a topic of Kafka: what was sent on is confirmed, so that after a crash some come twice and none is lost.
import { setTimeout as pause } from 'node:timers/promises'
import { isPermanent } from '../../contract/backend.ts'
import type { Host } from '../../contract/host.ts'
import { ProblemError } from '../../contract/problem.ts'
import type { Exporter } from '../../wire/flow/options.ts'
import { exporterOf } from '../message/datagrams.ts'
import type { Feed, FeedMessage } from '../message/feed.ts'
import { packetDatagram } from '../message/packet-datagram.ts'
import { reconnectPauseMs } from '../reconnect.ts'
import type { Datagrams, TeeInput } from './input.ts'

type TopicFeed = Feed<FeedMessage, unknown>

const MESSAGES = 256
const OCTETS = 1 << 20
const WAIT_MS = 100
/** The brokers are told so often what is done. */
const CONFIRM_MS = 1000
const FIRST_PAUSE_MS = 200
const MOST_PAUSE_MS = 10_000
const NOWHERE: Exporter = { address: '0.0.0.0', port: 0, family: 4 }
/** Exporters with an object; then all are made again. */
const EXPORTERS = 65_536

class FeedDatagrams implements Datagrams {
  octets: Uint8Array = new Uint8Array(0)
  view: DataView = new DataView(new ArrayBuffer(0))
  start = 0
  end = 0
  timeUs = 0
  peer: Exporter = NOWHERE
  messages: readonly FeedMessage[] = []
  #index = 0
  readonly #exporters = new Map<string, Exporter>()

  get isEmpty(): boolean {
    return this.#index === this.messages.length
  }

  set(messages: readonly FeedMessage[]): void {
    this.messages = messages
    this.#index = 0
  }

  next(): boolean {
    const message = this.messages[this.#index]
    if (!message) return false
    this.#index++
    const { octets } = message
    const packet = packetDatagram(octets)
    // Not as a Buffer, whose slice() is no copy.
    this.octets = new Uint8Array(octets.buffer, octets.byteOffset, octets.byteLength)
    this.view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
    this.start = packet?.start ?? 0
    this.end = packet?.end ?? octets.length
    this.timeUs = message.timeMs * 1000
    this.peer = packet?.exporter ?? this.#exporter(message.exporter())
    return true
  }

  #exporter(text: string): Exporter {
    const known = this.#exporters.get(text)
    if (known) return known
    if (this.#exporters.size >= EXPORTERS) this.#exporters.clear()
    const exporter = exporterOf(text) ?? NOWHERE
    this.#exporters.set(text, exporter)
    return exporter
  }
}

export interface FeedInputOptions {
  readonly connect: () => Promise<TopicFeed>
  /** Resolves when what was sent has arrived; false = it has not yet. */
  readonly settled: () => Promise<boolean>
  readonly untilEnd: boolean
}

export class FeedInput implements TeeInput {
  readonly datagrams = new FeedDatagrams()
  ended = false
  readonly #options: FeedInputOptions
  readonly #host: Host
  #feed: TopicFeed | undefined
  #tokens: unknown[] = []
  #confirmedMs = 0
  #failures = 0
  #draining = false

  constructor(options: FeedInputOptions, host: Host) {
    this.#options = options
    this.#host = host
  }

  async done(): Promise<boolean> {
    const { datagrams } = this
    if (!datagrams.isEmpty) return true
    try {
      if (datagrams.messages.length > 0 && this.#feed) this.#tokens.push(this.#feed.tokenOf(datagrams.messages))
      datagrams.set([])
      if (this.#draining || performance.now() - this.#confirmedMs >= CONFIRM_MS) await this.#confirm()
      if (this.#draining) {
        this.ended = true
        return false
      }
      this.#feed ??= await this.#options.connect()
      const messages = this.#feed.take(MESSAGES, OCTETS)
      datagrams.set(messages)
      if (messages.length > 0) {
        this.#failures = 0
        this.#count(messages)
        return true
      }
      if (this.#options.untilEnd && (await this.#feed.isAtEnd())) {
        await this.#confirm()
        this.ended = true
      }
      return false
    } catch (error) {
      await this.#failed(error)
      return false
    }
  }

  #count(messages: readonly FeedMessage[]): void {
    this.#host.count('datagrams', messages.length)
    this.#host.count(
      'datagram-octets',
      messages.reduce((sum, { octets }) => sum + octets.length, 0),
    )
  }

  async #confirm(): Promise<void> {
    this.#confirmedMs = performance.now()
    if (this.#tokens.length === 0) return
    if (!(await this.#options.settled())) return
    await this.#feed?.confirm(this.#tokens)
    this.#tokens = []
  }

  /** Tells of a failure; throws what another attempt does not mend. What was not confirmed comes again. */
  async #failed(error: unknown): Promise<void> {
    await this.#feed?.close()
    this.#feed = undefined
    this.#tokens = []
    if (this.#draining) this.ended = true
    if (isPermanent(error)) throw new ProblemError(error.problem)
    if (error instanceof ProblemError) throw error
    const message = error instanceof Error ? error.message : String(error)
    this.#host.count('reconnects')
    this.#host.report({
      note: true,
      code: 'kafka/connection',
      message,
      hint: 'is the broker there, and does it answer?',
    })
    const pauseMs = reconnectPauseMs(++this.#failures, FIRST_PAUSE_MS, MOST_PAUSE_MS)
    await pause(pauseMs, undefined, { signal: this.#host.signal }).catch(() => {})
  }

  async wait(): Promise<void> {
    if (!this.#draining) await this.#feed?.wait(WAIT_MS)
  }

  ring(): void {
    // The wait is short.
  }

  keepUp(): void {
    // Everything is counted as it comes.
  }

  drain(): void {
    this.#draining = true
  }

  async close(): Promise<void> {
    await this.#feed?.close()
  }
}
