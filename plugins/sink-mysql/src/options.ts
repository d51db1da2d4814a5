// The flags of sink-mysql, and what they mean.
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

/** How addresses are kept in columns that are made. */
export type AddressForm = 'text' | 'binary' | 'inet6'
const ADDRESS_FORMS: readonly AddressForm[] = ['text', 'binary', 'inet6']

export interface MysqlOptions {
  readonly host: string
  readonly port: number
  /** Path of the unix socket, instead of host and port. */
  readonly socket: string | undefined
  readonly database: string
  readonly user: string | undefined
  readonly password: string | undefined
  readonly tls: TlsOptions | undefined
  readonly table: TableOptions
  readonly schema: TableSchema
  readonly addresses: AddressForm
  /** Columns of new tables as pmacct's own tables have them. */
  readonly isCompat: boolean
  readonly localTime: boolean
}

export const ARGS = {
  server: Args.string({
    description: 'HOST[:PORT]/DATABASE or mysql://[USER@]HOST[:PORT]/DATABASE; default: 127.0.0.1',
  }),
}

export const FLAGS = {
  database: Flags.string({
    summary: 'database, where the address has none',
    helpValue: 'NAME',
    helpGroup: 'CONNECTION',
  }),
  socket: Flags.string({ summary: 'unix socket, instead of an address', helpValue: 'PATH', helpGroup: 'CONNECTION' }),
  addresses: Flags.string({
    summary: 'addresses in columns that are made: text, binary (4 or 16 octets, for inet6_ntoa), or inet6 (MariaDB)',
    options: [...ADDRESS_FORMS],
    default: 'text',
    helpGroup: 'TABLE',
  }),
  compat: Flags.string({
    summary: "columns as pmacct's tables have them: times in two parts, zeros for absent",
    options: ['pmacct'],
    helpGroup: 'TABLE',
  }),
  ...TABLE_FLAGS,
  ...REMEMBER_FLAG,
  ...CREDENTIAL_FLAGS,
  ...TLS_FLAGS,
}

export function mysqlOptions(parsed: ParsedOptions): MysqlOptions {
  const { MYSQL_HOST = '127.0.0.1', MYSQL_TCP_PORT = 3306, MYSQL_PWD, USER } = process.env
  if (parsed.socket !== undefined && parsed.server !== undefined) {
    throw new ProblemError({
      code: 'usage/two-servers',
      message: 'an address and --socket are two servers',
      hint: 'give one of them',
    })
  }
  const ports = { mysql: Number(MYSQL_TCP_PORT), mariadb: Number(MYSQL_TCP_PORT) }
  const endpoint = parseEndpoint(String(parsed.server ?? MYSQL_HOST), { ports })
  const { user = endpoint.user ?? USER, password = MYSQL_PWD } = credentials(parsed, 'NETALLY_MYSQL')
  const database = String(parsed.database ?? endpoint.path)
  if (database === '') {
    throw new ProblemError({
      code: 'usage/no-database',
      message: 'no database is named',
      hint: 'write HOST/DATABASE, or --database NAME',
    })
  }
  const table = tableOptions(parsed)
  return {
    host: endpoint.host,
    port: endpoint.port,
    socket: parsed.socket === undefined ? undefined : String(parsed.socket),
    database,
    user,
    password,
    tls: tlsOptions(parsed, false),
    table,
    schema: new TableSchema(table),
    addresses: parsed.addresses as AddressForm,
    isCompat: parsed.compat === 'pmacct',
    localTime: parsed['local-time'] === true,
  }
}
