// The flags of kafka-recv, and what they mean.
import { DATAGRAM_FLAGS, datagramOptions, Flags, type Host, type ParsedOptions, ProblemError, words } from 'netally'
import { type ClientOptions, clientOptions } from './client-options.ts'
import { CLIENT_FLAGS, REGISTRY_FLAG } from './flags.ts'
import { type RegistryOptions, registryOptions } from './options.ts'

export interface RecvOptions {
  readonly client: ClientOptions
  readonly topics: readonly string[]
  readonly group: string
  /** Where the group has no offset yet: the ends of the topics, or a time in Unix ms. */
  readonly from: 'earliest' | 'latest' | number
  readonly untilEnd: boolean
  readonly sessionMs: number
  readonly registry: RegistryOptions | undefined
  /** Of messages that are datagrams. */
  readonly datagrams: Awaited<ReturnType<typeof datagramOptions>> | undefined
}

const READING = { helpGroup: 'READING' }
const SESSION_MS = 30_000

export const RECV_FLAGS = {
  topic: Flags.string({
    summary: 'topic to read; repeat, or write commas, for more',
    helpValue: 'TOPIC',
    multiple: true,
    multipleNonGreedy: true,
    required: true,
    ...READING,
  }),
  group: Flags.string({
    summary: 'consumer group: its members share the partitions; default: netally',
    helpValue: 'NAME',
    ...READING,
  }),
  from: Flags.string({
    summary:
      'where a group begins that has read nothing: earliest (default), latest, Unix seconds or 2026-11-25T12:00:00Z',
    helpValue: 'WHERE',
    ...READING,
  }),
  'until-end': Flags.boolean({ summary: 'end when all that is there now was read', ...READING }),
  raw: Flags.boolean({
    summary: 'messages are datagrams of exporters, as tee writes them: NetFlow, IPFIX, sFlow',
    exclusive: ['registry'],
    ...READING,
  }),
  ...REGISTRY_FLAG,
  ...CLIENT_FLAGS,
  ...DATAGRAM_FLAGS,
}

function usage(code: string, message: string, hint: string): ProblemError {
  return new ProblemError({ code: `usage/${code}`, message, hint })
}

/** Throws a ProblemError. */
export function parseFrom(text: string): 'earliest' | 'latest' | number {
  const names: { readonly [name: string]: 'earliest' | 'latest' } = {
    earliest: 'earliest',
    smallest: 'earliest',
    beginning: 'earliest',
    latest: 'latest',
    largest: 'latest',
    end: 'latest',
  }
  const name = names[text]
  if (name) return name
  const ms = /^\d+(\.\d+)?$/.test(text) ? Math.floor(Number(text) * 1000) : Date.parse(text)
  if (Number.isFinite(ms)) return ms
  throw usage(
    'bad-from',
    `--from "${text}" is no place to begin`,
    'earliest, latest, 1764000000 or 2026-11-25T12:00:00Z',
  )
}

export async function recvOptions(parsed: ParsedOptions, host: Host): Promise<RecvOptions> {
  const { client, settings } = clientOptions(parsed, host)
  const topics = words(parsed.topic)
  if (topics.length === 0) throw usage('no-topic', 'there is nothing to read', 'name a topic with --topic')
  return {
    client,
    topics: [...new Set(topics)],
    group: String(parsed.group ?? settings.get('group.id') ?? 'netally'),
    from: parseFrom(String(parsed.from ?? settings.get('auto.offset.reset') ?? 'earliest')),
    untilEnd: parsed['until-end'] === true,
    sessionMs: Number(settings.get('session.timeout.ms') ?? SESSION_MS),
    registry: registryOptions(parsed),
    datagrams: parsed.raw === true ? await datagramOptions(parsed, host) : undefined,
  }
}
