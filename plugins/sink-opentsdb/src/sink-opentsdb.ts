import { deliveryCommand, seriesFields } from 'netally'
import { ARGS, FLAGS, type OpentsdbOptions, opentsdbOptions } from './options.ts'

export const sinkOpentsdb = deliveryCommand<OpentsdbOptions>({
  summary: 'write records as data points of OpenTSDB, over HTTP or telnet',
  description: `Each counter of a record is a data point of its bin: the metric has the counter's name in it, keys are tags. Records of one batch
with the same tags and time are one point, summed; those of different batches keep apart by milliseconds.`,
  examples: [
    'netally aggregate --by src_as,dst_as --bin 1m < flows.ndjson | netally sink-opentsdb tsdb.example.net',
    "netally aggregate --by peer_ip_src,iface_in --bin 5m < flows.ndjson | netally sink-opentsdb telnet://tsdb.example.net --metric 'net.{value}'",
  ],
  args: ARGS,
  flags: FLAGS,
  prepare: opentsdbOptions,
  needs: ({ series }) => {
    const fields = seriesFields(series)
    return fields ? { fields, rest: false } : { fields: [], rest: true }
  },
  form: 'octets',
  limits: { inFlight: 1 },
  defaults: { records: 2000, inFlight: 1 },
  connect: async (options, host, signal) => (await import('./backend.ts')).connectOpentsdb(options, host, signal),
})
