// The flags of sink-flow, and what they mean.
import { isIP } from 'node:net'
import { Args, Flags } from '@oclif/core'
import { isProblem, ProblemError } from '../contract/problem.ts'
import { type InterfaceNames, readInterfaceNames } from '../maps/interface-names.ts'
import { parseReceiver } from '../maps/tee-receivers.ts'
import { durationSeconds } from '../operators/aggregate/bins.ts'
import type { CaptureTarget } from '../sinks/flow-export/capture.ts'
import type { TransportOptions } from '../sinks/flow-export/transport.ts'
import type { ExportVersion, FlowExportOptions } from '../sinks/flow-export.ts'
import { EXPORT_DEFAULTS, type ExportOptions } from '../wire/flow/export/options.ts'
import { type ParsedOptions, text } from './parsed.ts'
import { durationMs } from './quantities.ts'

/** With the port that collectors listen on. */
const VERSIONS: { readonly [name in ExportVersion]: number } = {
  netflow5: 2055,
  netflow9: 2055,
  ipfix: 4739,
  sflow: 6343,
}
/** Ethernet's 1500 octets without the headers of IPv6 and UDP. */
const DEFAULT_MESSAGE_OCTETS = 1452
const SMALLEST_MESSAGE = 512
const LARGEST_MESSAGE = 65_507
/** As sinks of other backends wait. */
const RETRY = { firstMs: 200, mostMs: 30_000 }
const SESSION = { helpGroup: 'IPFIX SESSIONS' }
const file = (summary: string) => Flags.string({ summary, helpValue: 'FILE', ...SESSION })

export const SINK_FLOW_ARGS = {
  collector: Args.string({ description: 'HOST:PORT or [IPV6]:PORT' }),
}

export const SINK_FLOW_FLAGS = {
  version: Flags.string({ summary: 'what to speak', options: Object.keys(VERSIONS), default: 'ipfix' }),
  transport: Flags.string({
    summary: 'NetFlow and sFlow have UDP only',
    options: ['udp', 'tcp', 'tls'],
    default: 'udp',
  }),
  output: Flags.string({
    summary: 'write a capture with the messages instead; - is standard output',
    helpValue: 'FILE.pcap',
  }),
  domain: Flags.integer({
    summary: 'observation domain, source id, sub-agent; of v5 engine type * 256 + engine id',
    helpValue: 'N',
    default: 0,
    min: 0,
    max: 2 ** 32 - 1,
  }),
  'domain-per-exporter': Flags.boolean({
    summary: 'a domain for each exporter of the records, from --domain + 1 on (v9, IPFIX)',
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
  'template-messages': Flags.integer({
    summary: 'and after so many messages',
    helpValue: 'N',
    default: EXPORT_DEFAULTS.refreshMessages,
    min: 1,
  }),
  microseconds: Flags.boolean({ summary: 'times in microseconds (IPFIX); not every collector reads them' }),
  interfaces: Flags.string({
    summary:
      'names of interfaces for options: rows ifindex=1 ifname=Gi0/0/0 [ip=EXPORTER] (v9, IPFIX); read again when it changes, and on SIGHUP',
    helpValue: 'FILE',
  }),
  samplers: Flags.boolean({ summary: 'sampling rates in options, with a sampler in each record (v9, IPFIX)' }),
  statistics: Flags.boolean({ summary: 'options with what was exported so far, as often as templates (v9, IPFIX)' }),
  frames: Flags.boolean({
    summary: 'each packet as an Ethernet frame, for collectors that read nothing else (sFlow)',
  }),
  agent: Flags.string({
    summary: 'the agent of records without an exporter, as packet-recv gives them (sFlow)',
    helpValue: 'ADDRESS',
  }),
  'element-types': Flags.boolean({ summary: "options with the types of pmacct's elements (IPFIX, RFC 5610)" }),
  rate: Flags.integer({ summary: 'the most messages a second (default: no limit)', helpValue: 'N', min: 1 }),
  'source-address': Flags.string({ summary: 'address to send from', helpValue: 'ADDRESS' }),
  'give-up-after': Flags.string({
    summary: 'when no session could be opened for so long, or never',
    helpValue: 'TIME',
    default: '5m',
    ...SESSION,
  }),
  'tls-ca': file("authorities that may have signed the collector's certificate, PEM (default: those of Node.js)"),
  'tls-cert': file('own certificate chain, PEM'),
  'tls-key': file('its key, PEM'),
}

const wrong = (code: string, message: string, hint: string): ProblemError =>
  new ProblemError({ code: `usage/${code}`, message, hint })

function captureTarget(parsed: ParsedOptions, version: ExportVersion): CaptureTarget | undefined {
  const path = text(parsed.output)
  if (path === undefined) return undefined
  if (path === '-' && process.stdout.isTTY === true) {
    throw wrong('terminal', 'packets are not for a terminal', 'netally sink-flow --output flows.pcap')
  }
  const given = parsed.collector === undefined ? undefined : parseReceiver(parsed.collector as string)
  const destination = given?.host ?? '127.0.0.1'
  const family = isIP(destination)
  if (family === 0 || (parsed.collector !== undefined && !given)) {
    throw wrong('bad-receiver', `"${parsed.collector}" is not ADDRESS:PORT`, 'a capture has addresses: 192.0.2.1:2055')
  }
  const source = text(parsed['source-address']) ?? (family === 4 ? '127.0.0.1' : '::1')
  if (isIP(source) !== family)
    throw wrong('bad-address', `--source-address ${source} is not of the family of ${destination}`, 'give both of one')
  return { path, source, destination, port: given?.port ?? VERSIONS[version] }
}

function transportOptions(parsed: ParsedOptions, version: ExportVersion): TransportOptions {
  const capture = captureTarget(parsed, version)
  const receiver = parsed.collector === undefined ? undefined : parseReceiver(parsed.collector as string)
  if (!receiver && !capture) {
    const given = parsed.collector === undefined ? 'no collector' : `"${parsed.collector}" is not HOST:PORT`
    throw wrong('bad-receiver', given, 'netally sink-flow 192.0.2.1:2055, or --output FILE')
  }
  const giveUp = parsed['give-up-after'] as string
  return {
    transport: parsed.transport as TransportOptions['transport'],
    host: receiver?.host ?? '',
    port: receiver?.port ?? 0,
    rate: (parsed.rate as number | undefined) ?? 0,
    sourceAddress: text(parsed['source-address']),
    tls: { ca: text(parsed['tls-ca']), cert: text(parsed['tls-cert']), key: text(parsed['tls-key']) },
    retry: { ...RETRY, giveUpMs: giveUp === 'never' ? Number.POSITIVE_INFINITY : durationMs('give-up-after', giveUp) },
    capture,
  }
}

function agentOf(parsed: ParsedOptions): string | undefined {
  const agent = text(parsed.agent)
  if (agent === undefined) return undefined
  if (parsed.version !== 'sflow') throw wrong('agent-of-sflow', '--agent is for sFlow', 'add --version sflow')
  // A zone says something on one machine only.
  if (isIP(agent) === 0 || agent.includes('%'))
    throw wrong('bad-address', `--agent ${agent} is no address`, 'as in 192.0.2.1 or 2001:db8::1')
  return agent
}

function messageOptions(parsed: ParsedOptions, refreshSeconds: number): ExportOptions {
  // A session has templates once (RFC 7011 section 8.1).
  const isSession = parsed.transport !== 'udp'
  return {
    domain: parsed.domain as number,
    domainPerExporter: parsed['domain-per-exporter'] === true,
    messageOctets: parsed['message-octets'] as number,
    refreshMs: isSession ? Number.POSITIVE_INFINITY : refreshSeconds * 1000,
    refreshMessages: isSession ? Number.POSITIVE_INFINITY : (parsed['template-messages'] as number),
    microseconds: parsed.microseconds === true,
    samplers: parsed.samplers === true,
    frames: parsed.frames === true,
    statistics: parsed.statistics === true,
    agent: agentOf(parsed),
    elementTypes: parsed['element-types'] === true,
    interfaces: EXPORT_DEFAULTS.interfaces,
  }
}

async function interfaceNames(parsed: ParsedOptions): Promise<InterfaceNames | undefined> {
  const names = parsed.interfaces === undefined ? undefined : await readInterfaceNames(parsed.interfaces as string)
  if (isProblem(names)) throw new ProblemError(names)
  return names
}

/** Throws a ProblemError. */
export async function sinkFlowOptions(parsed: ParsedOptions): Promise<FlowExportOptions> {
  const version = parsed.version as ExportVersion
  if (version !== 'ipfix' && parsed.transport !== 'udp') {
    throw wrong('netflow-session', `${version} goes by UDP only`, 'leave out --transport, or --version ipfix')
  }
  const domain = parsed.domain as number
  if (version === 'netflow5' && domain > 0xffff) {
    throw wrong('bad-domain', `--domain ${domain}: engine type and id of v5 have 16 bits`, 'give less than 65536')
  }
  const seconds = durationSeconds(parsed['template-refresh'] as string)
  if (seconds === undefined) {
    throw wrong('bad-duration', `--template-refresh "${parsed['template-refresh']}" is no duration`, 'as in 1m')
  }
  const transport = transportOptions(parsed, version)
  return { version, messages: messageOptions(parsed, seconds), interfaces: await interfaceNames(parsed), transport }
}
