// What a plugin that reads a broker implements; the loop is receive.ts.
import type { Batch } from '../../contract/record.ts'

export interface FeedMessage {
  readonly octets: Uint8Array
  /** Which one it is, should it be told. */
  place(): string
  /** Of a datagram: `ADDRESS:PORT` of who sent it. */
  exporter(): string
  /** When it was written, Unix ms. */
  readonly timeMs: number
  /** Nobody will ever make records of it; the broker may put it aside. */
  refuse?(): void
}

/** A connection to a broker that gives messages. */
export interface Feed<Message extends FeedMessage, Token> {
  /** So many messages are given before some must be confirmed; undefined = any number. */
  readonly window?: number
  /** What came, at most so much; nothing when nothing did. Throws when the connection failed. */
  take(messages: number, octets: number): readonly Message[]
  /** Until something comes, or the connection fails, or for so long. */
  wait(ms: number): Promise<void>
  /** What confirm() needs to be told once these are done; they are not empty. */
  tokenOf(messages: readonly Message[]): Token
  /** The records of these messages were taken: the broker need not keep them for us. In the order of the messages. */
  confirm(tokens: readonly Token[]): Promise<void>
  /** Whether all that was there when it was opened was given. */
  isAtEnd(): boolean | Promise<boolean>
  /** Also of a connection that failed; must not hang. */
  close(): Promise<void>
}

/** Turns messages into batches. */
export interface MessageDecoder {
  /** A batch is valid until the next one is asked for. */
  decode(messages: readonly FeedMessage[]): AsyncIterable<Batch>
  /** A batch without records after a silence, which moves the clock; undefined as long as there is none. */
  silence(ms: number): Batch | undefined
  /** Between batches. */
  upkeep?(): Promise<void>
  close?(): Promise<void>
}
