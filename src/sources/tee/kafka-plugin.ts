// What the plugin of Kafka has for tee: a topic that datagrams go to, and one that they come from.
import type { Host } from '../../contract/host.ts'
import type { TeeTopic } from '../../maps/tee-receivers.ts'
import type { Exporter } from '../../wire/flow/options.ts'
import type { Feed, FeedMessage } from '../message/feed.ts'
import type { Outcome, Sender } from './sender.ts'

/** File of the plugin that has it. */
export const KAFKA_MODULE = 'datagrams.js'
export const KAFKA_PACKAGE = 'netally-plugin-sink-kafka'

export interface TopicSenderOptions extends TeeTopic {
  /** File with settings of librdkafka. */
  readonly config: string | undefined
  /** What a message has of a datagram; undefined = it cannot be in one. Without this: its octets. */
  readonly form: ((octets: Uint8Array, from: Exporter) => Uint8Array | undefined) | undefined
  /** `flush` waits for the brokers: the input can wait. */
  readonly waits: boolean
}

export interface TopicFeedOptions extends TeeTopic {
  readonly config: string | undefined
  readonly group: string | undefined
  readonly untilEnd: boolean
}

export interface KafkaPlugin {
  openTopic(options: TopicSenderOptions, outcome: Outcome, host: Host): Sender
  /** Rejects when the brokers are not there; with a PermanentError when they refuse. */
  connectFeed(options: TopicFeedOptions, host: Host): Promise<Feed<FeedMessage, unknown>>
}

/** How topics are reached, if there are some. */
export interface KafkaOptions {
  /** Throws a ProblemError when the plugin is not there. */
  readonly load: () => Promise<KafkaPlugin>
  readonly config: string | undefined
  /** Messages as pmacct's tee writes them: with IP and UDP headers. */
  readonly isPacket: boolean
}
