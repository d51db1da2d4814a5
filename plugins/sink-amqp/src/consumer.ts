// A consumer of a queue: messages, and acknowledgements of what is done.
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib'
import type { Feed, FeedMessage, Host } from 'netally'
import { closeConnection, connectError, openConnection, textOf } from './connection.ts'
import type { RecvOptions } from './options.ts'
import { declareSource } from './topology.ts'

const EXPORTER_HEADER = 'netally-exporter'

class Received implements FeedMessage {
  readonly message: ConsumeMessage
  readonly octets: Buffer
  readonly timeMs = Date.now()
  readonly #refuse: (message: ConsumeMessage) => void

  constructor(message: ConsumeMessage, refuse: (message: ConsumeMessage) => void) {
    this.message = message
    this.octets = message.content
    this.#refuse = refuse
  }

  place(): string {
    const { exchange, routingKey } = this.message.fields
    const { messageId } = this.message.properties
    return `message ${messageId ?? ''} of exchange "${exchange}", routing key "${routingKey}"`
  }

  /** Of the header that tee writes, else the routing key. */
  exporter(): string {
    const { headers } = this.message.properties
    return String(headers?.[EXPORTER_HEADER] ?? this.message.fields.routingKey)
  }

  /** The broker puts it where the queue has its dead letters. */
  refuse(): void {
    this.#refuse(this.message)
  }
}

class AmqpFeed implements Feed<Received, Received[]> {
  readonly #connection: ChannelModel
  readonly #channel: Channel
  readonly #queue: string
  readonly window: number
  readonly #host: Host
  readonly #refused = new Set<number>()
  #waiting: ConsumeMessage[] = []
  #failed: Error | undefined
  #wake: () => void = () => {}

  constructor(connection: ChannelModel, channel: Channel, queue: string, prefetch: number, host: Host) {
    this.#connection = connection
    this.#channel = channel
    this.#queue = queue
    this.window = prefetch
    this.#host = host
    channel.on('error', error => this.#fail(error))
    channel.on('close', () => this.#fail(new Error('the channel was closed')))
    connection.on('error', error => this.#fail(error))
  }

  async consume(): Promise<void> {
    await this.#channel.consume(this.#queue, message => {
      if (message) this.#waiting.push(message)
      else this.#fail(new Error(`queue ${this.#queue} went away`))
      this.#wake()
    })
  }

  #fail(error: unknown): void {
    this.#failed ??= new Error(textOf(error))
    this.#wake()
  }

  take(most: number, mostOctets: number): Received[] {
    let [count, octets] = [0, 0]
    while (count < this.#waiting.length && count < most && octets < mostOctets) {
      octets += this.#waiting[count++]?.content.length ?? 0
    }
    if (count === 0 && this.#failed) throw this.#failed
    const taken = this.#waiting.slice(0, count)
    this.#waiting = this.#waiting.slice(count)
    return taken.map(message => new Received(message, this.#refuse))
  }

  readonly #refuse = (message: ConsumeMessage): void => {
    this.#refused.add(message.fields.deliveryTag)
    this.#host.count('dead_letters')
    if (!this.#failed) this.#channel.nack(message, false, false)
  }

  async wait(ms: number): Promise<void> {
    if (this.#failed || this.#waiting.length > 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    this.#wake = resolve
    await promise
    clearTimeout(timer)
  }

  tokenOf(messages: readonly Received[]): Received[] {
    return [...messages]
  }

  /** One acknowledgement for all up to the last, which must be one that was not refused. */
  async confirm(tokens: readonly Received[][]): Promise<void> {
    if (this.#failed) throw this.#failed
    const done = tokens.flat()
    const last = done.findLast(({ message }) => !this.#refused.has(message.fields.deliveryTag))
    for (const { message } of done) this.#refused.delete(message.fields.deliveryTag)
    if (last) this.#channel.ack(last.message, true)
  }

  async isAtEnd(): Promise<boolean> {
    if (this.#failed) throw this.#failed
    const { messageCount } = await this.#channel.checkQueue(this.#queue)
    return messageCount === 0 && this.#waiting.length === 0
  }

  close(): Promise<void> {
    return closeConnection(this.#connection, this.#failed ? undefined : this.#channel)
  }
}

export async function connectConsumer(options: RecvOptions, host: Host): Promise<Feed<Received, Received[]>> {
  let connection: ChannelModel | undefined
  try {
    connection = await openConnection(options.connection)
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    await channel.prefetch(options.prefetch)
    const queue = await declareSource(channel, options)
    const feed = new AmqpFeed(connection, channel, queue, options.prefetch, host)
    await feed.consume()
    return feed
  } catch (error) {
    if (connection) await closeConnection(connection)
    throw connectError(error)
  }
}
