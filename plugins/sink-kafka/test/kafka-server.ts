// One broker for all tests of a file: JVMs are slow to start. Each test has a topic of its own.
import { randomBytes } from 'node:crypto'
import { after } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { parsedRecord } from '../../../src/stream/json.ts'
import { type KafkaOptions, startKafka } from '../../../test/services/servers/kafka.ts'
import { run } from '../../../test/services/servers/programs.ts'
import type { Server, Skipped } from '../../../test/services/servers/server.ts'

let broker: Promise<Server | Skipped> | undefined
let isUp = true

/** The broker of this file; started by the first who asks. */
export function sharedBroker(options?: KafkaOptions): Promise<Server | Skipped> {
  broker ??= startKafka({ after }, options)
  return broker
}

export const newTopic = (): string => `t-${randomBytes(6).toString('hex')}`

/** Starts it if a test has ended it. */
export async function up(server: Server): Promise<void> {
  if (!isUp) await server.restart()
  isUp = true
}

export async function down(server: Server, how: 'stop' | 'kill'): Promise<void> {
  if (isUp) await server[how]()
  isUp = false
}

/** Messages as kcat's format has them, from the beginning. */
export async function messages(server: Server, topic: string, format = '%s\\n', more: readonly string[] = []) {
  const words = ['kcat', '-C', '-b', server.url, '-t', topic, '-e', '-q', '-o', 'beginning', '-f', format, ...more]
  const text = await run(words).catch((error: Error & { stderr?: string }) => {
    // Nobody has written to it yet.
    if (/Unknown topic/.test(`${error.stderr}${error.message}`)) return ''
    throw error
  })
  return text.split('\n').slice(0, -1)
}

export const recordsOf = (lines: readonly string[]): NetRecord[] => lines.map(line => parsedRecord(line) as NetRecord)
