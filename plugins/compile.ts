// Compiles the plugins here, those that changed. `import 'netally'` finds the core by a link in node_modules. A plugin whose
// client library is not there is left out, so that the core compiles all the same.
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const HERE = import.meta.dirname
const ROOT = dirname(HERE)

function linkCore(): void {
  const link = join(ROOT, 'node_modules', 'netally')
  rmSync(link, { force: true })
  symlinkSync('..', link, 'dir')
}

/** Dependencies of a package that are not installed. */
function missing(path: string): string[] {
  const { dependencies = {} } = JSON.parse(readFileSync(path, 'utf8')) as { dependencies?: { [name: string]: string } }
  const folders = createRequire(path).resolve.paths('x') ?? []
  return Object.keys(dependencies).filter(name => globSync(folders.map(folder => join(folder, name))).length === 0)
}

linkCore()
const ready: string[] = []
for (const path of globSync(join(HERE, '*', 'package.json')).sort()) {
  const absent = missing(path)
  if (absent.length === 0) ready.push(dirname(path))
  else process.stderr.write(`${dirname(path)} is left out: no ${absent.join(', ')} (npm install brings it)\n`)
}
const tsc = join(ROOT, 'node_modules', '.bin', 'tsc')
process.exitCode = ready.length > 0 ? (spawnSync(tsc, ['-b', ...ready], { stdio: 'inherit' }).status ?? 1) : 0
