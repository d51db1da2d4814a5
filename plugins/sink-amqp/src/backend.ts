// Messages to an exchange: a batch is stored when the broker has confirmed each.
import { crc32 } from 'node:zlib'
import type { ChannelModel, ConfirmChannel, Message } from 'amqplib'
import {
  avroValues,
  type Backend,
  type BrokerMessage,
  type DeliveryBatch,
  type EncodeMessages,
  groupMessages,
  type Host,
  jsonValues,
  type NetRecord,
  type Rejected,
} from 'netally'
import { closeConnection, connectError, openConnection, textOf } from './connection.ts'
import type { SinkOptions } from './options.ts'
import { declareTarget } from './topology.ts'

interface Place {
  readonly routingKey: string
  readonly headers: NetRecord | undefined
}

/** Of the protocol: a short string. */
const LONGEST_KEY_OCTETS = 255
/** Method, header and properties of a message. */
const OVERHEAD_OCTETS = 200
const EMPTY: NetRecord = {}

class AmqpBackend implements Backend {
  readonly #connection: ChannelModel
  readonly #channel: ConfirmChannel
  readonly #options: SinkOptions
  readonly #encode: EncodeMessages
  /** Ids of messages that no queue took. */
  readonly #returned = new Set<string>()
  #failed: Error | undefined

  constructor(connection: ChannelModel, channel: ConfirmChannel, options: SinkOptions, encode: EncodeMessages) {
    this.#connection = connection
    this.#channel = channel
    this.#options = options
    this.#encode = encode
    const fail = (error: unknown) => {
      this.#failed ??= new Error(textOf(error))
    }
    channel.on('error', fail)
    channel.on('close', () => fail(new Error('the channel was closed')))
    connection.on('error', fail)
    channel.on('return', (message: Message) => this.#returned.add(String(message.properties.messageId)))
  }

  async write(batch: DeliveryBatch): Promise<Rejected[]> {
    if (this.#failed) throw this.#failed
    const rejected: Rejected[] = []
    const values = await this.#encode(batch, () => '')
    const messages = groupMessages(batch.count, values, this.#grouping(batch), rejected)
    this.#returned.clear()
    const sent = messages.map(message => this.#publish(batch, message))
    const failed = (await Promise.allSettled(sent)).find(result => result.status === 'rejected')
    if (failed) throw this.#failed ?? new Error(textOf(failed.reason))
    for (const message of messages) {
      if (!this.#returned.has(this.#id(batch, message))) continue
      const reason = `no queue takes routing key "${message.place.routingKey}"`
      for (const index of message.indexes) rejected.push({ index, reason })
    }
    return rejected
  }

  #id(batch: DeliveryBatch, { indexes }: BrokerMessage<Place>): string {
    return `${batch.id}.${indexes[0]}`
  }

  #grouping(batch: DeliveryBatch) {
    const { recordsPerMessage, messageOctets } = this.#options
    return {
      recordsPerMessage,
      messageOctets,
      overheadOctets: () => OVERHEAD_OCTETS,
      placeOf: this.#places(batch),
      groupOf: ({ routingKey, headers }: Place) => `${routingKey} ${headers ? JSON.stringify(headers, String) : ''}`,
      problemOf: ({ routingKey }: Place) =>
        Buffer.byteLength(routingKey) > LONGEST_KEY_OCTETS ? 'the routing key is too long' : undefined,
    }
  }

  /** Where each record goes; the same at every attempt. */
  #places(batch: DeliveryBatch): (index: number) => Place {
    const { routingKey, routingKeys, headers } = this.#options
    const first = crc32(batch.id)
    const fixed = routingKey.isFixed ? routingKey.of(EMPTY, 0) : undefined
    const needsRecord = fixed === undefined || headers.length > 0
    return index => {
      const record = needsRecord ? (batch.records[index] ?? EMPTY) : EMPTY
      const key = fixed ?? routingKey.of(record, batch.takenMs)
      return {
        routingKey: routingKeys > 0 ? `${key}_${(first + index) % routingKeys}` : key,
        headers: headers.length > 0 ? headersOf(record, headers) : undefined,
      }
    }
  }

  #publish(batch: DeliveryBatch, message: BrokerMessage<Place>): Promise<void> {
    const { exchange, isPersistent, mandatory, format } = this.#options
    const { routingKey, headers } = message.place
    const properties = {
      messageId: this.#id(batch, message),
      contentType: format === 'avro' ? 'avro/binary' : 'application/json',
      deliveryMode: isPersistent ? 2 : 1,
      appId: 'netally',
      mandatory,
      ...(headers ? { headers } : {}),
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#channel.publish(exchange.name, routingKey, message.value, properties, error => {
      if (error) reject(error)
      else resolve()
    })
    return promise
  }

  close(): Promise<void> {
    return closeConnection(this.#connection)
  }
}

/** Values of fields as headers; numbers that are not exact, and lists, as text. */
function headersOf(record: NetRecord, names: readonly string[]): NetRecord {
  const headers: NetRecord = {}
  for (const name of names) {
    const value = record[name]
    if (value === undefined || value === null) continue
    headers[name] =
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : String(value)
  }
  return headers
}

/** Of each command: it knows fields and schema, and stays when the connection is made anew. */
const encoders = new WeakMap<SinkOptions, EncodeMessages>()

function encoderOf(options: SinkOptions, host: Host): EncodeMessages {
  const { format, schemaFile, present } = options
  const json = format === 'avro_json'
  const encode =
    encoders.get(options) ??
    (format === 'json' ? jsonValues(present) : avroValues({ fields: present.fields, schemaFile, json }, host))
  encoders.set(options, encode)
  return encode
}

export async function connectAmqp(options: SinkOptions, host: Host): Promise<Backend> {
  let connection: ChannelModel | undefined
  try {
    connection = await openConnection(options.connection)
    const channel = await connection.createConfirmChannel()
    // While the target is declared, errors come with the calls.
    channel.on('error', () => {})
    await declareTarget(channel, options)
    return new AmqpBackend(connection, channel, options, encoderOf(options, host))
  } catch (error) {
    if (connection) await closeConnection(connection)
    throw connectError(error)
  }
}
