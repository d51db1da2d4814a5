import { type Backend, deliveryCommand, type Host, seriesFields } from 'netally'
import { ARGS, FLAGS, type PrometheusOptions, prometheusOptions } from './options.ts'

async function connect(options: PrometheusOptions, host: Host, signal: AbortSignal): Promise<Backend> {
  if (options.remote) return (await import('./remote-write.ts')).connectRemote(options, options.remote, host, signal)
  return (await import('./exposition-server.ts')).connectExposition(options, host)
}

export const sinkPrometheus = deliveryCommand<PrometheusOptions>({
  summary: 'sums for Prometheus to scrape, or samples by remote-write',
  description: `With --listen, sums of the stream by the fields of --tags are served as counters that only grow. With the address of a
server, each counter of a record is a sample of its bin, sent by remote-write.`,
  examples: [
    'netally flow-recv --listen 2055 | netally sink-prometheus --listen 9105 --tags peer_ip_src,iface_in --values bytes,packets',
    'netally aggregate --by src_as --bin 1m < flows.ndjson | netally sink-prometheus http://prometheus.example.net:9090/api/v1/write',
  ],
  args: ARGS,
  flags: FLAGS,
  prepare: prometheusOptions,
  needs: ({ series }) => {
    const fields = seriesFields(series)
    return fields ? { fields, rest: false } : { fields: [], rest: true }
  },
  form: 'octets',
  limits: { inFlight: 1 },
  defaults: { records: 5000, inFlight: 1 },
  connect,
})
