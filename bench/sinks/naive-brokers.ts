// What one would write first: lines, JSON.parse, JSON.stringify, send and wait. The measure for brokers.
//
//   node bench/sinks/naive-brokers.ts kafka|amqp URL TOPIC_OR_QUEUE < records.ndjson
import { createInterface } from 'node:readline'
import { Producer, stringSerializers } from '@platformatic/kafka'
import { connect } from 'amqplib'

/** 5,000 are more than the megabyte that a broker takes at a time. */
const BATCH = 2000

interface Broker {
  send(values: readonly string[]): Promise<unknown>
  close(): Promise<unknown>
}

async function kafka(url: string, topic: string): Promise<Broker> {
  const producer = new Producer({ clientId: 'naive', bootstrapBrokers: [url], serializers: stringSerializers })
  return {
    send: values => producer.send({ acks: -1, messages: values.map(value => ({ topic, value })) }),
    close: () => producer.close(),
  }
}

async function amqp(url: string, queue: string): Promise<Broker> {
  const connection = await connect(url)
  const channel = await connection.createConfirmChannel()
  await channel.assertQueue(queue)
  return {
    async send(values) {
      for (const value of values) channel.sendToQueue(queue, Buffer.from(value), { persistent: true })
      await channel.waitForConfirms()
    },
    close: () => connection.close(),
  }
}

const [what = '', url = '', name = ''] = process.argv.slice(2)
const broker = await (what === 'kafka' ? kafka(url, name) : amqp(url, name))
let values: string[] = []
for await (const line of createInterface({ input: process.stdin })) {
  values.push(JSON.stringify(JSON.parse(line)))
  if (values.length < BATCH) continue
  await broker.send(values)
  values = []
}
if (values.length > 0) await broker.send(values)
await broker.close()
