import { sourceCommand } from 'netally'
import { ARGS, RECV_FLAGS } from './flags.ts'
import { type RecvOptions, recvOptions } from './options.ts'

export const amqpRecv = sourceCommand<RecvOptions>({
  summary: 'read records from a queue of RabbitMQ',
  description: `A message is a JSON object, several with line feeds between them or in an array, Avro with --avro-schema-file, or with --raw
a datagram of an exporter. It is acknowledged when the output has its records: after a crash some come again, none is lost.`,
  examples: [
    'netally amqp-recv amqp://netally@rabbit/flows --queue flows | netally aggregate --by src_as --bin 5m',
    "netally amqp-recv rabbit --exchange flows --type topic --bind 'flows.192_0_2_1'",
  ],
  args: ARGS,
  flags: RECV_FLAGS,
  prepare: recvOptions,
  async *open(options, host, wanted) {
    yield* (await import('./receive.ts')).openAmqp(options, host, wanted)
  },
})
