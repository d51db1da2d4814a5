// PostgreSQL of Debian. The superuser is postgres; its database too.
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeCertificates } from './authority.ts'
import { type LaunchedProcess, launch, type ServerFolder, serverFolder, userNamed } from './launch.ts'
import { freePorts, missingPrograms, programPath, run, versionOf } from './programs.ts'
import { type Lifetime, LOOPBACK, type Server, type Skipped, serverOf } from './server.ts'

export interface PostgresOptions {
  /** TLS offered, and demanded of TCP clients by pg_hba.conf. */
  readonly tls?: boolean
}

const POSTGRES = '/usr/lib/postgresql/*/bin/postgres'
const CREDENTIALS = { user: 'postgres', password: 'netally-test' }

/** Runs a program of PostgreSQL as the owner of the data. */
function asOwner({ owner, path }: ServerFolder, words: readonly string[]): Promise<string> {
  const as = owner ? ['setpriv', `--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'] : []
  return run([...as, ...words], { HOME: path })
}

async function initialize(folder: ServerFolder, data: string, programs: string, tls: boolean): Promise<void> {
  const passwordFile = join(folder.path, 'password')
  writeFileSync(passwordFile, CREDENTIALS.password, { mode: 0o644 })
  const words = ['--username', CREDENTIALS.user, '--pwfile', passwordFile, '--auth', 'scram-sha-256']
  await asOwner(folder, [join(programs, 'initdb'), '-D', data, ...words, '--encoding', 'UTF8', '--no-sync'])
  const kind = tls ? 'hostssl' : 'host'
  writeFileSync(
    join(data, 'pg_hba.conf'),
    `${kind} all all ${LOOPBACK}/32 scram-sha-256\nlocal all all scram-sha-256\n`,
  )
}

export async function startPostgres(
  lifetime: Lifetime,
  { tls = false }: PostgresOptions = {},
): Promise<Server | Skipped> {
  const missing = missingPrograms('postgresql', POSTGRES, 'psql')
  if (missing) return missing
  const postgres = programPath(POSTGRES) as string
  const folder = serverFolder(lifetime, 'postgres', userNamed('postgres'))
  const data = join(folder.path, 'data')
  await initialize(folder, data, dirname(postgres), tls)
  const certificates = tls ? makeCertificates(folder) : undefined
  const [port = 0] = await freePorts(1)
  const settings = {
    listen_addresses: LOOPBACK,
    unix_socket_directories: folder.path,
    shared_buffers: '64MB',
    ...(certificates && { ssl: 'on', ssl_cert_file: certificates.certificate, ssl_key_file: certificates.key }),
  }
  const query = (statement: string) =>
    run(
      ['psql', '-X', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', LOOPBACK, '-p', String(port), '-U', CREDENTIALS.user],
      {
        PGPASSWORD: CREDENTIALS.password,
        ...(certificates && { PGSSLMODE: 'verify-full', PGSSLROOTCERT: certificates.ca }),
      },
      statement,
    )
  const running: LaunchedProcess = await launch({
    folder,
    words: [
      postgres,
      ...['-D', data, '-p', String(port)],
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    // Fast shutdown: sessions are ended, nothing is lost.
    stopSignal: 'SIGINT',
    asks: () => query('select 1'),
  })
  const url = `postgresql://${CREDENTIALS.user}:${CREDENTIALS.password}@${LOOPBACK}:${port}/postgres`
  const version = await versionOf([postgres, '--version'])
  return serverOf(running, { version, port, url, credentials: CREDENTIALS, certificates, query })
}
