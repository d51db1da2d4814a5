// --owner: whose what dump makes is.
import assert from 'node:assert/strict'
import { chownSync, existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ProblemError } from '../../src/contract/problem.ts'
import { idOf, ownerOption } from '../../src/runtime/owner-flag.ts'
import { DUMP_DEFAULTS, type DumpOptions, dump } from '../../src/sinks/dump.ts'
import { netally, scratch } from '../support/cli.ts'
import { streamOf, TestHost } from '../support/test-host.ts'

const OWNER = { userId: 54_321, groupId: 54_322 }
const T0 = Date.UTC(2026, 10, 23, 8) / 1000
const skip = process.getuid?.() !== 0 && 'only root may give files away'

const run = (options: Partial<DumpOptions>, host = new TestHost()) =>
  dump.drain(streamOf([{ timestamp_arrival: T0, bytes: 1 }]), { ...DUMP_DEFAULTS, owner: OWNER, ...options }, host)

function ownerOf(path: string): string {
  const { uid, gid } = lstatSync(path)
  return `${uid}:${gid}`
}

const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.code
    throw error
  }
  return 'no problem'
}

describe('files and folders that are made', { skip }, () => {
  it('have the owner; folders that were there stay as they were', async context => {
    const folder = scratch(context)
    const before = ownerOf(folder)
    const at = (name: string) => join(folder, name)
    await run({ file: at('a/%Y/%m%d.json'), latest: at('a/latest') })
    for (const name of ['a', 'a/2026', 'a/2026/1123.json', 'a/latest'])
      assert.equal(ownerOf(at(name)), '54321:54322', name)
    assert.equal(ownerOf(folder), before)
    await run({ file: at('a/2026/next.json'), owner: { userId: -1, groupId: 7 } })
    assert.equal(ownerOf(at('a/2026/next.json')), '0:7')
    assert.equal(ownerOf(at('a/2026')), '54321:54322')
  })

  it('and so have what is written in place, FIFOs and schemas', async context => {
    const folder = scratch(context)
    const at = (name: string) => join(folder, name)
    await run({ file: at('now'), inPlace: true })
    await run({ file: at('more'), append: true })
    await run({ file: at('b.avro'), format: 'avro', schemaFile: at('b.avsc') })
    for (const name of ['now', 'more', 'b.avro', 'b.avsc']) assert.equal(ownerOf(at(name)), '54321:54322', name)
  })

  it('a file that is added to keeps its owner', async context => {
    const folder = scratch(context)
    writeFileSync(join(folder, 'a'), '')
    mkdirSync(join(folder, 'b'))
    await run({ file: join(folder, 'a'), append: true })
    await run({ file: join(folder, 'b', 'c') })
    assert.deepEqual([ownerOf(join(folder, 'a')), ownerOf(join(folder, 'b'))], ['0:0', '0:0'])
    assert.equal(ownerOf(join(folder, 'b', 'c')), '54321:54322')
  })

  it('as a command, by names', async context => {
    const file = join(scratch(context), 'a.json')
    const { status, stderr } = await netally(['dump', '--file', file, '--owner', 'daemon:54322'], '{"bytes":1}\n')
    assert.equal(status, 0, stderr)
    assert.equal(ownerOf(file), `${ownerOption('owner', 'daemon')?.userId}:54322`)
  })
})

describe('whom the flag names', () => {
  it('names and numbers, one or both', () => {
    assert.equal(idOf('root:x:0:0::/:\nflows:x:998:997::/:\n', 'flows'), 998)
    assert.equal(idOf('root:x:0:0::/:\nbad:x::\n', 'bad'), undefined)
    const ours = process.getuid?.() ?? 0
    assert.deepEqual(ownerOption('owner', `${ours}`), { userId: ours, groupId: -1 })
    assert.deepEqual(ownerOption('owner', `${ours}:12`), { userId: ours, groupId: 12 })
    assert.deepEqual(ownerOption('owner', ':12'), { userId: -1, groupId: 12 })
  })

  it('who is not there is told before anything is written', async context => {
    assert.equal(
      codeOf(() => ownerOption('owner', 'no-such-user')),
      'usage/no-such-user',
    )
    assert.equal(
      codeOf(() => ownerOption('owner', ':no-such-group')),
      'usage/no-such-group',
    )
    assert.equal(
      codeOf(() => ownerOption('owner', '4294967295')),
      'usage/no-such-user',
    )
    const file = join(scratch(context), 'a')
    const { status } = await netally(['dump', '--file', file, '--owner', 'no-such-user'], '{"bytes":1}\n')
    assert.deepEqual([status, existsSync(file)], [2, false])
  })

  it('who is not root may not give files away', { skip }, async context => {
    const folder = scratch(context)
    chownSync(folder, 54_321, 54_321)
    process.seteuid?.(54_321)
    try {
      assert.equal(
        codeOf(() => ownerOption('owner', '1')),
        'usage/not-root',
      )
      assert.deepEqual(ownerOption('owner', '54321'), { userId: 54_321, groupId: -1 })
      await assert.rejects(run({ file: join(folder, 'a') }), error => {
        assert.ok(error instanceof ProblemError)
        assert.equal(error.problem.code, 'dump/owner')
        return true
      })
    } finally {
      process.seteuid?.(0)
    }
  })
})
