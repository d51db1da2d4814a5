// Writes oclif.manifest.json of each plugin here: netally finds a command by it, and help lists it, without loading the plugin.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Plugin } from '@oclif/core'

const HERE = import.meta.dirname

/** Path of a manifest, and what it must be. */
export async function manifests(): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const path of globSync('*/package.json', { cwd: HERE }).sort()) {
    if (!('oclif' in JSON.parse(readFileSync(join(HERE, path), 'utf8')))) continue
    const root = join(HERE, dirname(path))
    const plugin = new Plugin({ root, type: 'user', ignoreManifest: true, errorOnManifestCreate: true })
    await plugin.load()
    found.set(join(root, 'oclif.manifest.json'), `${JSON.stringify(plugin.manifest, null, 2)}\n`)
  }
  return found
}

if (import.meta.main) {
  for (const [path, text] of await manifests()) {
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text)
  }
}
