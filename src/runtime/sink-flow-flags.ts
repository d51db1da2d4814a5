// The flags of sink-flow, and what they mean.
import { Args, Flags } from '@oclif/core'
import { ProblemError } from '../contract/problem.ts'
import { parseReceiver } from '../maps/tee-receivers.ts'
import { durationSeconds } from '../operators/aggregate/bins.ts'
import type { TransportOptions } from '../sinks/flow-export/transport.ts'
import type { FlowExportOptions } from '../sinks/flow-export.ts'
import { type ParsedOptions, text } from './parsed.ts'

const VERSIONS: { readonly [name: string]: number } = { netflow5: 5, netflow9: 9, ipfix: 10 }
/** Ethernet's 1500 octets without the headers of IPv6 and UDP. */
const DEFAULT_MESSAGE_OCTETS = 1452
const SMALLEST_MESSAGE = 512
const LARGEST_MESSAGE = 65_507
const SESSION = { helpGroup: 'IPFIX SESSIONS' }
const file = (summary: string) => Flags.string({ summary, helpValue: 'FILE', ...SESSION })

export const SINK_FLOW_ARGS = {
  collector: Args.string({ description: 'HOST:PORT or [IPV6]:PORT', required: true }),
}

export const SINK_FLOW_FLAGS = {
  version: Flags.string({ summary: 'what to speak', options: Object.keys(VERSIONS), default: 'ipfix' }),
  transport: Flags.string({ summary: 'NetFlow has UDP only', options: ['udp', 'tcp', 'tls'], default: 'udp' }),
  domain: Flags.integer({
    summary: 'observation domain, source id; of v5 engine type * 256 + engine id',
    helpValue: 'N',
    default: 0,
    min: 0,
    max: 2 ** 32 - 1,
  }),
  'message-octets': Flags.integer({
    summary: 'the most octets of a message',
    helpValue: 'OCTETS',
    default: DEFAULT_MESSAGE_OCTETS,
    min: SMALLEST_MESSAGE,
    max: LARGEST_MESSAGE,
  }),
  'template-refresh': Flags.string({
    summary: 'templates are sent again after so long, by the clock of the records',
    helpValue: 'DURATION',
    default: '1m',
  }),
  rate: Flags.integer({ summary: 'the most messages a second (default: no limit)', helpValue: 'N', min: 1 }),
  'source-address': Flags.string({ summary: 'address to send from', helpValue: 'ADDRESS' }),
  'tls-ca': file("authorities that may have signed the collector's certificate, PEM (default: those of Node.js)"),
  'tls-cert': file('own certificate chain, PEM'),
  'tls-key': file('its key, PEM'),
}

const wrong = (code: string, message: string, hint: string): ProblemError =>
  new ProblemError({ code: `usage/${code}`, message, hint })

function transportOptions(parsed: ParsedOptions): TransportOptions {
  const receiver = parseReceiver(parsed.collector as string)
  if (!receiver)
    throw wrong('bad-receiver', `"${parsed.collector}" is not HOST:PORT`, 'netally sink-flow 192.0.2.1:2055')
  return {
    transport: parsed.transport as TransportOptions['transport'],
    host: receiver.host,
    port: receiver.port,
    rate: (parsed.rate as number | undefined) ?? 0,
    sourceAddress: text(parsed['source-address']),
    tls: { ca: text(parsed['tls-ca']), cert: text(parsed['tls-cert']), key: text(parsed['tls-key']) },
  }
}

/** Throws a ProblemError. */
export function sinkFlowOptions(parsed: ParsedOptions): FlowExportOptions {
  const version = VERSIONS[parsed.version as string] as number
  if (version !== VERSIONS.ipfix && parsed.transport !== 'udp') {
    throw wrong('netflow-session', `${parsed.version} goes by UDP only`, 'leave out --transport, or --version ipfix')
  }
  const domain = parsed.domain as number
  if (version === VERSIONS.netflow5 && domain > 0xffff) {
    throw wrong('bad-domain', `--domain ${domain}: engine type and id of v5 have 16 bits`, 'give less than 65536')
  }
  const seconds = durationSeconds(parsed['template-refresh'] as string)
  if (seconds === undefined) {
    throw wrong('bad-duration', `--template-refresh "${parsed['template-refresh']}" is no duration`, 'as in 1m')
  }
  const messages = { domain, messageOctets: parsed['message-octets'] as number, refreshMs: seconds * 1000 }
  return { version, messages, transport: transportOptions(parsed) }
}
