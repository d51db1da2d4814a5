// Where each record of a batch goes: topic, key and partition, made of its fields.
import { crc32 } from 'node:zlib'
import type { DeliveryBatch, NetRecord } from 'netally'
import type { SinkOptions } from './options.ts'

export interface Place {
  readonly topic: string
  readonly key: Buffer | undefined
  /** What decides the partition, before it is known how many there are; undefined = any. */
  readonly hashed: Buffer | undefined
}

const TOPIC = /^[A-Za-z0-9._-]{1,249}$/
const EMPTY: NetRecord = {}

/** Why Kafka has no topic of this name; undefined when it can. */
export const topicProblem = (topic: string): string | undefined =>
  TOPIC.test(topic) && topic !== '.' && topic !== '..' ? undefined : `"${topic.slice(0, 80)}" is no name of a topic`

/** The places of a batch's records, in order. The same at every attempt. */
export function placesOf(options: SinkOptions, batch: DeliveryBatch): (index: number) => Place {
  const { topic, topics, key, partition } = options
  const by = typeof partition === 'object' ? partition : undefined
  const first = topics > 0 ? crc32(batch.id) : 0
  const isFixed = topic.isFixed && (key?.isFixed ?? true) && (by?.isFixed ?? true)
  const place = (record: NetRecord): Place => {
    const name = key && Buffer.from(key.of(record, batch.takenMs))
    const other = by && Buffer.from(by.of(record, batch.takenMs))
    return { topic: topic.of(record, batch.takenMs), key: name, hashed: other ?? name }
  }
  const same = isFixed ? place(EMPTY) : undefined
  return index => {
    const found = same ?? place(batch.records[index] ?? EMPTY)
    return topics > 0 ? { ...found, topic: `${found.topic}_${(first + index) % topics}` } : found
  }
}
