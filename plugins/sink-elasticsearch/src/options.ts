// The flags of sink-elasticsearch, and what they mean.
import {
  Args,
  basicAuthorization,
  CREDENTIAL_FLAGS,
  credentials,
  durationMs,
  type Endpoint,
  Flags,
  fieldsOf,
  type ParsedOptions,
  ProblemError,
  parseEndpoints,
  type RecordName,
  recordName,
  secret,
  TLS_FLAGS,
  type TlsOptions,
  tlsOptions,
  words,
} from 'netally'
import { Nodes } from './nodes.ts'

/** What a second record with the id of a first one does. */
export type Merge = 'add' | 'replace' | 'keep'
const MERGES: readonly Merge[] = ['add', 'replace', 'keep']

export interface TemplateOptions {
  readonly name: string
  /** Of the indices that it is for. */
  readonly pattern: string
  readonly isDataStream: boolean
  readonly shards: number | undefined
  readonly replicas: number | undefined
  /** How long a data stream keeps documents; undefined = for ever. */
  readonly keep: string | undefined
  readonly isUnsigned: boolean
}

export interface ElasticsearchOptions {
  readonly nodes: Nodes
  /** Of the Authorization header. */
  readonly authorization: string | undefined
  readonly tls: TlsOptions | undefined
  readonly index: RecordName
  readonly isDataStream: boolean
  /** Fields of the key; undefined = ids are of the batch; `auto` = all that are not counters. */
  readonly key: readonly string[] | 'auto' | undefined
  readonly merge: Merge
  readonly template: TemplateOptions | undefined
  readonly pipeline: string | undefined
  readonly isCompressed: boolean
}

const GROUP = { helpGroup: 'WHERE TO' }

export const ARGS = {
  servers: Args.string({
    description: 'http[s]://HOST[:PORT][/PATH] of one or more nodes of a cluster, with commas between them',
    default: 'http://127.0.0.1:9200',
  }),
}

export const FLAGS = {
  'data-stream': Flags.string({
    summary: 'data stream that takes the documents (the default, "netally")',
    helpValue: 'NAME',
    exclusive: ['index'],
    ...GROUP,
  }),
  index: Flags.string({
    summary: "index that takes the documents; $FIELD and %Y.%m.%d make it many: 'flows-%Y.%m.%d'",
    helpValue: 'NAME',
    ...GROUP,
  }),
  key: Flags.string({
    summary:
      'fields that are, with the bin, the id of a document; auto: all that are not counters. Default: each record is one',
    helpValue: 'FIELDS',
    ...GROUP,
  }),
  merge: Flags.string({
    summary: 'what a second record of the same key does; default: add',
    options: [...MERGES],
    dependsOn: ['key'],
    ...GROUP,
  }),
  pipeline: Flags.string({ summary: 'ingest pipeline that documents go through', helpValue: 'NAME', ...GROUP }),
  template: Flags.boolean({
    summary: 'make the index template, or bring it up to date if it is ours',
    default: true,
    allowNo: true,
    helpGroup: 'TEMPLATE',
  }),
  shards: Flags.integer({ summary: 'shards of an index', helpValue: 'N', min: 1, helpGroup: 'TEMPLATE' }),
  replicas: Flags.integer({ summary: 'copies of each shard', helpValue: 'N', min: 0, helpGroup: 'TEMPLATE' }),
  keep: Flags.string({
    summary: 'how long the data stream keeps documents (Elasticsearch 8.11 and later)',
    helpValue: '30d',
    exclusive: ['index'],
    helpGroup: 'TEMPLATE',
  }),
  'unsigned-long': Flags.boolean({
    summary: 'whole numbers up to 2^64-1 instead of 2^63-1; sums of them are slower, and scripts see them signed',
    helpGroup: 'TEMPLATE',
  }),
  gzip: Flags.boolean({ summary: 'compress requests', helpGroup: 'CONNECTION' }),
  'api-key-file': Flags.file({
    summary: 'file with an API key, base64 as the server gave it; else NETALLY_ELASTICSEARCH_API_KEY has it',
    helpValue: 'FILE',
    exclusive: ['user'],
    helpGroup: 'CONNECTION',
  }),
  ...CREDENTIAL_FLAGS,
  ...TLS_FLAGS,
}

/** What a name of an index may have; the server wants lower case. */
const NAME_LETTERS = /[a-z0-9._-]/
const NAME = /^[a-z0-9][a-z0-9._-]*$/
const DAY_MS = 86_400_000

const usage = (what: string, message: string, hint: string): ProblemError =>
  new ProblemError({ code: `usage/${what}`, message, hint })

/** Letters that a name cannot have are those of values, so a template of one value and one time shows what is fixed. */
function indexName(template: string): { index: RecordName; pattern: string; base: string } {
  const index = recordName(template, { allowed: NAME_LETTERS })
  const pattern = template
    .replaceAll(/\$\{[^}]*\}|\$[A-Za-z_][A-Za-z0-9_]*|%[A-Za-z]/g, '*')
    .replaceAll(/\*(?:[._-]?\*)+/g, '*')
  const base = pattern.replaceAll('*', '').replace(/[._-]+$/, '')
  if (!NAME.test(index.of({}, DAY_MS)) || base === '') {
    throw usage(
      'bad-index',
      `"${template}" is no name of an index or data stream`,
      'use a-z, 0-9, - and _, first a letter that is always the same',
    )
  }
  return { index, pattern, base }
}

function authorizationOf(parsed: ParsedOptions, endpoints: readonly (Endpoint & { user?: string })[]) {
  const file = parsed['api-key-file']
  const key = secret(parsed, 'api-key-file', 'NETALLY_ELASTICSEARCH_API_KEY')?.trim()
  const { user = endpoints[0]?.user, password = '' } = credentials(parsed, 'NETALLY_ELASTICSEARCH')
  if (file === undefined && user !== undefined) return basicAuthorization(user, password)
  return key ? `ApiKey ${key}` : undefined
}

function keyOf(parsed: ParsedOptions): ElasticsearchOptions['key'] {
  if (parsed.key === undefined) return undefined
  const names = words(parsed.key)
  if (names.length === 1 && names[0] === 'auto') return 'auto'
  return names.flatMap(fieldsOf).map(({ name }) => name)
}

function mergeOf(parsed: ParsedOptions, isDataStream: boolean): Merge {
  if (parsed.key === undefined) return 'keep'
  const merge = (parsed.merge ?? 'add') as Merge
  if (isDataStream && merge !== 'keep') {
    throw usage(
      'data-stream-merge',
      `a document of a data stream cannot be changed, so --merge ${merge} has nowhere to go`,
      "name indices (--index 'sums-%Y.%m.%d'), leave --key out (late rows are documents of their own), or take --merge keep",
    )
  }
  return merge
}

export function elasticsearchOptions(parsed: ParsedOptions): ElasticsearchOptions {
  const endpoints = parseEndpoints(String(parsed.servers), { ports: { http: 9200, https: 9200 }, secure: ['https'] })
  if (endpoints.length === 0) throw usage('no-server', 'no server is named', 'write http://HOST:9200')
  const isDataStream = parsed.index === undefined
  const { index, pattern, base } = indexName(String(parsed.index ?? parsed['data-stream'] ?? 'netally'))
  const wantsTls = endpoints.some(({ isSecure }) => isSecure)
  if (parsed.keep !== undefined) durationMs('keep', parsed.keep)
  const number = (name: string) => (parsed[name] === undefined ? undefined : Number(parsed[name]))
  const tls = tlsOptions(parsed, wantsTls)
  return {
    nodes: new Nodes(endpoints, tls !== undefined),
    authorization: authorizationOf(parsed, endpoints),
    tls,
    index,
    isDataStream,
    key: keyOf(parsed),
    merge: mergeOf(parsed, isDataStream),
    template:
      parsed.template === false
        ? undefined
        : {
            name: `netally-${base}`,
            pattern,
            isDataStream,
            shards: number('shards'),
            replicas: number('replicas'),
            keep: parsed.keep === undefined ? undefined : String(parsed.keep),
            isUnsigned: parsed['unsigned-long'] === true,
          },
    pipeline: parsed.pipeline === undefined ? undefined : String(parsed.pipeline),
    isCompressed: parsed.gzip === true,
  }
}
