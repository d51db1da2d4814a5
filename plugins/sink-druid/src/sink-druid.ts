import { deliveryCommand } from 'netally'
import { ARGS, type DruidOptions, druidOptions, FLAGS } from './options.ts'

/** A task has its rows in its specification, which Druid keeps in its metadata store. */
const TASK_OCTETS = 16 << 20

export const sinkDruid = deliveryCommand<DruidOptions>({
  summary: 'write records to a data source of Druid by batch ingestion, or print the spec of its Kafka ingestion',
  description: `A batch is a task of native batch ingestion, with an id made of the batch's, so that one that comes again is not ingested twice. Counters
are rolled up over all other fields. With --print-spec nothing is sent: the spec of a Kafka supervisor for such records is printed.`,
  examples: [
    'netally aggregate --by src_as,dst_as --bin 1m < flows.ndjson | netally sink-druid http://druid.example.net:8888 --datasource sums',
    'netally sink-druid --print-spec --by src_as,dst_as --topic sums --brokers kafka.example.net:9092 < /dev/null | curl -d @- ...',
  ],
  args: ARGS,
  flags: FLAGS,
  prepare: druidOptions,
  limits: { octets: TASK_OCTETS },
  defaults: { records: 50_000, octets: TASK_OCTETS },
  connect: async (options, host, signal) => {
    if (options.isPrinted) return (await import('./print.ts')).specPrinter(options)
    return (await import('./backend.ts')).connectDruid(options, host, signal)
  },
})
