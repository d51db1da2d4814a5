// What brokers know of topics; those that they make when somebody asks are there a moment later.
import { setTimeout as pause } from 'node:timers/promises'
import type { ClusterMetadata, Producer } from '@platformatic/kafka'
import { reasonOf } from './client.ts'

const POLL_MS = 100
const POLLS = 30
const NOT_THERE = /^Unknown topic /

/** Metadata of topics, which are made where the brokers do that. Rejects when one is not there. */
export async function topicsMetadata(
  producer: Pick<Producer, 'metadata'>,
  topics: readonly string[],
): Promise<ClusterMetadata> {
  for (let poll = 1; ; poll++) {
    try {
      return await producer.metadata({ topics: [...topics], autocreateTopics: true, retries: 0 })
    } catch (error) {
      const reason = reasonOf(error)
      const isMaking = NOT_THERE.test(reason) || /leader/i.test(reason)
      if (!isMaking) throw error
      if (poll === POLLS) throw new Error(reason.replace(NOT_THERE, 'the brokers do not make topic '))
      await pause(POLL_MS)
    }
  }
}
