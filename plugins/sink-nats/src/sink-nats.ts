import { deliveryCommand } from 'netally'
import { ARGS, FLAGS, type NatsOptions, natsOptions } from './options.ts'

export const sinkNats = deliveryCommand<NatsOptions>({
  summary: 'publish records on subjects of NATS, kept by JetStream where a stream is named',
  description: `Each record is one message, its JSON text. With --stream every message is acknowledged by JetStream, and has an id, so that
a message sent twice is stored once. Without it the server has the messages when a batch is done, and only who listens gets them.`,
  examples: [
    "netally flow-recv --listen 2055 | netally sink-nats nats.example.net --subject 'flows.$peer_ip_src' --stream FLOWS",
    'netally bgp-recv --listen 1179 | netally sink-nats --subject routes',
  ],
  args: ARGS,
  flags: FLAGS,
  prepare: natsOptions,
  form: 'octets',
  defaults: { records: 1000, inFlight: 1 },
  connect: async options => (await import('./backend.ts')).connectNats(options),
})
