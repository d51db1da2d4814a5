// A map that changes while flows pass.
import assert from 'node:assert/strict'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ended, records, scratch } from '../support/cli.ts'
import { startCounting, statsOf } from '../support/stats.ts'

const put = (path: string, text: string): void => {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

describe('maps', { concurrency: 2 }, () => {
  for (const words of [['tag', '--pre-tag-map'], ['run']]) {
    it(`a file that changed is used from then on, a bad one is not: ${words[0]}`, async context => {
      const path = join(scratch(context), 'pretag.map')
      put(path, 'set_tag=1\n')
      const counting = await startCounting(
        context,
        words[0] === 'run' ? ['run', `tag --pre-tag-map ${path}`] : [...words, path],
      )
      const { child } = counting
      let sent = 0
      const send = () => child.stdin?.write(`{"seq":${++sent}}\n`)
      const seen = (name: string) =>
        statsOf(counting, ({ counters }) => {
          send()
          return (counters[name] ?? 0) > 0
        })
      send()
      await statsOf(counting, stats => stats.in === 1)
      put(path, 'set_tag=2\n')
      await seen('maps/reloaded')
      send()
      put(path, 'set_tag=three\n')
      await seen('maps/refused')
      child.stdin?.end(`{"seq":${++sent}}\n`)
      const { stdout, stderr, status } = await ended(child)
      assert.equal(status, 0, stderr)
      const tags = records(stdout).map(({ tag }) => tag)
      assert.equal(tags.length, sent)
      assert.equal(tags[0], 1)
      assert.equal(tags.at(-1), 2)
      assert.deepEqual([...tags].sort(), tags)
      assert.match(counting.said(), /pretag\.map line 1 column 1: set_tag=three: .*stays in force/)
    })
  }

  it('maps of enrich too', async context => {
    const path = join(scratch(context), 'networks.lst')
    put(path, '64501,10.0.0.0/8\n')
    const counting = await startCounting(context, ['enrich', '--networks', path])
    const { child } = counting
    const flow = '{"ip_src":"10.1.1.1"}\n'
    const seen = (name: string) =>
      statsOf(counting, ({ counters }) => {
        child.stdin?.write(flow)
        return (counters[name] ?? 0) > 0
      })
    child.stdin?.write(flow)
    await statsOf(counting, stats => stats.in === 1)
    put(path, '64502,10.0.0.0/8\n')
    await seen('maps/reloaded')
    put(path, '64503,10.0.0.0/80\n')
    await seen('maps/refused')
    child.stdin?.end(flow)
    const { stdout, stderr, status } = await ended(child)
    assert.equal(status, 0, stderr)
    const ases = records(stdout).map(({ as_src }) => as_src)
    assert.deepEqual([ases[0], ases.at(-1)], [64501, 64502])
    assert.match(counting.said(), /networks\.lst line 1 .*stays in force/)
  })

  it('SIGHUP does the same', async context => {
    const path = join(scratch(context), 'pretag.map')
    put(path, 'set_label=a\n')
    const counting = await startCounting(context, ['tag', '--pre-tag-map', path])
    const { child } = counting
    child.stdin?.write('{"seq":1}\n')
    await statsOf(counting, stats => stats.in === 1)
    put(path, 'set_label=b\n')
    child.kill('SIGHUP')
    let sent = 1
    await statsOf(counting, ({ counters }) => {
      child.stdin?.write(`{"seq":${++sent}}\n`)
      return (counters['maps/reloaded'] ?? 0) > 0
    })
    child.stdin?.end('{"seq":0}\n')
    const { stdout } = await ended(child)
    assert.deepEqual([records(stdout)[0]?.label, records(stdout).at(-1)?.label], ['a', 'b'])
  })
})
