// The flags of sink-clickhouse, and what they mean.
import {
  Args,
  CREDENTIAL_FLAGS,
  credentials,
  type Endpoint,
  Flags,
  type ParsedOptions,
  ProblemError,
  parseEndpoint,
  TABLE_FLAGS,
  type TableOptions,
  TableSchema,
  TLS_FLAGS,
  type TlsOptions,
  tableOptions,
  tlsOptions,
} from 'netally'

export interface ClickhouseOptions {
  readonly endpoint: Endpoint
  readonly database: string
  readonly user: string
  readonly password: string
  readonly tls: TlsOptions | undefined
  readonly table: TableOptions
  readonly schema: TableSchema
  /** Addresses as ClickHouse's IPv6, where the server has it. */
  readonly hasInet: boolean
  /** Columns that are no key can be absent. */
  readonly isNullable: boolean
  /** Engine of new tables, instead of that which the fields ask for. */
  readonly engine: string | undefined
}

export const ARGS = {
  server: Args.string({
    description: 'HOST[:PORT][/DATABASE] or http[s]://[USER@]HOST[:PORT][/DATABASE]',
    default: '127.0.0.1',
  }),
}

export const FLAGS = {
  database: Flags.string({
    summary: 'database, where the address has none',
    helpValue: 'NAME',
    helpGroup: 'CONNECTION',
  }),
  addresses: Flags.string({
    summary: 'addresses in columns that are made: inet (IPv6, where the server has it) or text',
    options: ['inet', 'text'],
    default: 'inet',
    helpGroup: 'TABLE',
  }),
  nullable: Flags.boolean({
    summary: 'columns that are no key can be absent, instead of zero or empty',
    helpGroup: 'TABLE',
  }),
  engine: Flags.string({
    summary: "engine of new tables, as in --engine \"ReplicatedSummingMergeTree('/clickhouse/acct', '{replica}')\"",
    helpValue: 'ENGINE',
    helpGroup: 'TABLE',
  }),
  ...TABLE_FLAGS,
  ...CREDENTIAL_FLAGS,
  ...TLS_FLAGS,
}

export function clickhouseOptions(parsed: ParsedOptions): ClickhouseOptions {
  const ports = { http: 8123, https: 8443 }
  const endpoint = parseEndpoint(String(parsed.server), { ports, secure: ['https'] })
  const { user = endpoint.user ?? 'default', password = '' } = credentials(parsed, 'NETALLY_CLICKHOUSE')
  const table = tableOptions(parsed)
  if (table.merge === 'ignore') {
    throw new ProblemError({
      code: 'usage/no-ignore',
      message: 'ClickHouse cannot ignore a row whose key is there',
      hint: '--merge add, or --merge replace',
    })
  }
  return {
    endpoint,
    database: String(parsed.database ?? (endpoint.path || 'default')),
    user,
    password,
    tls: tlsOptions(parsed, endpoint.isSecure),
    table,
    schema: new TableSchema(table),
    hasInet: parsed.addresses === 'inet',
    isNullable: parsed.nullable === true,
    engine: parsed.engine === undefined ? undefined : String(parsed.engine),
  }
}
