import { sinkCommand } from '../runtime/command.ts'
import { DUMP_FLAGS, dumpOptions } from '../runtime/dump-flags.ts'
import { dump } from '../sinks/dump.ts'

export default sinkCommand({
  summary: 'write records to files, FIFOs or the terminal, as json, csv or tables',
  description: `Files may be named by time and by values of the records; a file is finished when the clock of the records leaves its
interval, and has its name only then.`,
  examples: [
    'netally flow-recv --pcap flows.pcap | netally aggregate --by src_as,dst_as | netally dump --format table',
    "netally dump --file 'flows/%Y/%m/%d/%H%M.json' --every 5m --latest flows/latest < flows.ndjson",
    "netally dump --file '$peer_src_ip/%Y%m%d-%H%M.csv' --every 1h --trigger ./load.sh < flows.ndjson",
  ],
  flags: DUMP_FLAGS,
  prepare: dumpOptions,
  ...dump,
})
