// The flags of flow-recv, and what they mean.
import { Flags } from '@oclif/core'
import type { FlowOptions } from '../sources/flow-options.ts'
import type { FlowDecoderOptions } from '../wire/flow/options.ts'

const CAPTURE = { helpGroup: 'CAPTURE' }
const DECODING = { helpGroup: 'DECODING' }

export const FLOW_FLAGS = {
  pcap: Flags.string({
    summary: 'read a capture (pcap or pcapng, gz, zst) instead of the network; - is standard input; repeat for more',
    helpValue: 'FILE',
    multiple: true,
    multipleNonGreedy: true,
    ...CAPTURE,
  }),
  'udp-port': Flags.integer({
    summary:
      'destination port of flows in the capture (default: every UDP datagram that begins with version 5, 9 or 10)',
    helpValue: 'N',
    min: 1,
    max: 65_535,
    multiple: true,
    multipleNonGreedy: true,
    ...CAPTURE,
  }),
  'sampling-rate': Flags.integer({
    summary: 'sampling rate where nothing else says one',
    helpValue: 'N',
    min: 1,
    ...DECODING,
  }),
  renormalize: Flags.boolean({ summary: 'multiply packets and bytes by the sampling rate', ...DECODING }),
  biflow: Flags.string({
    summary: 'RFC 5103 biflows: reverse counters as fields of their own, or a second record',
    options: ['fields', 'split'],
    default: 'fields',
    ...DECODING,
  }),
  unknown: Flags.boolean({ summary: 'keep elements that have no field, as unknown: {"pen/id": "hex"}', ...DECODING }),
  'account-options': Flags.boolean({ summary: 'write options records too', ...DECODING }),
  'ignore-exporter-address': Flags.boolean({
    summary: 'the exporter is the sender of the datagram, whatever elements 130 and 131 say',
    ...DECODING,
  }),
}

interface Parsed {
  readonly [name: string]: unknown
}

function decoderOptions(parsed: Parsed): FlowDecoderOptions {
  const rate = parsed['sampling-rate'] as number | undefined
  return {
    ...(parsed.compat === 'pmacct' ? { compat: 'pmacct' as const } : {}),
    ...(rate === undefined ? {} : { staticSamplingRate: rate }),
    unknown: parsed.unknown === true,
    biflow: parsed.biflow as 'fields' | 'split',
    renormalize: parsed.renormalize === true,
    accountOptions: parsed['account-options'] === true,
    ignoreExporterAddress: parsed['ignore-exporter-address'] === true,
  }
}

/** Options of the source from parsed flags; throws a ProblemError. */
export function flowOptions(parsed: Parsed): FlowOptions {
  return {
    captures: (parsed.pcap as string[] | undefined) ?? [],
    udpPorts: (parsed['udp-port'] as number[] | undefined) ?? [],
    decoder: decoderOptions(parsed),
  }
}
