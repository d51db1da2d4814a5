// Elasticsearch, one node without security: the archive that its own plugin tests use.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { ask, askJson } from './http.ts'
import { javaProgram, mavenFiles } from './java.ts'
import { launch, serverFolder, userNamed } from './launch.ts'
import { freePorts, run } from './programs.ts'
import { type Lifetime, LOOPBACK, type Server, type Skipped, serverOf } from './server.ts'

const VERSION = '8.19.21'
const ARCHIVE = { name: `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${VERSION}:zip` }
const HEAP_MEGABYTES = 512

const configuration = (folder: string, http: number, transport: number) => `
cluster.name: netally
node.name: one
discovery.type: single-node
network.host: ${LOOPBACK}
http.port: ${http}
transport.port: ${transport}
path.data: ${folder}/data
path.logs: ${folder}/logs
# With security it would make certificates first, which takes a minute.
xpack.security.enabled: false
# No check of the disk: a full one of the test machine must not make indices read-only.
cluster.routing.allocation.disk.threshold_enabled: false
`

/** Where it is unpacked, once. */
async function program(): Promise<string | Skipped> {
  const files = await mavenFiles([ARCHIVE])
  if ('skipped' in files) return files
  const [archive = ''] = files
  const folder = await cached(`elasticsearch-${VERSION}`, async unpacked => {
    await run(['unzip', '-q', archive, '-d', unpacked], {}, '', UNPACK_MS)
  })
  return join(folder, `elasticsearch-${VERSION}`)
}

const UNPACK_MS = 300_000

/** `query` of Elasticsearch and OpenSearch: `[METHOD] PATH [JSON]`, gives JSON; it sees all that was written before. */
export function searchQuery(url: string): (statement: string) => Promise<string> {
  return async statement => {
    const [, method = 'GET', path = '', body] = /^(?:([A-Z]+) )?(\S+)(?: (.*))?$/s.exec(statement) ?? []
    if (method === 'GET') await ask(`${url}/_refresh`, { method: 'POST' })
    // fetch gives a GET no body; both servers take a search as POST.
    if (body) return askJson(`${url}/${path}`, JSON.parse(body), { method: method === 'GET' ? 'POST' : method })
    return ask(`${url}/${path}`, { method })
  }
}

export async function startElasticsearch(lifetime: Lifetime): Promise<Server | Skipped> {
  const home = await program()
  if (typeof home !== 'string') return home
  const java = javaProgram() as string
  const folder = serverFolder(lifetime, 'elasticsearch', userNamed('nobody'))
  const [port = 0, transport = 0] = await freePorts(2)
  const settings = join(folder.path, 'config')
  for (const inner of [settings, join(folder.path, 'tmp')]) mkdirSync(inner)
  cpSync(join(home, 'config'), settings, { recursive: true })
  writeFileSync(join(settings, 'elasticsearch.yml'), configuration(folder.path, port, transport))
  // It writes a keystore there, and insists on a folder of its own.
  if (folder.owner) await run(['chown', '-R', `${folder.owner.uid}:${folder.owner.gid}`, folder.path])
  const url = `http://${LOOPBACK}:${port}`
  const running = await launch({
    folder,
    words: ['bash', join(home, 'bin', 'elasticsearch')],
    environment: {
      ES_JAVA_HOME: join(java, '..', '..'),
      ES_PATH_CONF: settings,
      ES_JAVA_OPTS: `-Xms${HEAP_MEGABYTES}m -Xmx${HEAP_MEGABYTES}m -XX:TieredStopAtLevel=1`,
      CLI_JAVA_OPTS: '-Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1',
      ES_TMPDIR: join(folder.path, 'tmp'),
    },
    asks: () => ask(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`),
  })
  // This archive has no handler of `/`, which would tell it.
  return serverOf(running, { version: VERSION, port, url, query: searchQuery(url) })
}
