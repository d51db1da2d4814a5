import { sinkCommand } from '../runtime/command.ts'
import { SQLITE_ARGS, SQLITE_FLAGS, sqliteOptions } from '../runtime/sqlite-flags.ts'
import { sqlite } from '../sinks/sqlite.ts'

export default sinkCommand({
  summary: "write records to a table of a SQLite file, with Node's own SQLite",
  description: `The table is made from the fields. A row whose key is there already is merged into it: counters add up, flags are ORed,
times keep the least or greatest. So a late row adds to its bin.`,
  examples: [
    'netally flow-recv --pcap flows.pcap | netally aggregate --by src_as,dst_as --bin 5m | netally sink-sqlite acct.db',
    "netally sink-sqlite acct.db --table 'acct_%Y%m%d' --every 1d < sums.ndjson",
  ],
  args: SQLITE_ARGS,
  flags: SQLITE_FLAGS,
  prepare: sqliteOptions,
  ...sqlite,
})
