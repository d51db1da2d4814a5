// What every sink must do, with the real broker.
import { isSkipped } from '../../../test/services/servers/server.ts'
import { serverControls } from '../../../test/support/server-controls.ts'
import { sinkCompliance, testRecord } from '../../../test/support/sink-compliance.ts'
import { down, messages, newTopic, recordsOf, sharedBroker, up } from './kafka-server.ts'

const broker = await sharedBroker()

sinkCompliance('sink-kafka', {
  skip: isSkipped(broker) ? broker.skipped : false,
  async make() {
    if (isSkipped(broker)) throw new Error(broker.skipped)
    await down(broker, 'kill')
    const topic = newTopic()
    return {
      words: ['sink-kafka', broker.url, '--topic', topic, '--key', '$ip_src', '--max-message', '100000'],
      ...serverControls(broker),
      start: () => up(broker),
      stop: () => down(broker, 'stop'),
      kill: () => down(broker, 'kill'),
      async read() {
        await up(broker)
        return recordsOf(await messages(broker, topic))
      },
    }
  },
  duplicates: 'after-a-failure',
  refused: { record: n => ({ ...testRecord(n), label: 'x'.repeat(200_000) }) },
})
