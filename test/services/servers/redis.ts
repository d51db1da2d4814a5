// Redis of Debian, which appends each write to its file.
import { makeCertificates } from './authority.ts'
import { launch, serverFolder } from './launch.ts'
import { freePorts, missingPrograms, run, versionOf } from './programs.ts'
import { type Lifetime, LOOPBACK, type Server, type Skipped, serverOf } from './server.ts'

export interface RedisOptions {
  /** TLS only, and a password. */
  readonly tls?: boolean
}

const CREDENTIALS = { user: 'default', password: 'netally-test' }

export async function startRedis(lifetime: Lifetime, { tls = false }: RedisOptions = {}): Promise<Server | Skipped> {
  const missing = missingPrograms('redis-server, redis-tools', 'redis-server', 'redis-cli')
  if (missing) return missing
  const folder = serverFolder(lifetime, 'redis')
  const certificates = tls ? makeCertificates(folder) : undefined
  const [port = 0] = await freePorts(1)
  const listen = certificates
    ? [
        ...['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no'],
        ...['--tls-cert-file', certificates.certificate, '--tls-key-file', certificates.key],
        ...['--tls-ca-cert-file', certificates.ca, '--requirepass', CREDENTIALS.password],
      ]
    : ['--port', String(port)]
  const client = ['redis-cli', '-e', '-h', LOOPBACK, '-p', String(port), '--no-auth-warning']
  const secure = certificates ? ['--tls', '--cacert', certificates.ca] : []
  const query = (statement: string) =>
    run([...client, ...secure], tls ? { REDISCLI_AUTH: CREDENTIALS.password } : {}, statement)
  const running = await launch({
    folder,
    words: [
      ...['redis-server', '--bind', LOOPBACK, ...listen, '--dir', folder.path, '--save', ''],
      ...['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory', '256mb'],
    ],
    asks: () => query('PING'),
  })
  const scheme = tls ? `rediss://:${CREDENTIALS.password}@` : 'redis://'
  const version = await versionOf(['redis-server', '--version'])
  return serverOf(running, {
    ...{ version, port, url: `${scheme}${LOOPBACK}:${port}`, certificates, query },
    ...(tls && { credentials: CREDENTIALS }),
  })
}
