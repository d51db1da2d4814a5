// Mosquitto of Debian, an MQTT broker that keeps sessions and retained messages.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeCertificates } from './authority.ts'
import { launch, serverFolder, userNamed } from './launch.ts'
import { freePorts, missingPrograms, run, versionOf } from './programs.ts'
import { type Lifetime, LOOPBACK, type Server, type Skipped, serverOf } from './server.ts'

export interface MosquittoOptions {
  /** TLS and a password. */
  readonly tls?: boolean
}

const CREDENTIALS = { user: 'netally', password: 'netally-test' }
/** Of one retained message; -W ends the client when none comes. */
const WAIT_SECONDS = '5'

/** `query` takes a topic and gives its retained message. */
export async function startMosquitto(
  lifetime: Lifetime,
  { tls = false }: MosquittoOptions = {},
): Promise<Server | Skipped> {
  const missing = missingPrograms('mosquitto, mosquitto-clients', 'mosquitto', 'mosquitto_sub', 'mosquitto_passwd')
  if (missing) return missing
  const owner = userNamed('mosquitto')
  const folder = serverFolder(lifetime, 'mosquitto', owner)
  const certificates = tls ? makeCertificates(folder) : undefined
  const [port = 0] = await freePorts(1)
  const passwords = join(folder.path, 'passwords')
  if (tls) {
    await run(['mosquitto_passwd', '-c', '-b', passwords, CREDENTIALS.user, CREDENTIALS.password])
    await run(['chmod', '644', passwords])
  }
  const configuration = join(folder.path, 'mosquitto.conf')
  const lines = [
    ...[`listener ${port} ${LOOPBACK}`, 'persistence true', `persistence_location ${folder.path}/`],
    ...['autosave_on_changes true', 'autosave_interval 1', 'max_queued_messages 100000', 'memory_limit 268435456'],
    ...(certificates ? [`certfile ${certificates.certificate}`, `keyfile ${certificates.key}`] : []),
    ...(tls ? [`password_file ${passwords}`, 'allow_anonymous false'] : ['allow_anonymous true']),
  ]
  writeFileSync(configuration, lines.join('\n') + '\n')
  const secure = certificates ? ['--cafile', certificates.ca, '-u', CREDENTIALS.user, '-P', CREDENTIALS.password] : []
  const client = ['-h', LOOPBACK, '-p', String(port), '-q', '1', ...secure]
  const query = (topic: string) => run(['mosquitto_sub', ...client, '-t', topic, '-C', '1', '-N', '-W', WAIT_SECONDS])
  const running = await launch({
    folder,
    words: ['mosquitto', '-c', configuration],
    asks: () => run(['mosquitto_pub', ...client, '-t', 'netally/ready', '-m', '1']),
  })
  const version = await versionOf(['mosquitto_sub', '--help'])
  return serverOf(running, {
    ...{ version, port, url: `${tls ? 'mqtts' : 'mqtt'}://${LOOPBACK}:${port}`, certificates, query },
    ...(tls && { credentials: CREDENTIALS }),
  })
}
