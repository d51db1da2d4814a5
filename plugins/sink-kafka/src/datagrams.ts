// Topics for tee: datagrams of exporters to one, and from one.
import type { Exporter, Feed, FeedMessage, Host } from 'netally'
import { clientOptions } from './client-options.ts'
import { connectConsumer } from './consumer.ts'
import { type Outcome, TopicSender } from './topic-sender.ts'

export interface TopicOptions {
  readonly brokers: string
  readonly topic: string
  readonly config: string | undefined
}

export interface TopicSenderOptions extends TopicOptions {
  readonly form: ((octets: Uint8Array, from: Exporter) => Uint8Array | undefined) | undefined
  readonly waits: boolean
}

export interface TopicFeedOptions extends TopicOptions {
  readonly group: string | undefined
  readonly untilEnd: boolean
}

const SESSION_MS = 30_000

/** As the flags of sink-kafka would have it. */
const parsedOf = ({ brokers, config }: TopicOptions) => ({ brokers: brokers === '' ? undefined : brokers, config })

/** Opens at once, and connects when there is something to send. Throws a ProblemError for settings that cannot be. */
export function openTopic(options: TopicSenderOptions, outcome: Outcome, host: Host): TopicSender {
  const { client, settings } = clientOptions(parsedOf(options), host)
  return new TopicSender(client, settings, options, outcome, host)
}

export function connectFeed(options: TopicFeedOptions, host: Host): Promise<Feed<FeedMessage, unknown>> {
  const { client, settings } = clientOptions(parsedOf(options), host)
  return connectConsumer(
    {
      client,
      topics: [options.topic],
      group: options.group ?? settings.get('group.id') ?? 'netally',
      from: settings.get('auto.offset.reset') === 'latest' ? 'latest' : 'earliest',
      untilEnd: options.untilEnd,
      sessionMs: Number(settings.get('session.timeout.ms') ?? SESSION_MS),
      registry: undefined,
      datagrams: undefined,
    },
    host,
  )
}
