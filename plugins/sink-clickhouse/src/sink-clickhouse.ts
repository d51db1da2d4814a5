import { deliveryCommand, tableNeeds } from 'netally'
import { ARGS, type ClickhouseOptions, clickhouseOptions, FLAGS } from './options.ts'

export const sinkClickhouse = deliveryCommand<ClickhouseOptions>({
  summary: 'write records to a table of ClickHouse',
  description: `The table is made from the fields: with counters its engine adds up the rows of one key when it merges parts, so ask for
sum(bytes). On servers that take tokens a batch sent twice is stored once.`,
  examples: [
    'netally flow-recv --listen 2055 | netally aggregate --by src_as,dst_as --bin 5m | netally sink-clickhouse ch.example.net/netflow',
    "netally sink-clickhouse --table 'flows_%Y%m' --every 30d --key none < flows.ndjson",
  ],
  args: ARGS,
  flags: FLAGS,
  prepare: clickhouseOptions,
  needs: ({ table }) => tableNeeds(table),
  limits: { inFlight: 1 },
  defaults: { records: 100_000, octets: 64 * 2 ** 20 },
  connect: async (options, host, signal) => (await import('./backend.ts')).connectClickhouse(options, host, signal),
})
