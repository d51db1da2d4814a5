// A delivery as messages: which records each has, and its octets.
import type { DeliveryBatch, Rejected } from 'netally'
import type { SinkOptions } from './options.ts'
import { type Place, placesOf, topicProblem } from './place.ts'

export interface Message {
  readonly place: Place
  readonly value: Buffer
  /** Of the batch's records: those that the message has. */
  readonly indexes: readonly number[]
  /** What it takes in a request, about. */
  readonly octets: number
}

/** The values of a batch's records in a form that messages have; undefined for a record that cannot be in it. */
export interface Values {
  /** Between the values of one message. */
  readonly separator: Buffer
  of(index: number): Buffer | string
}

/** Encodes batches; may ask a registry first, for the topics of the batch. */
export type Encode = (batch: DeliveryBatch, topicOf: (index: number) => string) => Values | Promise<Values>

/** Lengths, times and headers of a message. */
const OVERHEAD_OCTETS = 100

/** Messages that are being filled, where several records go into one. */
class Filling {
  readonly place: Place
  readonly parts: Buffer[] = []
  readonly indexes: number[] = []
  octets = 0

  constructor(place: Place) {
    this.place = place
  }

  add(index: number, value: Buffer, separator: Buffer): void {
    if (this.parts.length > 0 && separator.length > 0) this.parts.push(separator)
    this.parts.push(value)
    this.indexes.push(index)
    this.octets += value.length + separator.length
  }

  get message(): Message {
    const value = this.parts.length === 1 ? (this.parts[0] as Buffer) : Buffer.concat(this.parts)
    const { place, indexes } = this
    return { place, value, indexes, octets: value.length + (place.key?.length ?? 0) + OVERHEAD_OCTETS }
  }
}

const groupOf = ({ topic, key, hashed }: Place): string => `${topic} ${key ?? ''} ${hashed ?? ''}`

/** Messages of a batch, in the order of their first records. Records that no message can have are put into `rejected`. */
export async function messagesOf(
  options: SinkOptions,
  encode: Encode,
  batch: DeliveryBatch,
  rejected: Rejected[],
): Promise<Message[]> {
  const { recordsPerMessage, messageOctets } = options
  const placeOf = placesOf(options, batch)
  const values = await encode(batch, index => placeOf(index).topic)
  const messages: Filling[] = []
  const open = new Map<string, Filling>()
  for (let index = 0; index < batch.count; index++) {
    const place = placeOf(index)
    const made = values.of(index)
    const value = typeof made === 'string' ? Buffer.from(made) : made
    const length = value.length + (place.key?.length ?? 0) + OVERHEAD_OCTETS
    const problem = length > messageOctets ? `a message of ${length} octets is too large` : topicProblem(place.topic)
    if (problem) {
      rejected.push({ index, reason: problem })
      continue
    }
    const group = recordsPerMessage > 1 ? groupOf(place) : ''
    let filling = recordsPerMessage > 1 ? open.get(group) : undefined
    if (!filling || filling.indexes.length >= recordsPerMessage || filling.octets + length > messageOctets) {
      filling = new Filling(place)
      messages.push(filling)
      if (recordsPerMessage > 1) open.set(group, filling)
    }
    filling.add(index, value, values.separator)
  }
  return messages.map(({ message }) => message)
}
