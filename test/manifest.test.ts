// The committed oclif.manifest.json is what the commands are: oclif believes it, and loads only the command that runs.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { Plugin } from '@oclif/core'
import { REPOSITORY } from './support/cli.ts'

const PATH = join(REPOSITORY, 'oclif.manifest.json')

it('oclif.manifest.json is up to date (else: npm run build, and commit it)', async () => {
  assert.ok(existsSync(PATH), 'there is none')
  const plugin = new Plugin({ root: REPOSITORY, type: 'core', ignoreManifest: true, errorOnManifestCreate: true })
  await plugin.load()
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as { commands: { [name: string]: unknown } }
  const fresh = plain(plugin.manifest)
  const committed = plain(JSON.parse(readFileSync(PATH, 'utf8')))
  assert.deepEqual(Object.keys(committed.commands).sort(), Object.keys(fresh.commands).sort())
  for (const [name, command] of Object.entries(fresh.commands))
    assert.deepEqual(committed.commands[name], command, name)
})
