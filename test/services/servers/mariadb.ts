// MariaDB of Debian, with a database `netally` and its user.
import { join } from 'node:path'
import { makeCertificates } from './authority.ts'
import { launch, serverFolder, userNamed } from './launch.ts'
import { freePorts, missingPrograms, run, versionOf } from './programs.ts'
import { type Lifetime, LOOPBACK, type Server, type Skipped, serverOf } from './server.ts'

const CREDENTIALS = { user: 'netally', password: 'netally-test' }
const DATABASE = 'netally'
const SETUP = `create database if not exists ${DATABASE};
create user if not exists '${CREDENTIALS.user}'@'%' identified by '${CREDENTIALS.password}';
grant all on *.* to '${CREDENTIALS.user}'@'%';`

export interface MariadbOptions {
  /** TLS offered, and demanded of TCP clients. */
  readonly tls?: boolean
}

export async function startMariadb(
  lifetime: Lifetime,
  { tls = false }: MariadbOptions = {},
): Promise<Server | Skipped> {
  const missing = missingPrograms('mariadb-server', 'mariadbd', 'mariadb-install-db', 'mariadb')
  if (missing) return missing
  const owner = userNamed('mysql')
  const folder = serverFolder(lifetime, 'mariadb', owner)
  const data = join(folder.path, 'data')
  const socket = join(folder.path, 'socket')
  const as = owner ? ['--user=mysql'] : []
  const install = ['mariadb-install-db', '--no-defaults', ...as, `--datadir=${data}`, '--skip-test-db']
  await run([...install, '--auth-root-authentication-method=normal'])
  const [port = 0] = await freePorts(1)
  const certificates = tls ? makeCertificates(folder) : undefined
  const secure = certificates
    ? [`--ssl-ca=${certificates.ca}`, `--ssl-cert=${certificates.certificate}`, `--ssl-key=${certificates.key}`].concat(
        ['--require-secure-transport=ON'],
      )
    : []
  const client = ['mariadb', '--no-defaults', '--batch', '--skip-column-names', '--default-character-set=utf8mb4']
  const root = (statement: string) => run([...client, `--socket=${socket}`, '--user=root'], {}, statement)
  const tcp = ['--protocol=tcp', `--host=${LOOPBACK}`, `--port=${port}`, `--user=${CREDENTIALS.user}`, DATABASE]
  const asClient = certificates ? [`--ssl-ca=${certificates.ca}`] : []
  const query = (statement: string) =>
    run([...client, ...asClient, ...tcp], { MYSQL_PWD: CREDENTIALS.password }, statement)
  const memory = ['--innodb-buffer-pool-size=64M', '--innodb-log-file-size=32M', '--performance-schema=OFF']
  const running = await launch({
    folder,
    words: [
      ...['mariadbd', '--no-defaults', `--datadir=${data}`, `--socket=${socket}`, `--port=${port}`],
      ...[`--bind-address=${LOOPBACK}`, `--pid-file=${join(folder.path, 'pid')}`, '--character-set-server=utf8mb4'],
      ...memory,
      ...secure,
    ],
    asks: () => root(SETUP),
  })
  const url = `mysql://${CREDENTIALS.user}:${CREDENTIALS.password}@${LOOPBACK}:${port}/${DATABASE}`
  const version = await versionOf(['mariadbd', '--version'])
  return serverOf(running, { version, port, url, credentials: CREDENTIALS, certificates, query })
}
