import { deliveryCommand, tableNeeds } from 'netally'
import { ARGS, FLAGS, type PostgresOptions, postgresOptions } from './options.ts'

export const sinkPostgres = deliveryCommand<PostgresOptions>({
  summary: 'write records to a table of PostgreSQL',
  description: `The table is made from the fields, with PostgreSQL's own types. A row whose key is there already is merged into it: counters
add up, flags are ORed, times keep the least or greatest. A batch is one transaction that leaves a mark, so that a batch sent twice is
stored once.`,
  examples: [
    'netally flow-recv --listen 2055 | netally aggregate --by src_as,dst_as --bin 5m | netally sink-postgres db.example.net/netflow',
    "netally sink-postgres --socket /run/postgresql --database netflow --table 'flows_%Y%m%d' --every 1d --key none < flows.ndjson",
  ],
  args: ARGS,
  flags: FLAGS,
  prepare: postgresOptions,
  needs: ({ table }) => tableNeeds(table),
  limits: { inFlight: 1 },
  defaults: { records: 20_000, octets: 16 * 2 ** 20 },
  connect: async (options, host) => (await import('./backend.ts')).connectPostgres(options, host),
})
