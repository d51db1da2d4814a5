// The flags of sink-amqp and amqp-recv.
import { Args, CREDENTIAL_FLAGS, DATAGRAM_FLAGS, Flags, PRESENTATION_FLAGS, TLS_FLAGS } from 'netally'

const BROKER = { helpGroup: 'BROKER' }
const WHERE = { helpGroup: 'WHERE TO' }
const MESSAGES = { helpGroup: 'MESSAGES' }
const READING = { helpGroup: 'READING' }

export const ARGS = {
  server: Args.string({
    description: 'HOST[:PORT] or amqp[s]://[USER@]HOST[:PORT][/VHOST]',
    default: '127.0.0.1',
  }),
}

const CONNECTION_FLAGS = {
  heartbeat: Flags.integer({
    summary: 'seconds between signs of life; 0 = none; default: what the broker wants',
    helpValue: 'SECONDS',
    min: 0,
    max: 65_535,
    ...BROKER,
  }),
  'frame-max': Flags.integer({
    summary: 'octets of a frame, at most',
    helpValue: 'OCTETS',
    default: 131_072,
    min: 4096,
    max: 2 ** 31 - 1,
    ...BROKER,
  }),
  ...CREDENTIAL_FLAGS,
  ...TLS_FLAGS,
}

export const TYPES = ['direct', 'fanout', 'topic', 'headers'] as const

const declare = Flags.boolean({
  summary: 'make exchange and queue (durable), and bind them, if they are not there',
  ...BROKER,
})

export const SINK_FLAGS = {
  exchange: Flags.string({
    summary: 'exchange; without one, the queue of the routing key',
    helpValue: 'NAME',
    ...WHERE,
  }),
  type: Flags.string({ summary: 'of an exchange that is made', options: [...TYPES], default: 'direct', ...WHERE }),
  'routing-key': Flags.string({
    summary: 'of each message; $FIELD and %Y%m%d make it many; default: the queue, else netally',
    helpValue: 'KEY',
    ...WHERE,
  }),
  'routing-key-rr': Flags.integer({
    summary: 'go round N routing keys: KEY_0, KEY_1, ...',
    helpValue: 'N',
    min: 1,
    max: 10_000,
    ...WHERE,
  }),
  headers: Flags.string({
    summary: 'fields that become headers of the message, for an exchange of type headers',
    helpValue: 'a,b',
    ...WHERE,
  }),
  queue: Flags.string({ summary: 'queue that is made and bound with --declare', helpValue: 'NAME', ...WHERE }),
  declare,
  'allow-unroutable': Flags.boolean({ summary: 'messages that no queue takes count as delivered', ...WHERE }),
  format: Flags.string({
    summary: 'what a message is; avro needs --avro-schema-file',
    options: ['json', 'avro', 'avro_json'],
    default: 'json',
    ...MESSAGES,
  }),
  'avro-schema-file': Flags.file({
    summary: 'the schema of avro is in this file, which is made if it is not there',
    helpValue: 'FILE',
    ...MESSAGES,
  }),
  'multi-values': Flags.integer({
    summary: 'up to N records of one routing key in a message, with line feeds between them (not avro)',
    helpValue: 'N',
    default: 1,
    min: 1,
    max: 100_000,
    ...MESSAGES,
  }),
  'max-message': Flags.string({
    summary: 'octets of a message, at most',
    helpValue: '16M',
    default: '16M',
    ...MESSAGES,
  }),
  transient: Flags.boolean({ summary: 'messages need not survive a restart of the broker', ...MESSAGES }),
  ...PRESENTATION_FLAGS,
  ...CONNECTION_FLAGS,
}

export const RECV_FLAGS = {
  queue: Flags.string({
    summary: 'queue to read; default: one of our own, bound to --exchange, which goes away with us',
    helpValue: 'NAME',
    ...READING,
  }),
  exchange: Flags.string({ summary: 'exchange that the queue is bound to', helpValue: 'NAME', ...READING }),
  type: Flags.string({
    summary: 'of an exchange that is made',
    options: [...TYPES],
    default: 'direct',
    ...READING,
  }),
  bind: Flags.string({
    summary: 'routing key of the binding; repeat for more; default: # for topic, else netally',
    helpValue: 'KEY',
    multiple: true,
    multipleNonGreedy: true,
    ...READING,
  }),
  declare,
  prefetch: Flags.integer({
    summary: 'messages under way that are not acknowledged',
    helpValue: 'N',
    default: 2000,
    min: 1,
    max: 65_535,
    ...READING,
  }),
  'until-end': Flags.boolean({ summary: 'end when the queue is empty', ...READING }),
  raw: Flags.boolean({
    summary: 'messages are datagrams of exporters: NetFlow, IPFIX, sFlow',
    exclusive: ['avro-schema-file'],
    ...READING,
  }),
  'avro-schema-file': Flags.file({ summary: 'messages are Avro of this schema', helpValue: 'FILE', ...READING }),
  ...CONNECTION_FLAGS,
  ...DATAGRAM_FLAGS,
}
