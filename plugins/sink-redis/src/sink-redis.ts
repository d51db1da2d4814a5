import { deliveryCommand } from 'netally'
import { ARGS, FLAGS, type RedisOptions, redisOptions } from './options.ts'

export const sinkRedis = deliveryCommand<RedisOptions>({
  summary: 'write records to a stream, a list or a channel of Redis',
  description: `Each record is stored as its JSON text (in a stream: in the field "json"). A batch is one transaction, and leaves a mark
that expires, so that a batch sent twice is stored once.`,
  examples: [
    'netally flow-recv --listen 2055 | netally sink-redis redis.example.net --stream flows --keep 1000000',
    "netally aggregate --by src_as --bin 1m < flows.ndjson | netally sink-redis --list 'sums:%Y%m%d'",
  ],
  args: ARGS,
  flags: FLAGS,
  prepare: redisOptions,
  form: 'octets',
  connect: async options => (await import('./backend.ts')).connectRedis(options),
})
