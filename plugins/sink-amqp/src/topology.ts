// Exchanges, queues and bindings: made where that is asked for, else looked at.
import type { Channel } from 'amqplib'
import type { Exchange, RecvOptions, SinkOptions } from './options.ts'

const DURABLE = { durable: true }

async function exchangeThere(channel: Channel, { name, type }: Exchange, declares: boolean): Promise<void> {
  if (name === '') return
  if (declares) await channel.assertExchange(name, type, DURABLE)
  else await channel.checkExchange(name)
}

/** Routing keys that a queue of the sink is bound with: those that its messages can have. */
function bindingsOf({ exchange, template, routingKeys, routingKey }: SinkOptions): string[] {
  if (exchange.type === 'topic' && (!routingKey.isFixed || routingKeys > 0)) return ['#']
  if (routingKeys > 0) return Array.from({ length: routingKeys }, (_, n) => `${template}_${n}`)
  return [template]
}

/** The queue of a sink has its messages only when its exchange can know the keys before. */
export async function declareTarget(channel: Channel, options: SinkOptions): Promise<void> {
  const { exchange, queue, declares } = options
  await exchangeThere(channel, exchange, declares)
  if (queue === undefined) return
  if (!declares) {
    await channel.checkQueue(queue)
    return
  }
  await channel.assertQueue(queue, DURABLE)
  if (exchange.name === '') return
  for (const key of bindingsOf(options)) await channel.bindQueue(queue, exchange.name, key)
}

/** The queue that is read; makes one of our own where none is named. */
export async function declareSource(channel: Channel, options: RecvOptions): Promise<string> {
  const { exchange, queue, declares, bindings } = options
  await exchangeThere(channel, exchange, declares)
  const isOurs = queue === undefined
  if (!isOurs && !declares) {
    await channel.checkQueue(queue)
    return queue
  }
  const made = await channel.assertQueue(queue ?? '', isOurs ? { exclusive: true, autoDelete: true } : DURABLE)
  if (exchange.name !== '') {
    for (const key of bindings) await channel.bindQueue(made.queue, exchange.name, key)
  }
  return made.queue
}
