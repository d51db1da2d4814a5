import { deliveryCommand, tableNeeds } from 'netally'
import { ARGS, FLAGS, type MysqlOptions, mysqlOptions } from './options.ts'

export const sinkMysql = deliveryCommand<MysqlOptions>({
  summary: 'write records to a table of MySQL or MariaDB',
  description: `The table is made from the fields. A row whose key is there already is merged into it: counters add up, flags are ORed, times
keep the least or greatest. A batch is one transaction that leaves a mark, so that a batch sent twice is stored once.`,
  examples: [
    'netally flow-recv --listen 2055 | netally aggregate --by src_as,dst_as --bin 5m | netally sink-mysql db.example.net/netflow --user netally',
    "netally sink-mysql --socket /run/mysqld/mysqld.sock --database netflow --table 'flows_%Y%m%d' --every 1d --key none < flows.ndjson",
  ],
  args: ARGS,
  flags: FLAGS,
  prepare: mysqlOptions,
  needs: ({ table }) => tableNeeds(table),
  limits: { inFlight: 1 },
  defaults: { records: 20_000, octets: 16 * 2 ** 20 },
  connect: async (options, host) => (await import('./backend.ts')).connectMysql(options, host),
})
