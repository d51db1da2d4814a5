// What the flags of sink-kafka mean.
import {
  fieldsOf,
  type Host,
  type ParsedOptions,
  type PresentOptions,
  ProblemError,
  presentationOptions,
  type RecordName,
  recordName,
  sizeOctets,
  words,
} from 'netally'
import { type ClientOptions, clientOptions } from './client-options.ts'
import type { Settings } from './config-file.ts'
import { COMPRESSIONS } from './flags.ts'

export type Compression = (typeof COMPRESSIONS)[number]

export interface RegistryOptions {
  readonly url: string
  readonly user: string | undefined
  readonly password: string | undefined
}

export type MessageFormat = 'json' | 'avro' | 'avro_json'

export interface SinkOptions {
  readonly client: ClientOptions
  readonly topic: RecordName
  /** Topics that are gone round: TOPIC_0 to TOPIC_(n-1); 0 = the topic itself. */
  readonly topics: number
  readonly key: RecordName | undefined
  /** Fixed, or by a name made of fields. */
  readonly partition: number | RecordName | undefined
  readonly format: MessageFormat
  readonly recordsPerMessage: number
  /** What goes to a partition at a time, and a message, at most. */
  readonly messageOctets: number
  readonly compression: Compression
  readonly headers: boolean
  readonly isIdempotent: boolean
  readonly registry: RegistryOptions | undefined
  readonly schemaFile: string | undefined
  readonly present: PresentOptions
}

/** What librdkafka sends at most, and a little less than what brokers take. */
const MESSAGE_OCTETS = 1_000_000
/** A key is data for people and programs: any letter but control characters. */
const KEY_LETTERS = /[^\p{Cc}]/u

function usage(code: string, message: string, hint: string): ProblemError {
  return new ProblemError({ code: `usage/${code}`, message, hint })
}

/** Where the registry is; also for kafka-recv. Throws a ProblemError. */
export function registryOptions(parsed: ParsedOptions): RegistryOptions | undefined {
  if (parsed.registry === undefined) return undefined
  const url = String(parsed.registry).replace(/\/+$/, '')
  if (!/^https?:\/\/[^\s@]+$/.test(url)) {
    throw usage('bad-registry', `"${url}" is no address of a schema registry`, 'write http://HOST:PORT')
  }
  const { NETALLY_REGISTRY_USER: user, NETALLY_REGISTRY_PASSWORD: password } = process.env
  return { url, user, password }
}

export function compressionOf(parsed: ParsedOptions, settings: Settings): Compression {
  const asked = String(parsed.compression ?? settings.get('compression.type') ?? 'none')
  const compression = COMPRESSIONS.find(name => name === asked)
  if (!compression) throw usage('bad-compression', `compression ${asked} is not known`, COMPRESSIONS.join(', '))
  return compression
}

function partitionOf(parsed: ParsedOptions): number | RecordName | undefined {
  if (parsed.partition !== undefined) return Number(parsed.partition)
  if (parsed['partition-by'] === undefined) return undefined
  const fields = words(parsed['partition-by']).flatMap(fieldsOf)
  return recordName(fields.map(({ name }) => `\${${name}}`).join('|'), { allowed: KEY_LETTERS })
}

/** What of the flags does not go together. */
function checkForm(parsed: ParsedOptions): void {
  if (parsed.format === 'json') {
    for (const flag of ['registry', 'avro-schema-file']) {
      if (parsed[flag] !== undefined) {
        throw usage('json-with-schema', `--${flag} is of Avro, the format is json`, 'add --format avro')
      }
    }
    return
  }
  if (parsed.format === 'avro_json' && parsed.registry !== undefined) {
    throw usage(
      'text-with-registry',
      'a message of text has no schema id',
      'leave out --registry, or use --format avro',
    )
  }
  if (parsed.format === 'avro' && parsed.registry === undefined && parsed['avro-schema-file'] === undefined) {
    throw usage('no-schema', 'who reads Avro must get the schema', 'give --registry URL or --avro-schema-file FILE')
  }
  const presents = ['compat', 'timestamps', 'encode'].find(flag => parsed[flag] !== undefined)
  if (presents) throw usage('avro-form', `--${presents} is a form of JSON`, 'leave it out, or use --format json')
  if (parsed.registry !== undefined && Number(parsed['multi-values']) > 1) {
    throw usage('avro-multi-values', 'a message with a schema id has one record', 'leave out --multi-values')
  }
}

export function sinkOptions(parsed: ParsedOptions, host: Host): SinkOptions {
  checkForm(parsed)
  const { client, settings } = clientOptions(parsed, host)
  const template = String(parsed.topic)
  if (template === '') throw usage('bad-topic', 'the topic has no name', 'name it with --topic')
  const size = parsed['max-message'] ?? settings.get('message.max.bytes')
  return {
    client,
    topic: recordName(template),
    topics: Number(parsed['topic-rr'] ?? 0),
    key: parsed.key === undefined ? undefined : recordName(String(parsed.key), { allowed: KEY_LETTERS }),
    partition: partitionOf(parsed),
    format: parsed.format as MessageFormat,
    recordsPerMessage: Number(parsed['multi-values']),
    messageOctets: size === undefined ? MESSAGE_OCTETS : sizeOctets('max-message', size),
    compression: compressionOf(parsed, settings),
    headers: parsed['no-headers'] !== true,
    isIdempotent:
      parsed['no-idempotence'] !== true && !/^(false|0)$/i.test(settings.get('enable.idempotence') ?? 'true'),
    registry: registryOptions(parsed),
    schemaFile: parsed['avro-schema-file'] === undefined ? undefined : String(parsed['avro-schema-file']),
    present: presentationOptions(parsed),
  }
}
