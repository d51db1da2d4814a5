import { deliveryCommand } from 'netally'
import { SINK_ARGS, SINK_FLAGS } from './flags.ts'
import { type SinkOptions, sinkOptions } from './options.ts'

export const sinkKafka = deliveryCommand<SinkOptions>({
  summary: 'write records to topics of Kafka',
  description: `Each record is one message, its JSON text or Avro. Topic and key may be made of fields. A batch counts as delivered when all
in-sync replicas have it. After a failure it is sent again: messages have a header "netally-id" by which those that came twice are told.`,
  examples: [
    "netally flow-recv --listen 2055 | netally sink-kafka kafka1,kafka2 --topic flows --key '$peer_ip_src' --compression lz4",
    'netally aggregate --by src_as,dst_as --bin 1m < flows.ndjson | netally sink-kafka --topic sums --config /etc/netally/kafka.conf',
  ],
  args: SINK_ARGS,
  flags: SINK_FLAGS,
  prepare: sinkOptions,
  form: 'octets',
  defaults: { records: 2000, inFlight: 1 },
  connect: async (options, host) => (await import('./backend.ts')).connectKafka(options, host),
})
