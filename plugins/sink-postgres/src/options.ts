// The flags of sink-postgres, and what they mean.
import {
  Args,
  CREDENTIAL_FLAGS,
  credentials,
  Flags,
  type ParsedOptions,
  ProblemError,
  parseEndpoint,
  REMEMBER_FLAG,
  TABLE_FLAGS,
  type TableOptions,
  TableSchema,
  TLS_FLAGS,
  type TlsOptions,
  tableOptions,
  tlsOptions,
} from 'netally'

export interface PostgresOptions {
  /** A name, an address, or the folder of a unix socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string | undefined
  /** Undefined: the client looks into ~/.pgpass. */
  readonly password: string | undefined
  readonly tls: TlsOptions | undefined
  readonly schemaName: string
  readonly table: TableOptions
  readonly schema: TableSchema
  /** Columns of new tables as pmacct's own tables have them. */
  readonly isCompat: boolean
  readonly localTime: boolean
}

export const ARGS = {
  server: Args.string({
    description: 'HOST[:PORT][/DATABASE] or postgresql://[USER@]HOST[:PORT]/DATABASE; default: PGHOST, else 127.0.0.1',
  }),
}

export const FLAGS = {
  database: Flags.string({
    summary: 'database, where the address has none; default: PGDATABASE, else the user',
    helpValue: 'NAME',
    helpGroup: 'CONNECTION',
  }),
  socket: Flags.string({
    summary: 'folder of the unix socket, instead of an address',
    helpValue: 'FOLDER',
    helpGroup: 'CONNECTION',
  }),
  schema: Flags.string({ summary: 'schema of the tables', helpValue: 'NAME', default: 'public', helpGroup: 'TABLE' }),
  compat: Flags.string({
    summary:
      "columns as pmacct's tables have them: times without zone and in two parts, protocol numbers, zeros for absent",
    options: ['pmacct'],
    helpGroup: 'TABLE',
  }),
  ...TABLE_FLAGS,
  ...REMEMBER_FLAG,
  ...CREDENTIAL_FLAGS,
  ...TLS_FLAGS,
}

const NAME = /^[A-Za-z_][A-Za-z0-9_$]{0,62}$/

function named(what: string, name: string): string {
  if (NAME.test(name)) return name
  throw new ProblemError({
    code: `usage/bad-${what}`,
    message: `"${name}" is no name of a ${what}`,
    hint: 'use letters, digits and _, 63 at most',
  })
}

function place(parsed: ParsedOptions) {
  const { PGHOST, PGPORT } = process.env
  const socket = parsed.socket ?? (parsed.server === undefined && PGHOST?.startsWith('/') ? PGHOST : undefined)
  if (socket !== undefined && parsed.server !== undefined) {
    throw new ProblemError({
      code: 'usage/two-servers',
      message: 'an address and --socket are two servers',
      hint: 'give one of them',
    })
  }
  const text = socket === undefined ? String(parsed.server ?? PGHOST ?? '127.0.0.1') : '127.0.0.1'
  const ports = { postgresql: Number(PGPORT ?? 5432), postgres: Number(PGPORT ?? 5432) }
  const endpoint = parseEndpoint(text, { ports })
  return { ...endpoint, host: socket === undefined ? endpoint.host : String(socket) }
}

export function postgresOptions(parsed: ParsedOptions): PostgresOptions {
  const endpoint = place(parsed)
  const { PGUSER, PGPASSWORD, PGDATABASE, USER } = process.env
  const { user = endpoint.user ?? PGUSER, password = PGPASSWORD } = credentials(parsed, 'NETALLY_POSTGRES')
  const path = endpoint.path === '' ? undefined : endpoint.path
  const table = tableOptions(parsed)
  const wantsTls = /^(require|verify-ca|verify-full)$/.test(endpoint.query.get('sslmode') ?? '')
  return {
    host: endpoint.host,
    port: endpoint.port,
    database: String(parsed.database ?? path ?? PGDATABASE ?? user ?? USER ?? 'postgres'),
    user,
    password,
    tls: tlsOptions(parsed, wantsTls),
    schemaName: named('schema', String(parsed.schema)),
    table,
    schema: new TableSchema(table),
    isCompat: parsed.compat === 'pmacct',
    localTime: parsed['local-time'] === true,
  }
}
