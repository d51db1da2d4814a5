import { deliveryCommand } from 'netally'
import { ARGS, type ElasticsearchOptions, elasticsearchOptions, FLAGS } from './options.ts'

/** More are slower: a node takes a request into its memory whole. */
const REQUEST_OCTETS = 32 << 20
/** Less than the batches that a document remembers (merge.ts). */
const MOST_IN_FLIGHT = 8

export const sinkElasticsearch = deliveryCommand<ElasticsearchOptions>({
  summary: 'write records to a data stream or to indices of Elasticsearch or OpenSearch',
  description: `Each record is a document, with its time as @timestamp. Its id is made of the batch and its place there, so that a batch
sent twice is stored once; or, with --key, of its key and bin. An index template with a type for each field is made, if there is none.`,
  examples: [
    'netally flow-recv --listen 2055 | netally sink-elasticsearch https://es1.example.net,https://es2.example.net --data-stream flows',
    "netally aggregate --by src_as --bin 1m < flows.ndjson | netally sink-elasticsearch --index 'sums-%Y.%m.%d' --key src_as --merge add",
  ],
  args: ARGS,
  flags: FLAGS,
  prepare: elasticsearchOptions,
  form: 'octets',
  limits: { octets: REQUEST_OCTETS, inFlight: MOST_IN_FLIGHT },
  defaults: { records: 5000, octets: 8 << 20 },
  connect: async (options, host, signal) => (await import('./backend.ts')).connectElasticsearch(options, host, signal),
})
