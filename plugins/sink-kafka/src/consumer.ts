// A member of a consumer group: messages of the partitions that it has, and offsets of what is done.
import { Consumer, type Message, type MessagesStream } from '@platformatic/kafka'
import type { Feed, FeedMessage, Host } from 'netally'
import { causesOf, closed, connectError, connectionOptions, reasonOf } from './client.ts'
import type { RecvOptions } from './recv-options.ts'

type KafkaMessage = Message<Buffer, Buffer, Buffer, Buffer>
/** What is done: the next offset of each partition, `TOPIC PARTITION`. */
type Offsets = Map<string, CommittedOffset>

interface CommittedOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly leaderEpoch: number
}

const HEARTBEAT_MS = 3000
const FETCH_WAIT_MS = 500
/** Messages that wait to be taken. */
const WAITING = 5000
const FETCH_OCTETS = 8 << 20
const RETRIES = 5
const RETRY_MS = 250
const LATEST = -1n
const EXPORTER_HEADER = 'netally-exporter'
const ZERO = Buffer.alloc(0)

class Received implements FeedMessage {
  readonly message: KafkaMessage
  readonly octets: Buffer

  constructor(message: KafkaMessage) {
    this.message = message
    this.octets = message.value ?? ZERO
  }

  get timeMs(): number {
    return Number(this.message.timestamp)
  }

  place(): string {
    const { topic, partition, offset } = this.message
    return `topic ${topic} partition ${partition} offset ${offset}`
  }

  /** Of the header that tee writes, else the key. */
  exporter(): string {
    const { headerEntries, key } = this.message
    const header = headerEntries.find(([name]) => name.toString() === EXPORTER_HEADER)
    return (header?.[1] ?? key ?? ZERO).toString()
  }
}

class KafkaFeed implements Feed<Received, Offsets> {
  readonly #consumer: Consumer
  readonly #stream: MessagesStream<Buffer, Buffer, Buffer, Buffer>
  readonly #ends: ReadonlyMap<string, readonly bigint[]>
  readonly #host: Host
  #failed: Error | undefined
  #wake: () => void = () => {}

  constructor(
    consumer: Consumer,
    stream: MessagesStream<Buffer, Buffer, Buffer, Buffer>,
    ends: ReadonlyMap<string, readonly bigint[]>,
    host: Host,
  ) {
    this.#consumer = consumer
    this.#stream = stream
    this.#ends = ends
    this.#host = host
    stream.on('readable', () => this.#wake())
    stream.on('error', error => this.#fail(error))
    stream.on('close', () => this.#fail(new Error('the connection was closed')))
  }

  #fail(error: Error): void {
    this.#failed ??= error
    this.#wake()
  }

  take(most: number, mostOctets: number): Received[] {
    const taken: Received[] = []
    let octets = 0
    while (taken.length < most && octets < mostOctets) {
      const message = this.#stream.read() as KafkaMessage | null
      if (message === null) break
      taken.push(new Received(message))
      octets += message.value?.length ?? 0
    }
    if (taken.length === 0 && this.#failed) throw new Error(reasonOf(this.#failed), { cause: this.#failed })
    return taken
  }

  async wait(ms: number): Promise<void> {
    if (this.#failed || this.#stream.readableLength > 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    this.#wake = resolve
    await promise
    clearTimeout(timer)
  }

  tokenOf(messages: readonly Received[]): Offsets {
    const offsets: Offsets = new Map()
    for (const { message } of messages) {
      const { topic, partition, offset, leaderEpoch } = message
      offsets.set(`${topic} ${partition}`, { topic, partition, offset: offset + 1n, leaderEpoch })
    }
    return offsets
  }

  async confirm(tokens: readonly Offsets[]): Promise<void> {
    const merged: Offsets = new Map(tokens.flatMap(offsets => [...offsets]))
    const ours = new Set(
      (this.#consumer.assignments ?? []).flatMap(({ topic, partitions }) => partitions.map(one => `${topic} ${one}`)),
    )
    const offsets = [...merged].filter(([name]) => ours.has(name)).map(([, offset]) => offset)
    if (offsets.length === 0) return
    try {
      await this.#consumer.commit({ offsets })
      this.#host.count('commits')
    } catch (error) {
      // While the group shares its partitions out anew, whoever gets them reads these messages again.
      if (![...causesOf(error)].some(cause => (cause as { needsRejoin?: boolean }).needsRejoin)) throw error
      this.#host.count('commits_refused')
    }
  }

  /** Of the partitions that we have. */
  isAtEnd(): boolean {
    const { assignments } = this.#consumer
    if (!assignments || this.#stream.readableLength > 0) return false
    return assignments.every(({ topic, partitions }) =>
      partitions.every(partition => {
        const next = this.#stream.offsetsToFetch.get(`${topic}:${partition}`)
        return next !== undefined && next >= (this.#ends.get(topic)?.[partition] ?? 0n)
      }),
    )
  }

  async close(): Promise<void> {
    this.#stream.removeAllListeners('readable')
    await closed(this.#consumer.close(true))
  }
}

/** Gives the group the offsets of a time, where it has none. */
async function beginAt(consumer: Consumer, { topics }: RecvOptions, fromMs: number): Promise<void> {
  consumer.topics.trackAll(...topics)
  await consumer.joinGroup({})
  const assignments = consumer.assignments ?? []
  if (assignments.length === 0) return
  const committed = await consumer.listCommittedOffsets({ topics: assignments })
  const wanted = { topics: assignments.map(({ topic }) => topic) }
  const then = await consumer.listOffsets({ ...wanted, timestamp: BigInt(fromMs) })
  const ends = await consumer.listOffsets({ ...wanted, timestamp: LATEST })
  const offsets = assignments.flatMap(({ topic, partitions }) =>
    partitions
      .filter(partition => (committed.get(topic)?.[partition] ?? LATEST) < 0n)
      .map(partition => {
        const found = then.get(topic)?.[partition] ?? LATEST
        return { topic, partition, offset: found >= 0n ? found : (ends.get(topic)?.[partition] ?? 0n), leaderEpoch: -1 }
      }),
  )
  if (offsets.length > 0) await consumer.commit({ offsets })
}

export async function connectConsumer(options: RecvOptions, host: Host): Promise<Feed<Received, Offsets>> {
  const { client, group, topics, from, sessionMs } = options
  const consumer = new Consumer({
    ...connectionOptions(client),
    groupId: group,
    autocommit: false,
    sessionTimeout: sessionMs,
    rebalanceTimeout: 2 * sessionMs,
    heartbeatInterval: Math.min(HEARTBEAT_MS, sessionMs / 3),
    maxWaitTime: FETCH_WAIT_MS,
    maxBytes: FETCH_OCTETS,
    highWaterMark: WAITING,
    retries: RETRIES,
    retryDelay: RETRY_MS,
  })
  consumer.on('error' as never, () => {})
  try {
    if (typeof from === 'number') await beginAt(consumer, options, from)
    const ends = await consumer.listOffsets({ topics: [...topics], timestamp: LATEST })
    const stream = await consumer.consume({
      topics: [...topics],
      autocommit: false,
      mode: 'committed',
      fallbackMode: from === 'latest' ? 'latest' : 'earliest',
    })
    return new KafkaFeed(consumer, stream, ends, host)
  } catch (error) {
    await closed(consumer.close(true))
    throw connectError(error)
  }
}
