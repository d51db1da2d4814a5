// The committed oclif.manifest.json of each plugin is what its commands are.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { it } from 'node:test'
import { manifests } from '../plugins/manifests.ts'
import { REPOSITORY } from './support/cli.ts'

it('oclif.manifest.json of every plugin is up to date (else: npm run build, and commit it)', async () => {
  for (const [path, text] of await manifests()) {
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), JSON.parse(text), relative(REPOSITORY, path))
  }
})
