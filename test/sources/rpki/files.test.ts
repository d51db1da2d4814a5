// Files of validators: read again when they change, on SIGHUP, and when an entry is over.
import assert from 'node:assert/strict'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ProblemError } from '../../../src/contract/problem.ts'
import { openRpki } from '../../../src/sources/rpki/rpki.ts'
import { scratch } from '../../support/cli.ts'
import { TestHost } from '../../support/test-host.ts'
import { Receiver, until } from './scripted-cache.ts'

const A = { asn: 1, prefix: '192.0.2.0/24', maxLength: 24 }
const B = { asn: 2, prefix: '2001:db8::/32', maxLength: 48 }

function put(path: string, text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

const file = (roas: readonly object[], generated = 1_764_064_800) => JSON.stringify({ metadata: { generated }, roas })

describe('rpki-recv and files', { concurrency: 4 }, () => {
  it('what changed of a new file; a broken one is told and changes nothing', async context => {
    const path = join(scratch(context), 'rpki.json')
    put(path, file([A]))
    const receiver = new Receiver(context, [], { files: [path] })
    assert.deepEqual(await receiver.ends(1), ['log_init', 'update 192.0.2.0/24-24 1', 'end 1'])
    put(path, '{')
    await until(() => receiver.host.problems.length > 0)
    assert.deepEqual(receiver.host.codes, ['rpki/bad-json'])
    put(path, file([B], 1_764_064_860))
    const all = await receiver.ends(2)
    assert.deepEqual(all.slice(3), ['update 2001:db8::/32-48 2', 'withdraw 192.0.2.0/24-24 1', 'end 1'])
    await receiver.stop()
    assert.equal(receiver.lines.at(-1), 'log_close')
    assert.deepEqual([...new Set(receiver.records.map(({ timestamp }) => timestamp))], [1_764_064_800, 1_764_064_860])
  })

  it('several files are one set', async context => {
    const folder = scratch(context)
    const paths = ['a', 'b'].map(name => join(folder, name))
    put(paths[0] as string, file([A]))
    put(paths[1] as string, file([A, B]))
    const receiver = new Receiver(context, [], { files: paths, once: true })
    assert.ok((await receiver.ends(1)).includes('end 2'))
    await receiver.stop()
  })

  it('SIGHUP reads it again; the clock does not go back', async context => {
    const path = join(scratch(context), 'rpki.json')
    put(path, file([A]))
    const receiver = new Receiver(context, [], { files: [path] })
    await receiver.ends(1)
    receiver.host.reloads++
    assert.equal((await receiver.ends(2)).at(-1), 'end 1')
    put(path, file([], 1_764_000_000))
    assert.equal((await receiver.ends(3)).at(-1), 'end 0')
    await receiver.stop()
    const times = receiver.records.map(({ timestamp }) => Number(timestamp))
    assert.deepEqual(times, times.toSorted())
  })

  it('an entry whose time is over goes by itself', async context => {
    const path = join(scratch(context), 'rpki.json')
    const now = Math.floor(Date.now() / 1000)
    put(path, file([{ ...A, expires: now + 2 }, B, { ...A, asn: 3, expires: now - 1 }]))
    const receiver = new Receiver(context, [], { files: [path] })
    assert.equal((await receiver.ends(1)).at(-1), 'end 2')
    assert.deepEqual((await receiver.ends(2)).slice(-2), ['withdraw 192.0.2.0/24-24 1', 'end 1'])
    assert.equal(receiver.host.counters['rpki-expired'], 3)
    await receiver.stop()
  })

  it('one that is not there from the start is a problem', async context => {
    const options = { caches: [], tls: undefined, version: 2, timers: {}, once: true }
    const files = [join(scratch(context), 'none.json')]
    const stream = openRpki({ ...options, files }, new TestHost())
    await assert.rejects(async () => {
      for await (const _ of stream);
    }, ProblemError)
  })
})
