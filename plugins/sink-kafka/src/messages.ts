// A delivery as messages of Kafka.
import { type BrokerMessage, type DeliveryBatch, type EncodeMessages, groupMessages, type Rejected } from 'netally'
import type { SinkOptions } from './options.ts'
import { type Place, placesOf, topicProblem } from './place.ts'

export interface Message extends BrokerMessage<Place> {
  /** What it takes in a request, about. */
  readonly octets: number
}

/** Lengths, times and headers of a message. */
const OVERHEAD_OCTETS = 100

const overheadOctets = ({ key }: Place): number => (key?.length ?? 0) + OVERHEAD_OCTETS

/** Messages of a batch. Records that no message can have are put into `rejected`. */
export async function messagesOf(
  options: SinkOptions,
  encode: EncodeMessages,
  batch: DeliveryBatch,
  rejected: Rejected[],
): Promise<Message[]> {
  const { recordsPerMessage, messageOctets } = options
  const placeOf = placesOf(options, batch)
  const values = await encode(batch, index => placeOf(index).topic)
  const grouping = {
    recordsPerMessage,
    messageOctets,
    overheadOctets,
    placeOf,
    groupOf: ({ topic, key, hashed }: Place) => `${topic} ${key ?? ''} ${hashed ?? ''}`,
    problemOf: ({ topic }: Place) => topicProblem(topic),
  }
  const messages = groupMessages(batch.count, values, grouping, rejected)
  return messages.map(message => ({ ...message, octets: message.value.length + overheadOctets(message.place) }))
}
