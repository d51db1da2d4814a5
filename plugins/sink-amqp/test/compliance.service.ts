// What every sink must do, with the real broker.
import { connect } from 'amqplib'
import type { NetRecord } from '../../../src/contract/record.ts'
import { parsedRecord } from '../../../src/stream/json.ts'
import { isSkipped, type Server } from '../../../test/services/servers/server.ts'
import { serverControls } from '../../../test/support/server-controls.ts'
import { sinkCompliance, testRecord } from '../../../test/support/sink-compliance.ts'
import { down, environment, newName, sharedBroker, takeAll, up } from './rabbit.ts'

const broker = await sharedBroker()

sinkCompliance('sink-amqp', {
  skip: isSkipped(broker) ? broker.skipped : false,
  async make() {
    if (isSkipped(broker)) throw new Error(broker.skipped)
    const name = newName()
    await up(broker)
    await bindQueue(broker, name)
    await down(broker, 'kill')
    const where = ['--exchange', name, '--routing-key', 'rows.$tag2', '--declare']
    return {
      words: ['sink-amqp', `127.0.0.1:${broker.port}`, ...where],
      env: environment(broker),
      ...serverControls(broker),
      start: () => up(broker),
      stop: () => down(broker, 'stop'),
      kill: () => down(broker, 'kill'),
      async read() {
        await up(broker)
        return (await takeAll(broker, name)).map(({ text }) => parsedRecord(text) as NetRecord)
      },
    }
  },
  duplicates: 'after-a-failure',
  refused: { record: n => ({ ...testRecord(n), tag2: 1 }) },
})

/** A queue that takes what has no tag2; durable, as its exchange. */
async function bindQueue({ url }: Server, name: string): Promise<void> {
  const connection = await connect(url)
  const channel = await connection.createChannel()
  await channel.assertExchange(name, 'direct', { durable: true })
  await channel.assertQueue(name, { durable: true })
  await channel.bindQueue(name, name, 'rows.none')
  await channel.close()
  await connection.close()
}
