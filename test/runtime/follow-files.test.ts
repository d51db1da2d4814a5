import assert from 'node:assert/strict'
import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { FollowedFiles } from '../../src/runtime/follow-files.ts'
import { scratch } from '../support/cli.ts'

test('a file that changed counts when it keeps still', async context => {
  const path = join(scratch(context), 'x.map')
  writeFileSync(path, 'one\n')
  const files = new FollowedFiles()
  context.after(() => files.close())
  let changes = 0
  await files.follow(path, () => changes++)
  const looks = async (): Promise<number> => {
    await files.look()
    return changes
  }
  assert.equal(await looks(), 0)
  appendFileSync(path, 'two\n')
  assert.equal(await looks(), 0, 'somebody may still be writing')
  appendFileSync(path, 'three\n')
  assert.equal(await looks(), 0)
  assert.equal(await looks(), 1)
  assert.equal(await looks(), 1)
  writeFileSync(`${path}.new`, 'one\ntwo\nthree\n')
  renameSync(`${path}.new`, path)
  assert.equal(await looks(), 1)
  assert.equal(await looks(), 2)
  rmSync(path)
  assert.equal(await looks(), 2)
  assert.equal(await looks(), 2, 'no file is no map')
  writeFileSync(path, 'four\n')
  assert.equal(await looks(), 2)
  assert.equal(await looks(), 3)
})
