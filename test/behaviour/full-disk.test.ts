// A disk without room: told, counted, status 1.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { writeBigCapture } from '../support/big-capture.ts'
import { ENVIRONMENT, netally, scratch, shell } from '../support/cli.ts'
import { lineServer } from '../support/lines-compliance.ts'
import { statsLines } from '../support/stats.ts'

const FULL = '/dev/full'
const skip = !existsSync(FULL) && 'no /dev/full here'
const DATAGRAMS = 2000

/** A file system of 256 kB; undefined when this user may not mount one. */
function tinyDisk(context: TestContext): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'netally-disk-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder])
  context.after(() => {
    if (status === 0) spawnSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true, force: true })
  })
  if (status !== 0) return undefined
  return folder
}

function bigCapture(context: TestContext): string {
  const path = join(scratch(context), 'big.pcap')
  writeBigCapture(path, DATAGRAMS)
  return path
}

describe('a full disk', { concurrency: 2 }, () => {
  it('standard output', { skip }, async context => {
    const { stderr, status } = await shell(`netally flow-recv --pcap ${bigCapture(context)} --stats > ${FULL}`)
    assert.equal(status, 1, stderr)
    assert.match(stderr, /^netally flow-recv: .*no space left.*\n {2}try: /im)
    const [stats] = statsLines(stderr)
    assert.equal(stats?.balance, 0, stderr)
    assert.ok((stats?.dropped['not-written'] ?? 0) > 0, stderr)
  })

  it('dump --file', { skip }, async () => {
    const { stderr, status } = await shell(`netally dump --file ${FULL} --format json --stats`, '{"bytes":1}\n')
    assert.equal(status, 1, stderr)
    assert.match(stderr, /^netally dump: .*no space left/im)
    assert.equal(statsLines(stderr)[0]?.balance, 0, stderr)
  })

  for (const command of ['dump --file sums.json', 'sink-sqlite sums.db']) {
    it(`${command}, on a disk of 256 kB`, async context => {
      const disk = tinyDisk(context)
      if (disk === undefined) return context.skip('this user may not mount a small file system')
      const line = `netally flow-recv --pcap ${bigCapture(context)} | (cd ${disk} && netally ${command} --stats)`
      const { stderr, status } = await shell(line)
      assert.equal(status, 1, stderr)
      assert.match(stderr, /^netally (dump|sink-sqlite): .*(no space left|disk is full|full)/im)
      assert.doesNotMatch(stderr, /bug in netally/)
      const stats = statsLines(stderr).find(({ command: name }) => name !== 'flow-recv')
      assert.equal(stats?.balance, 0, stderr)
    })
  }

  it('a spool on it: what does not fit is dropped and counted, what fits is delivered later', async context => {
    const disk = tinyDisk(context)
    if (disk === undefined) return context.skip('this user may not mount a file system')
    const server = await lineServer(context)
    const [command = '', ...words] = server.words
    const sink = (input: string, ...more: readonly string[]) =>
      netally([command, ...words, '--spool', join(disk, 'spool'), '--stats', ...more], input, {
        env: { ...ENVIRONMENT, ...server.env },
      })
    const lines = Array.from({ length: 20_000 }, (_, n) => `{"tag":${n},"label":"${'x'.repeat(80)}"}\n`).join('')
    const away = await sink(lines, '--batch', '100', '--spool-full', 'drop-newest', '--give-up-after', '1s')
    assert.equal(away.status, 1)
    assert.match(away.stderr, /spool\/unwritable\][\s\S]*delivery\/left-in-spool\]/)
    const [before] = statsLines(away.stderr)
    assert.equal(before?.balance, 0, away.stderr)
    assert.ok((before?.held ?? 0) > 500, away.stderr)
    assert.equal((before?.held ?? 0) + (before?.dropped['spool-full'] ?? 0), 20_000)
    await server.start()
    const there = await sink('')
    assert.equal(there.status, 0, there.stderr)
    assert.equal(statsLines(there.stderr)[0]?.out, before?.held)
    assert.equal((await server.read()).length, before?.held)
  })
})
