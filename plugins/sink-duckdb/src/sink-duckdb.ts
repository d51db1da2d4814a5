import { deliveryCommand, tableNeeds } from 'netally'
import { ARGS, type DuckdbOptions, duckdbOptions, FLAGS } from './options.ts'

export const sinkDuckdb = deliveryCommand<DuckdbOptions>({
  summary: 'write records to a table of a DuckDB file, or to Parquet files by time',
  description: `The table is made from the fields. A row whose key is there already is merged into it: counters add up, flags are ORed, times
keep the least or greatest. Between batches the file is free for others to read. With --parquet each batch becomes a file in
the folder of its time (year=2025/month=11/day=24/hour=16), which appears whole.`,
  examples: [
    'netally flow-recv --listen 2055 | netally aggregate --by src_as,dst_as --bin 5m | netally sink-duckdb acct.duckdb',
    'netally flow-recv --listen 2055 | netally sink-duckdb --parquet /var/lib/netally/flows --key none --batch 1000000 --batch-age 5m',
  ],
  args: ARGS,
  flags: FLAGS,
  prepare: duckdbOptions,
  needs: ({ table }) => tableNeeds(table),
  limits: { inFlight: 1 },
  defaults: { records: 100_000, octets: 64 * 2 ** 20 },
  connect: async (options, host) => (await import('./backend.ts')).connectDuckdb(options, host),
})
