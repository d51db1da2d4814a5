import { deliveryCommand } from 'netally'
import { ARGS, type CassandraOptions, cassandraOptions, FLAGS } from './options.ts'

export const sinkCassandra = deliveryCommand<CassandraOptions>({
  summary: 'write records to a table of Cassandra that is read by time',
  description: `Keyspace and table are made from the records' fields, and get columns for fields that come later. A partition is a span of time
(and the fields of --partition); its rows stand newest first. A row's id is made of the batch and its place there, so that a batch
sent twice is stored once.`,
  examples: [
    'netally flow-recv --listen 2055 | netally sink-cassandra c1.example.net,c2.example.net --table flows --partition peer_ip_src --ttl 30d',
    'netally aggregate --by src_as --bin 1m < flows.ndjson | netally sink-cassandra --table sums --bucket 1d',
  ],
  args: ARGS,
  flags: FLAGS,
  prepare: cassandraOptions,
  defaults: { records: 5000 },
  connect: async (options, host) => (await import('./backend.ts')).connectCassandra(options, host),
})
