// What every sink must do, with the real broker.
import type { NetRecord } from '../../../src/contract/record.ts'
import { parsedRecord } from '../../../src/stream/json.ts'
import { isSkipped } from '../../../test/services/servers/server.ts'
import { sinkCompliance, testRecord } from '../../../test/support/sink-compliance.ts'
import { down, environment, newName, sharedBroker, takeAll, up } from './rabbit.ts'

const broker = await sharedBroker()

sinkCompliance('sink-amqp', {
  skip: isSkipped(broker) ? broker.skipped : false,
  async make() {
    if (isSkipped(broker)) throw new Error(broker.skipped)
    await down(broker, 'kill')
    const name = newName()
    const where = ['--exchange', name, '--routing-key', 'rows.$tag2', '--declare']
    return {
      words: ['sink-amqp', `127.0.0.1:${broker.port}`, ...where],
      env: environment(broker),
      async start() {
        await up(broker)
        // The queue takes what has no tag2.
        const { connect } = await import('amqplib')
        const connection = await connect(broker.url)
        const channel = await connection.createChannel()
        await channel.assertExchange(name, 'direct', { durable: true })
        await channel.assertQueue(name, { durable: true })
        await channel.bindQueue(name, name, 'rows.none')
        await connection.close()
      },
      stop: () => down(broker, 'stop'),
      kill: () => down(broker, 'kill'),
      pause: () => void process.kill(-broker.pid, 'SIGSTOP'),
      resume: () => void process.kill(-broker.pid, 'SIGCONT'),
      async read() {
        await up(broker)
        return (await takeAll(broker, name)).map(({ text }) => parsedRecord(text) as NetRecord)
      },
    }
  },
  duplicates: 'after-a-failure',
  refused: { record: n => ({ ...testRecord(n), tag2: 1 }) },
})
