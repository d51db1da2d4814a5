// Servers that Go's module proxy has newer than Debian: built once into the cache.
import { join } from 'node:path'
import { cached } from './cache.ts'
import { missingPrograms, run } from './programs.ts'
import type { Skipped } from './server.ts'

/** What is newer than Debian's, for the `program` option of the launchers, and a collector that Debian has not. */
export const GO_PROGRAMS = {
  goflow2: 'github.com/netsampler/goflow2/v2/cmd/goflow2@v2.2.6',
  nats: 'github.com/nats-io/nats-server/v2@v2.15.2',
  gnmiCli: 'github.com/openconfig/gnmi/cmd/gnmi_cli@v0.14.1',
  gnmiFakeServer: 'github.com/openconfig/gnmi/testing/fake/gnmi/cmd/fake_server@v0.14.1',
  victoriaMetrics: 'github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics@v1.151.0',
} as const

const BUILD_MS = 20 * 60_000

/** The program of `PACKAGE@VERSION`; builds it when it is not in the cache. */
export async function goProgram(packageVersion: string): Promise<string | Skipped> {
  const missing = missingPrograms('golang', 'go')
  if (missing) return missing
  const [path = '', version = ''] = packageVersion.split('@')
  const name = path.split('/').findLast(part => !/^v\d+$/.test(part)) ?? ''
  // Toolchains are not fetched: what is installed builds it, or it is skipped.
  const environment = { ...process.env, GOTOOLCHAIN: 'local' }
  try {
    const folder = await cached(`${name}-${version}`, async into => {
      await run(['go', 'install', packageVersion], { ...environment, GOBIN: into }, '', BUILD_MS)
    })
    return join(folder, name)
  } catch (error) {
    const said = (error as { stderr?: string }).stderr ?? String(error)
    return { skipped: `go install ${packageVersion}: ${said.trim().split('\n').at(-1)}` }
  }
}
