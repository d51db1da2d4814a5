import { deliveryCommand } from 'netally'
import { ARGS, SINK_FLAGS } from './flags.ts'
import { type SinkOptions, sinkOptions } from './options.ts'

export const sinkAmqp = deliveryCommand<SinkOptions>({
  summary: 'publish records to an exchange of RabbitMQ',
  description: `Each record is one message, its JSON text or Avro. The routing key may be made of fields. A batch counts as delivered when the
broker has confirmed each of its messages; messages that no queue takes are set aside. Every message has an id, the same when it is sent again.`,
  examples: [
    "netally flow-recv --listen 2055 | netally sink-amqp amqp://netally@rabbit/flows --exchange flows --type topic --routing-key 'flows.$peer_ip_src' --declare",
    'netally aggregate --by src_as --bin 1m < flows.ndjson | netally sink-amqp rabbit --queue sums',
  ],
  args: ARGS,
  flags: SINK_FLAGS,
  prepare: sinkOptions,
  form: 'octets',
  defaults: { records: 2000, inFlight: 1 },
  connect: async (options, host) => (await import('./backend.ts')).connectAmqp(options, host),
})
