import { deliveryCommand } from 'netally'
import { ARGS, FLAGS, type MqttOptions, mqttOptions } from './options.ts'

export const sinkMqtt = deliveryCommand<MqttOptions>({
  summary: 'publish records on topics of an MQTT broker',
  description: `Each record is one message, its JSON text. With --qos 1 (the default) a batch is done when the broker has acknowledged every
message; a batch that comes again is published again, so subscribers may see messages twice. MQTT has no ids to tell them by.`,
  examples: [
    "netally aggregate --by src_as,dst_as --bin 1m < flows.ndjson | netally sink-mqtt mqtts://broker.example.net --topic 'netally/sums'",
    "netally bmp-recv --listen 1790 | netally sink-mqtt --topic 'netally/bmp/$bmp_router'",
  ],
  args: ARGS,
  flags: FLAGS,
  prepare: mqttOptions,
  form: 'octets',
  defaults: { records: 500, inFlight: 1 },
  connect: async options => (await import('./backend.ts')).connectMqtt(options),
})
