import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { scratch } from '../support/cli.ts'
import { Collector, LOOPBACK, octetsOf, send, v9, v9Data } from './flow-collector.ts'

test('templates are known after a restart', async context => {
  const folder = scratch(context)
  const templateStore = join(folder, 'templates.json')
  const first = new Collector(context, { udp: { listen: LOOPBACK }, flow: { templateStore } })
  await send(await first.port('udp'), '127.0.0.1', v9(1))
  await first.until(() => first.records.length === 1)
  await first.stop()
  assert.deepEqual(first.host.problems, []) // no file is no problem
  assert.deepEqual(readdirSync(folder), ['templates.json'])

  const second = new Collector(context, { udp: { listen: LOOPBACK }, flow: { templateStore } })
  await send(await second.port('udp'), '127.0.0.1', v9Data(2, 5))
  await second.until(() => second.records.length === 2)
  assert.deepEqual(octetsOf(second.records), [1005, 1006])
  assert.equal(second.count('templates-restored'), 1)
})

for (const [what, content] of [
  ['cut', '{"version":1,"templates":[{"expo'],
  ['something else', '[1,2,3]'],
  ['of another version', '{"version":99,"templates":[]}'],
] as const) {
  test(`a store that is ${what} is told, and written anew`, async context => {
    const templateStore = join(scratch(context), 'templates.json')
    writeFileSync(templateStore, content)
    const collector = new Collector(context, { udp: { listen: LOOPBACK }, flow: { templateStore } })
    await send(await collector.port('udp'), '127.0.0.1', v9(1))
    await collector.until(() => collector.records.length === 1)
    assert.deepEqual(collector.host.codes, ['templates/unreadable'])
    await collector.stop()
    const stored = JSON.parse(readFileSync(templateStore, 'utf8')) as { templates: unknown[] }
    assert.equal(stored.templates.length, 1)
  })
}

test('a store that cannot be written is told, and nothing is left of it', async context => {
  const folder = scratch(context)
  const templateStore = join(folder, 'taken')
  mkdirSync(templateStore)
  const collector = new Collector(context, { udp: { listen: LOOPBACK }, flow: { templateStore } })
  await send(await collector.port('udp'), '127.0.0.1', v9(1))
  await collector.until(() => collector.records.length === 1)
  await collector.stop()
  assert.deepEqual(collector.host.codes, ['templates/unreadable', 'templates/unwritable'])
  assert.deepEqual(readdirSync(folder), ['taken'])
})

test('while it runs the store is written soon after templates change', async context => {
  const templateStore = join(scratch(context), 'templates.json')
  const collector = new Collector(context, { udp: { listen: LOOPBACK }, flow: { templateStore } })
  await send(await collector.port('udp'), '127.0.0.1', v9(1))
  await collector.until(() => {
    try {
      return readFileSync(templateStore, 'utf8').includes('127.0.0.1')
    } catch {
      return false
    }
  })
})
