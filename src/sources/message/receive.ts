// Messages of a broker as a stream: each is confirmed when the output has its records, so that one that was not comes again.
import { setTimeout as pause } from 'node:timers/promises'
import { isPermanent } from '../../contract/backend.ts'
import type { Host } from '../../contract/host.ts'
import { ProblemError } from '../../contract/problem.ts'
import type { Stream } from '../../contract/record.ts'
import { reconnectPauseMs } from '../reconnect.ts'
import type { Feed, FeedMessage, MessageDecoder } from './feed.ts'
import { Unconfirmed } from './unconfirmed.ts'

/** Taken at a time, at most. */
const MESSAGES = 1000
const OCTETS = 1 << 20
/** The broker is told so often at least what is done; after a crash that much comes again. */
const CONFIRM_MS = 1000
/** And when so much of its window is done. */
const WINDOW_PART = 1 / 4
const WAIT_MS = 100
/** While the output has yet to take something. */
const SHORT_WAIT_MS = 10
/** An idle stream says so often what time it is. */
const HEARTBEAT_MS = 1000
/** At the end, the output has so long to take what was given to it. */
const END_MS = 10_000
const END_POLL_MS = 10
const FIRST_PAUSE_MS = 200
const MOST_PAUSE_MS = 10_000
/** A run that shall end by itself ends when so many connections failed one after another. */
const FAILURES_TO_END = 10

export interface Receiving<Message extends FeedMessage, Token> {
  /** The broker's name in problems, and the area of their codes: `kafka`. */
  readonly area: string
  /** Makes a connection; a PermanentError ends the command, others are tried again. */
  connect(signal: AbortSignal): Promise<Feed<Message, Token>>
  readonly decoder: MessageDecoder
  /** Ends when all that is there at the start was taken. */
  readonly untilEnd: boolean
}

class Receiver<Message extends FeedMessage, Token> {
  readonly #receiving: Receiving<Message, Token>
  readonly #host: Host
  readonly #unconfirmed: Unconfirmed<Token>
  #confirmedAtMs = 0
  #sinceConfirmed = 0
  #failures = 0

  constructor(receiving: Receiving<Message, Token>, host: Host) {
    this.#receiving = receiving
    this.#host = host
    this.#unconfirmed = new Unconfirmed(host)
  }

  async *stream(): Stream {
    const { connect, decoder } = this.#receiving
    const { signal } = this.#host
    try {
      while (!signal.aborted) {
        let feed: Feed<Message, Token> | undefined
        try {
          feed = await connect(signal)
          yield* this.#batches(feed)
          await this.#end(feed)
          return
        } catch (error) {
          await this.#failed(error)
        } finally {
          await feed?.close()
          this.#unconfirmed.forget()
        }
      }
    } finally {
      await decoder.close?.()
    }
  }

  async *#batches(feed: Feed<Message, Token>): Stream {
    const { decoder, untilEnd } = this.#receiving
    const { signal } = this.#host
    let lastMs = performance.now()
    while (!signal.aborted) {
      const messages = feed.take(MESSAGES, OCTETS)
      if (messages.length > 0) {
        this.#failures = 0
        for await (const batch of decoder.decode(messages)) {
          this.#unconfirmed.give(batch.count)
          yield batch
        }
        this.#unconfirmed.mark(feed.tokenOf(messages))
        this.#sinceConfirmed += messages.length
        lastMs = performance.now()
      }
      if (messages.length === 0 || this.#isDue(feed)) await this.#confirm(feed)
      await decoder.upkeep?.()
      if (messages.length > 0) continue
      if (untilEnd && (await feed.isAtEnd())) return
      await feed.wait(this.#unconfirmed.isEmpty ? WAIT_MS : SHORT_WAIT_MS)
      const silentMs = performance.now() - lastMs
      if (untilEnd || silentMs < HEARTBEAT_MS) continue
      lastMs += silentMs
      const silence = decoder.silence(Math.round(silentMs))
      if (silence) yield silence
    }
  }

  #isDue({ window = Number.POSITIVE_INFINITY }: Feed<Message, Token>): boolean {
    return this.#sinceConfirmed >= window * WINDOW_PART || performance.now() - this.#confirmedAtMs >= CONFIRM_MS
  }

  async #confirm(feed: Feed<Message, Token>): Promise<void> {
    this.#confirmedAtMs = performance.now()
    this.#sinceConfirmed = 0
    const tokens = this.#unconfirmed.passed()
    if (tokens.length > 0) await feed.confirm(tokens)
  }

  /** Waits for the output, then confirms. */
  async #end(feed: Feed<Message, Token>): Promise<void> {
    const until = performance.now() + END_MS
    await this.#confirm(feed)
    while (!this.#unconfirmed.isEmpty && performance.now() < until) {
      await pause(END_POLL_MS)
      await this.#confirm(feed)
    }
  }

  /** Tells of a failure and waits; throws what another attempt does not mend. */
  async #failed(error: unknown): Promise<void> {
    if (isPermanent(error)) throw new ProblemError(error.problem)
    if (error instanceof ProblemError) throw error
    const { area, untilEnd } = this.#receiving
    const { signal } = this.#host
    if (signal.aborted) return
    const message = error instanceof Error ? error.message : String(error)
    this.#failures++
    this.#host.count('reconnects')
    const problem = { code: `${area}/connection`, message, hint: 'is the broker there, and does it answer?' }
    if (untilEnd && this.#failures >= FAILURES_TO_END) throw new ProblemError(problem)
    this.#host.report({ ...problem, note: true })
    const waitMs = reconnectPauseMs(this.#failures, FIRST_PAUSE_MS, MOST_PAUSE_MS)
    await pause(waitMs, undefined, { signal }).catch(() => {})
  }
}

/** The records of a broker's messages, until the signal to stop. Throws a ProblemError for what the user must mend. */
export function receive<Message extends FeedMessage, Token>(receiving: Receiving<Message, Token>, host: Host): Stream {
  return new Receiver(receiving, host).stream()
}
