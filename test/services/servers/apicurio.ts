// A schema registry with the API of Confluent's: Apicurio Registry, which keeps schemas in a file of its folder.
// Karapace is not on PyPI, and Confluent's own is not on Maven Central.
import { join } from 'node:path'
import { cached } from './cache.ts'
import { ask, askJson } from './http.ts'
import { javaProgram, mavenFiles, smallJvm } from './java.ts'
import { launch, serverFolder } from './launch.ts'
import { freePorts, run } from './programs.ts'
import { type Lifetime, LOOPBACK, type Server, type Skipped, serverOf } from './server.ts'

/** The newest line that runs on Java 17. */
const VERSION = '2.6.13.Final'
const ARCHIVE = { name: `io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all` }
const HEAP_MEGABYTES = 384
const UNPACK_MS = 300_000

async function unpacked(): Promise<string | Skipped> {
  const files = await mavenFiles([ARCHIVE])
  if ('skipped' in files) return files
  const [archive = ''] = files
  return cached(`apicurio-${VERSION}`, async folder => {
    await run(['tar', '-xzf', archive, '-C', folder], {}, '', UNPACK_MS)
  })
}

/** `url` is what clients of Confluent's take; `query` takes `[METHOD] PATH [JSON]` below it: `subjects/flows-value/versions/1`. */
export async function startSchemaRegistry(lifetime: Lifetime): Promise<Server | Skipped> {
  const home = await unpacked()
  if (typeof home !== 'string') return home
  const folder = serverFolder(lifetime, 'schema-registry')
  const [port = 0] = await freePorts(1)
  const url = `http://${LOOPBACK}:${port}/apis/ccompat/v7`
  const settings = {
    'quarkus.http.host': LOOPBACK,
    'quarkus.http.port': port,
    // Written as soon as it is told that it was.
    'quarkus.datasource.jdbc.url': `jdbc:h2:file:${join(folder.path, 'schemas')};WRITE_DELAY=0`,
    'quarkus.datasource.jdbc.initial-size': 2,
    'quarkus.datasource.jdbc.min-size': 2,
  }
  const query = (statement: string) => {
    const [, method = 'GET', path = '', body] = /^(?:([A-Z]+) )?(\S+)(?: (.*))?$/s.exec(statement) ?? []
    return body ? askJson(`${url}/${path}`, JSON.parse(body), { method }) : ask(`${url}/${path}`, { method })
  }
  const running = await launch({
    folder,
    words: [
      ...[javaProgram() as string, ...smallJvm(HEAP_MEGABYTES)],
      ...Object.entries(settings).map(([name, value]) => `-D${name}=${value}`),
      ...['-jar', join(home, `apicurio-registry-app-${VERSION}-runner.jar`)],
    ],
    isHeavy: true,
    asks: () => query('subjects'),
  })
  return serverOf(running, { version: VERSION, port, url, query })
}
