import { sourceCommand } from 'netally'
import { BROKERS } from './flags.ts'
import { RECV_FLAGS, type RecvOptions, recvOptions } from './recv-options.ts'

export const kafkaRecv = sourceCommand<RecvOptions>({
  summary: 'read records from topics of Kafka',
  description: `A message is a JSON object, several with line feeds between them or in an array, Avro with --registry, or with --raw a
datagram of an exporter. Offsets of the group are committed when the output has the records: after a crash some come again, none is lost.`,
  examples: [
    'netally kafka-recv kafka1,kafka2 --topic flows --group traffic | netally aggregate --by src_as --bin 5m',
    'netally kafka-recv --topic sums --group nightly --until-end > sums.ndjson',
    'netally kafka-recv --topic datagrams --raw | netally filter "port 53"',
  ],
  args: { brokers: BROKERS },
  flags: RECV_FLAGS,
  prepare: recvOptions,
  async *open(options, host, wanted) {
    yield* (await import('./receive.ts')).openKafka(options, host, wanted)
  },
})
