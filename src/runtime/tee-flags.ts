// The flags of tee, and what they mean.
import { isIP } from 'node:net'
import { Flags } from '@oclif/core'
import { orThrow, ProblemError } from '../contract/problem.ts'
import { readAllowList } from '../maps/allow-list.ts'
import { readPreTagMap } from '../maps/pre-tag-map.ts'
import {
  BALANCES,
  type Balance,
  parseReceivers,
  parseTopic,
  readTeeReceivers,
  TeeReceivers,
} from '../maps/tee-receivers.ts'
import { durationSeconds } from '../operators/aggregate/bins.ts'
import { readAccount } from '../sources/drop-privileges.ts'
import { KAFKA_MODULE, KAFKA_PACKAGE, type KafkaPlugin } from '../sources/tee/kafka-plugin.ts'
import { SEND_BUFFER_OCTETS } from '../sources/tee/sender.ts'
import type { TeeOptions } from '../sources/tee/tee.ts'
import { FLOW_FLAGS, udpOptions } from './flow-flags.ts'
import { type ParsedOptions, text, texts } from './parsed.ts'

const RECEIVERS = { helpGroup: 'RECEIVERS' }
const SENDING = { helpGroup: 'SENDING' }
const KAFKA = { helpGroup: 'KAFKA' }
const LISTENING = ['listen', 'ipv6-only', 'receive-buffer', 'multicast']

export const TEE_FLAGS = {
  listen: FLOW_FLAGS.listen,
  'ipv6-only': FLOW_FLAGS['ipv6-only'],
  'receive-buffer': FLOW_FLAGS['receive-buffer'],
  multicast: FLOW_FLAGS.multicast,
  allow: FLOW_FLAGS.allow,
  user: FLOW_FLAGS.user,
  to: Flags.string({
    summary: 'a pool of receivers; repeat for more pools',
    helpValue: 'HOST:PORT,...|kafka://HOST:PORT/TOPIC',
    multiple: true,
    multipleNonGreedy: true,
    ...RECEIVERS,
  }),
  receivers: Flags.string({
    summary: "pools of receivers (pmacct's tee_receivers); read again when it changes, and on SIGHUP",
    helpValue: 'FILE',
    exclusive: ['to', 'balance'],
    ...RECEIVERS,
  }),
  balance: Flags.string({
    summary: 'who of a pool of --to gets a datagram',
    options: [...BALANCES],
    default: 'all',
    ...RECEIVERS,
  }),
  'pre-tag-map': Flags.string({
    summary: 'tags of datagrams, for tag= of the receivers; read again when it changes, and on SIGHUP',
    helpValue: 'FILE',
    dependsOn: ['receivers'],
    ...RECEIVERS,
  }),
  'resolve-every': Flags.string({
    summary: 'names of receivers are resolved again after so long',
    helpValue: 'DURATION',
    default: '1m',
    ...RECEIVERS,
  }),
  'template-replay': Flags.boolean({
    summary: 'a new receiver gets the templates that exporters sent last',
    default: true,
    allowNo: true,
    ...RECEIVERS,
  }),
  transparent: Flags.boolean({
    summary:
      "keep the exporter's address and port as the source (needs root or CAP_NET_RAW, and netally-plugin-udp-send)",
    exclusive: ['source-address', 'source-port'],
    ...SENDING,
  }),
  'source-address': Flags.string({
    summary: 'address to send from; once for IPv4, once for IPv6',
    helpValue: 'ADDRESS',
    multiple: true,
    multipleNonGreedy: true,
    ...SENDING,
  }),
  'source-port': Flags.integer({ summary: 'port to send from', helpValue: 'N', min: 1, max: 65_535, ...SENDING }),
  tos: Flags.integer({ summary: 'TOS octet of what is sent', helpValue: 'N', min: 0, max: 255, ...SENDING }),
  'send-buffer': Flags.integer({
    summary: "octets of the kernel's send buffer",
    helpValue: 'OCTETS',
    default: SEND_BUFFER_OCTETS,
    min: 4096,
    max: 2 ** 30,
    ...SENDING,
  }),
  from: Flags.string({
    summary: 'datagrams come from a topic, where tee or pmacct has written them',
    helpValue: 'kafka://HOST:PORT/TOPIC',
    exclusive: LISTENING,
    ...KAFKA,
  }),
  group: Flags.string({
    summary: 'consumer group of --from: its members share the partitions; default: netally',
    helpValue: 'NAME',
    dependsOn: ['from'],
    ...KAFKA,
  }),
  'until-end': Flags.boolean({
    summary: 'end when all that is in the topic of --from now was sent',
    dependsOn: ['from'],
    ...KAFKA,
  }),
  'kafka-config': Flags.file({
    summary: 'settings of librdkafka: lines KEY=VALUE, or those of pmacct (tee_kafka_config_file)',
    helpValue: 'FILE',
    ...KAFKA,
  }),
  compat: Flags.string({
    summary: 'pmacct: messages in Kafka have IP and UDP headers before the datagram, as nfacctd_kafka_topic wants them',
    options: ['pmacct'],
    ...KAFKA,
  }),
  'one-by-one': Flags.boolean({
    summary: 'do not use netally-plugin-udp-send, which sends many datagrams with one system call',
    ...SENDING,
  }),
}

function poolsOf(parsed: ParsedOptions): TeeReceivers {
  const lists = texts(parsed.to)
  if (lists.length === 0) {
    throw new ProblemError({
      code: 'usage/no-receivers',
      message: 'nobody to send to',
      hint: 'give --to HOST:PORT or --receivers FILE',
    })
  }
  const pools = lists.map((list, index) => {
    const receivers = parseReceivers(list)
    if (typeof receivers === 'string') {
      throw new ProblemError({
        code: 'usage/bad-receiver',
        message: `--to ${list}: ${receivers}`,
        hint: '--to 192.0.2.1:2100,[2001:db8::1]:2100',
      })
    }
    return {
      id: String(index + 1),
      receivers,
      balance: parsed.balance as Balance,
      tag: undefined,
      sourcePort: undefined,
    }
  })
  return new TeeReceivers('--to', pools)
}

function sourceAddresses(parsed: ParsedOptions): string[] {
  const addresses = texts(parsed['source-address'])
  const families = addresses.map(address => isIP(address))
  if (families.includes(0) || new Set(families).size < families.length) {
    throw new ProblemError({
      code: 'usage/bad-source-address',
      message: `--source-address ${addresses.join(' ')}: not one address of a family`,
      hint: '--source-address 192.0.2.1 --source-address 2001:db8::1',
    })
  }
  return addresses
}

function resolveMs(parsed: ParsedOptions): number {
  const seconds = durationSeconds(parsed['resolve-every'] as string)
  if (seconds !== undefined && seconds > 0) return seconds * 1000
  throw new ProblemError({
    code: 'usage/bad-duration',
    message: `--resolve-every "${parsed['resolve-every']}" is no duration`,
    hint: 'as in 1m',
  })
}

function topicOf(parsed: ParsedOptions): TeeOptions['from'] {
  const from = text(parsed.from)
  if (from === undefined) return undefined
  const topic = parseTopic(from)
  if (topic) return { ...topic, group: text(parsed.group), untilEnd: parsed['until-end'] === true }
  throw new ProblemError({
    code: 'usage/bad-topic',
    message: `--from ${from} names no topic`,
    hint: '--from kafka://kafka1:9092/datagrams',
  })
}

const loadKafka = async (): Promise<KafkaPlugin> =>
  (await import('./plugins/catalogue.ts')).pluginModule<KafkaPlugin>(KAFKA_PACKAGE, KAFKA_MODULE)

/** Throws a ProblemError. */
export async function teeOptions(parsed: ParsedOptions): Promise<TeeOptions> {
  const [file, map, allow, user] = (['receivers', 'pre-tag-map', 'allow', 'user'] as const).map(flag =>
    text(parsed[flag]),
  )
  const receivers = file === undefined ? poolsOf(parsed) : orThrow(await readTeeReceivers(file))
  const from = topicOf(parsed)
  return {
    udp: udpOptions(parsed, false),
    from,
    account: user === undefined ? undefined : orThrow(readAccount(user)),
    allow: allow === undefined ? undefined : orThrow(await readAllowList(allow)),
    receivers,
    readReceivers: async () => (file === undefined ? receivers : readTeeReceivers(file)),
    tagMap: map === undefined ? undefined : orThrow(await readPreTagMap(map)),
    readTagMap: () => readPreTagMap(map as string),
    directory: {
      transparent: parsed.transparent === true,
      sourceAddresses: sourceAddresses(parsed),
      sourcePort: (parsed['source-port'] as number | undefined) ?? 0,
      sendBufferOctets: parsed['send-buffer'] as number,
      tos: parsed.tos as number | undefined,
      resolveMs: resolveMs(parsed),
      kafka: { load: loadKafka, config: text(parsed['kafka-config']), isPacket: parsed.compat === 'pmacct' },
      waits: from !== undefined,
    },
    plain: parsed['one-by-one'] === true,
    replaysTemplates: parsed['template-replay'] === true,
  }
}
