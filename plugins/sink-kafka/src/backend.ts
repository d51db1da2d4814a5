// Messages to brokers: a batch is stored when all in-sync replicas have it.
import { crc32 } from 'node:zlib'
import { compatibilityPartitioner, type MessageToProduce, Producer } from '@platformatic/kafka'
import {
  avroValues,
  type Backend,
  type DeliveryBatch,
  type EncodeMessages,
  type Host,
  jsonValues,
  PermanentError,
  type Rejected,
  registeredPrefix,
} from 'netally'
import { closed, connectError, connectionOptions, reasonOf } from './client.ts'
import { type Message, messagesOf } from './messages.ts'
import type { SinkOptions } from './options.ts'
import { isRefusal, partitionErrors } from './produce-errors.ts'
import { topicsMetadata } from './topics.ts'

/** The idempotent producer sends a request again this often: a new leader is mostly there by then, and nothing comes twice. */
const RETRIES = 20
const RETRY_MS = 250
const ALL_REPLICAS = -1
const ID_HEADER = Buffer.from('netally-id')

type Sent = MessageToProduce<Buffer, Buffer, Buffer, Buffer> & { readonly partition: number }

/** A message with its partition. */
interface Placed extends Message {
  readonly sent: Sent
}

const partitionOf = ({ sent }: Placed): string => `${sent.topic}:${sent.partition}`

class KafkaBackend implements Backend {
  readonly #producer: Producer
  readonly #options: SinkOptions
  readonly #encode: EncodeMessages

  constructor(producer: Producer, options: SinkOptions, encode: EncodeMessages) {
    this.#producer = producer
    this.#options = options
    this.#encode = encode
  }

  async write(batch: DeliveryBatch): Promise<Rejected[]> {
    const rejected: Rejected[] = []
    try {
      const messages = await messagesOf(this.#options, this.#encode, batch, rejected)
      const placed = await this.#placed(batch, messages, rejected)
      for (const part of this.#parts(placed)) await this.#send(part, rejected)
      return rejected
    } catch (error) {
      throw error instanceof PermanentError ? error : new Error(reasonOf(error), { cause: error })
    }
  }

  /** Messages with their partitions, of which the topics say how many there are. */
  async #placed(batch: DeliveryBatch, messages: readonly Message[], rejected: Rejected[]): Promise<Placed[]> {
    const topics = [...new Set(messages.map(({ place }) => place.topic))]
    if (topics.length === 0) return []
    const metadata = await topicsMetadata(this.#producer, topics)
    const any = crc32(batch.id)
    const placed: Placed[] = []
    for (const message of messages) {
      const { topic, key, hashed } = message.place
      const count = metadata.topics.get(topic)?.partitionsCount ?? 0
      const partition = this.#partition(message, hashed, any, count)
      if (partition >= count) {
        const reason = `topic ${topic} has no partition ${partition}`
        for (const index of message.indexes) rejected.push({ index, reason })
        continue
      }
      const sent: Sent = { topic, partition, value: message.value, ...(key ? { key } : {}) }
      if (this.#options.headers) {
        sent.headers = new Map([[ID_HEADER, Buffer.from(`${batch.id}.${message.indexes[0]}`)]])
      }
      placed.push({ ...message, sent })
    }
    return placed
  }

  /** By the key as Kafka's own clients do it; messages without one go to the same partition as others of their batch. */
  #partition(message: Message, hashed: Buffer | undefined, any: number, count: number): number {
    const { partition } = this.#options
    if (typeof partition === 'number') return partition
    if (!hashed) return any % count
    return compatibilityPartitioner(message as never, hashed) % count
  }

  /** What may go to each partition in one request. */
  *#parts(messages: readonly Placed[]): Generator<Placed[]> {
    const { messageOctets } = this.#options
    let part: Placed[] = []
    let octets = new Map<string, number>()
    for (const message of messages) {
      const partition = partitionOf(message)
      const sum = (octets.get(partition) ?? 0) + message.octets
      if (sum > messageOctets && octets.has(partition)) {
        yield part
        part = []
        octets = new Map([[partition, message.octets]])
      } else octets.set(partition, sum)
      part.push(message)
    }
    if (part.length > 0) yield part
  }

  async #send(messages: readonly Placed[], rejected: Rejected[]): Promise<void> {
    const { compression } = this.#options
    try {
      await this.#producer.send({ messages: messages.map(({ sent }) => sent), acks: ALL_REPLICAS, compression })
    } catch (error) {
      const failed = partitionErrors(error)
      if (!failed || ![...failed.values()].every(isRefusal)) throw error
      for (const [partition, code] of failed) {
        const those = messages.filter(message => partitionOf(message) === partition)
        await this.#sendApart(those, code, rejected)
      }
    }
  }

  /** Finds the messages that the brokers refuse, by halves. */
  async #sendApart(messages: readonly Placed[], code: string, rejected: Rejected[]): Promise<void> {
    const [first] = messages
    if (messages.length === 1 && first) {
      for (const index of first.indexes) rejected.push({ index, reason: `the broker says ${code}` })
      return
    }
    const half = Math.ceil(messages.length / 2)
    await this.#send(messages.slice(0, half), rejected)
    await this.#send(messages.slice(half), rejected)
  }

  close(): Promise<void> {
    return closed(this.#producer.close(true))
  }
}

/** Of each command: it knows fields and schemas, and stays when the connection is made anew. */
const encoders = new WeakMap<SinkOptions, EncodeMessages>()

async function encoderOf(options: SinkOptions, host: Host): Promise<EncodeMessages> {
  const encode = encoders.get(options) ?? (await encoder(options, host))
  encoders.set(options, encode)
  return encode
}

async function encoder({ format, present, registry, schemaFile }: SinkOptions, host: Host): Promise<EncodeMessages> {
  if (format === 'json') return jsonValues(present)
  const { fields } = present
  if (!registry) return avroValues({ fields, schemaFile, json: format === 'avro_json' }, host)
  const known = new (await import('./schemas.ts')).Registry(registry)
  const prefix = registeredPrefix((subject, schema) => known.register(subject, schema))
  return avroValues({ fields, prefix, schemaFile }, host)
}

export async function connectKafka(options: SinkOptions, host: Host): Promise<Backend> {
  const producer = new Producer({
    ...connectionOptions(options.client),
    idempotent: options.isIdempotent,
    retries: RETRIES,
    retryDelay: RETRY_MS,
  })
  // Errors come with the requests that failed; without a listener they would end the process.
  producer.on('error' as never, () => {})
  try {
    const topics = options.topic.isFixed && options.topics === 0 ? [options.topic.of({}, 0)] : []
    await topicsMetadata(producer, topics)
    if (options.isIdempotent) await producer.initIdempotentProducer({})
    return new KafkaBackend(producer, options, await encoderOf(options, host))
  } catch (error) {
    await closed(producer.close(true))
    throw connectError(error)
  }
}
