// Servers that Go's module proxy has newer than Debian: built once into the cache.
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { cached, cacheFolder } from './cache.ts'
import { missingPrograms, run } from './programs.ts'
import type { Skipped } from './server.ts'

const BUILD_MS = 20 * 60_000

/** The program of `PACKAGE@VERSION`; builds it when it is not in the cache. */
export async function goProgram(packageVersion: string): Promise<string | Skipped> {
  const missing = missingPrograms('golang', 'go')
  if (missing) return missing
  const [path = '', version = ''] = packageVersion.split('@')
  const name = path.split('/').findLast(part => !/^v\d+$/.test(part)) ?? ''
  const environment = {
    ...process.env,
    GOMODCACHE: join(cacheFolder(), 'go-modules'),
    GOCACHE: join(cacheFolder(), 'go-build'),
    // Toolchains are not fetched: what is installed builds it, or it is skipped.
    GOTOOLCHAIN: 'local',
  }
  try {
    const folder = await cached(`${name}-${version}`, async into => {
      await run(['go', 'install', packageVersion], { ...environment, GOBIN: into }, '', BUILD_MS)
      chmodSync(join(into, name), 0o755)
    })
    return join(folder, name)
  } catch (error) {
    const said = (error as { stderr?: string }).stderr ?? String(error)
    return { skipped: `go install ${packageVersion}: ${said.trim().split('\n').at(-1)}` }
  }
}
