import { deliveryCommand, seriesFields } from 'netally'
import { ARGS, FLAGS, type InfluxdbOptions, influxdbOptions } from './options.ts'

export const sinkInfluxdb = deliveryCommand<InfluxdbOptions>({
  summary: 'write records as points of InfluxDB (1, 2, 3, and what speaks its line protocol)',
  description: `A record is a point of its bin: keys are tags, counters are fields, whole numbers stay whole. Records of one batch with the same
tags and time are one point, summed; those of different batches keep apart by nanoseconds, so that none replaces another.`,
  examples: [
    'netally aggregate --by src_as,dst_as --bin 1m < flows.ndjson | netally sink-influxdb influx.example.net --database acct',
    'netally flow-recv --listen 2055 | netally aggregate --by peer_ip_src,iface_in --bin 1m | netally sink-influxdb https://influx.example.net --org noc --bucket acct',
  ],
  args: ARGS,
  flags: FLAGS,
  prepare: influxdbOptions,
  needs: ({ series }) => {
    const fields = seriesFields(series)
    return fields ? { fields, rest: false } : { fields: [], rest: true }
  },
  form: 'octets',
  limits: { octets: 20 << 20 },
  defaults: { records: 5000, inFlight: 1 },
  connect: async (options, host, signal) => (await import('./backend.ts')).connectInfluxdb(options, host, signal),
})
