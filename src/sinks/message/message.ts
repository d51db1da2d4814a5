// A delivery as messages of a broker: which records each has, and its octets.
import type { DeliveryBatch, Rejected } from '../../contract/backend.ts'

/** The values of a batch's records in the form that messages have. */
export interface MessageValues {
  /** Between the values of one message. */
  readonly separator: Buffer
  of(index: number): Buffer | string
}

/** Encodes batches; may ask a registry first, for the topics of the batch. */
export type EncodeMessages = (
  batch: DeliveryBatch,
  topicOf: (index: number) => string,
) => MessageValues | Promise<MessageValues>

export interface BrokerMessage<Place> {
  readonly place: Place
  readonly value: Buffer
  /** Of the batch's records: those that the message has. */
  readonly indexes: readonly number[]
}

export interface Grouping<Place> {
  readonly recordsPerMessage: number
  readonly messageOctets: number
  /** What a message takes beside its value. */
  overheadOctets(place: Place): number
  placeOf(index: number): Place
  /** Records of the same group may be in one message. */
  groupOf(place: Place): string
  /** Why the broker has no such place; undefined when it has. */
  problemOf(place: Place): string | undefined
}

/** A message that is being filled. */
class Filling<Place> {
  readonly place: Place
  readonly #parts: Buffer[] = []
  readonly indexes: number[] = []
  octets = 0

  constructor(place: Place) {
    this.place = place
  }

  add(index: number, value: Buffer, separator: Buffer): void {
    if (this.#parts.length > 0 && separator.length > 0) this.#parts.push(separator)
    this.#parts.push(value)
    this.indexes.push(index)
    this.octets += value.length + separator.length
  }

  get message(): BrokerMessage<Place> {
    const value = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts)
    return { place: this.place, value, indexes: this.indexes }
  }
}

/** Messages of `count` records, in the order of their first ones. Records that no message can have are put into `rejected`. */
export function groupMessages<Place>(
  count: number,
  values: MessageValues,
  grouping: Grouping<Place>,
  rejected: Rejected[],
): BrokerMessage<Place>[] {
  const { recordsPerMessage, messageOctets } = grouping
  const messages: Filling<Place>[] = []
  const open = new Map<string, Filling<Place>>()
  for (let index = 0; index < count; index++) {
    const place = grouping.placeOf(index)
    const made = values.of(index)
    const value = typeof made === 'string' ? Buffer.from(made) : made
    const length = value.length + grouping.overheadOctets(place)
    const tooLarge = length > messageOctets ? `a message of ${length} octets is too large` : undefined
    const problem = tooLarge ?? grouping.problemOf(place)
    if (problem !== undefined) {
      rejected.push({ index, reason: problem })
      continue
    }
    const group = recordsPerMessage > 1 ? grouping.groupOf(place) : ''
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
