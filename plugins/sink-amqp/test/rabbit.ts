// One broker for all tests of a file: it is slow to start. Each test has an exchange or a queue of its own.
import { randomBytes } from 'node:crypto'
import { after } from 'node:test'
import { type ChannelModel, connect, type MessageProperties } from 'amqplib'
import { type RabbitmqOptions, startRabbitmq } from '../../../test/services/servers/rabbitmq.ts'
import type { Server, Skipped } from '../../../test/services/servers/server.ts'

let broker: Promise<Server | Skipped> | undefined
let isUp = true

/** The broker of this file; started by the first who asks. */
export function sharedBroker(options?: RabbitmqOptions): Promise<Server | Skipped> {
  broker ??= startRabbitmq({ after }, options)
  return broker
}

export const newName = (): string => `t-${randomBytes(6).toString('hex')}`

export async function up(server: Server): Promise<void> {
  if (!isUp) await server.restart()
  isUp = true
}

export async function down(server: Server, how: 'stop' | 'kill'): Promise<void> {
  if (isUp) await server[how]()
  isUp = false
}

/** The environment of the commands: whom the broker knows. */
export const environment = ({ credentials }: Server): NodeJS.ProcessEnv => ({
  ...process.env,
  TZ: 'UTC',
  NO_COLOR: '1',
  NODE_OPTIONS: undefined,
  NODE_TEST_CONTEXT: undefined,
  NETALLY_AMQP_USER: credentials?.user,
  NETALLY_AMQP_PASSWORD: credentials?.password,
})

export interface Got {
  readonly text: string
  readonly routingKey: string
  readonly properties: MessageProperties
}

/** All messages of a queue, taken out of it; by amqplib, as RabbitMQ's own clients would. */
export async function takeAll(server: Server, queue: string): Promise<Got[]> {
  const connection: ChannelModel = await connect(server.url)
  try {
    const channel = await connection.createChannel()
    await channel.checkQueue(queue)
    const got: Got[] = []
    for (;;) {
      const message = await channel.get(queue, { noAck: true })
      if (!message) return got
      const { content, fields, properties } = message
      got.push({ text: content.toString(), routingKey: fields.routingKey, properties })
    }
  } finally {
    await connection.close()
  }
}
