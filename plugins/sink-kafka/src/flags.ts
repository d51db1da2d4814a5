// The flags of sink-kafka and kafka-recv.
import { Args, CREDENTIAL_FLAGS, Flags, PRESENTATION_FLAGS, TLS_FLAGS } from 'netally'

const MESSAGES = { helpGroup: 'MESSAGES' }
const PARTITIONS = { helpGroup: 'PARTITIONS' }
const AVRO = { helpGroup: 'AVRO' }

export const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

export const BROKERS = Args.string({
  description:
    'HOST[:PORT] of some brokers, with commas; ssl://HOST[:PORT] is TLS (default: of --config, else 127.0.0.1:9092)',
})

/** How both commands reach the brokers. */
export const CLIENT_FLAGS = {
  config: Flags.file({
    summary: "settings of librdkafka: lines KEY=VALUE, or pmacct's `global, KEY, VALUE` and `topic, KEY, VALUE`",
    helpValue: 'FILE',
    helpGroup: 'BROKERS',
  }),
  'client-id': Flags.string({
    summary: 'what we call ourselves at the brokers; default: netally',
    helpValue: 'NAME',
    helpGroup: 'BROKERS',
  }),
  sasl: Flags.string({
    summary: 'how user and password are shown to the brokers; default with --user: PLAIN',
    options: [...MECHANISMS],
    helpGroup: 'BROKERS',
  }),
  ...CREDENTIAL_FLAGS,
  ...TLS_FLAGS,
}

export const REGISTRY_FLAG = {
  registry: Flags.string({
    summary: 'schema registry (Confluent, Karapace); user and password: NETALLY_REGISTRY_USER, _PASSWORD',
    helpValue: 'URL',
    ...AVRO,
  }),
}

export const SINK_ARGS = { brokers: BROKERS }

export const SINK_FLAGS = {
  topic: Flags.string({
    summary: 'topic of each message; $FIELD and %Y%m%d make it many',
    helpValue: 'TOPIC',
    default: 'netally',
    ...MESSAGES,
  }),
  'topic-rr': Flags.integer({
    summary: 'go round N topics: TOPIC_0, TOPIC_1, ...',
    helpValue: 'N',
    min: 1,
    max: 10_000,
    ...MESSAGES,
  }),
  key: Flags.string({
    summary: "key of each message, as '$peer_ip_src'; the same key goes to the same partition",
    helpValue: 'KEY',
    ...MESSAGES,
  }),
  format: Flags.string({
    summary: 'what a message is; avro needs --registry or --avro-schema-file',
    options: ['json', 'avro', 'avro_json'],
    default: 'json',
    ...MESSAGES,
  }),
  'multi-values': Flags.integer({
    summary: 'up to N records of one topic and key in a message, with line feeds between them (not avro)',
    helpValue: 'N',
    default: 1,
    min: 1,
    max: 100_000,
    ...MESSAGES,
  }),
  'max-message': Flags.string({
    summary: 'octets of what is sent to a partition at a time, and of a message; not more than the brokers take',
    helpValue: '1000000',
    ...MESSAGES,
  }),
  compression: Flags.string({
    summary: 'how messages are compressed; default: none',
    options: [...COMPRESSIONS],
    ...MESSAGES,
  }),
  'no-headers': Flags.boolean({ summary: 'messages without the header netally-id', ...MESSAGES }),
  partition: Flags.integer({
    summary: 'all messages go to this partition',
    helpValue: 'N',
    min: 0,
    exclusive: ['partition-by'],
    ...PARTITIONS,
  }),
  'partition-by': Flags.string({
    summary: 'the same values of these fields go to the same partition, without being the key',
    helpValue: 'a,b',
    ...PARTITIONS,
  }),
  'no-idempotence': Flags.boolean({
    summary: 'do without the idempotent producer: for brokers that do not let us',
    ...PARTITIONS,
  }),
  ...REGISTRY_FLAG,
  'avro-schema-file': Flags.file({
    summary: 'Avro without registry: the schema is in this file, which is made if it is not there',
    helpValue: 'FILE',
    exclusive: ['registry'],
    ...AVRO,
  }),
  ...PRESENTATION_FLAGS,
  ...CLIENT_FLAGS,
}
