// Workers as a group: one that dies ends all, and is told.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ALL_FIELDS } from '../../src/contract/component.ts'
import { ProblemError } from '../../src/contract/problem.ts'
import { FollowedFiles } from '../../src/runtime/follow-files.ts'
import { StageHost } from '../../src/runtime/host.ts'
import { WorkerGroup } from '../../src/runtime/workers/group.ts'
import { mergedReadings } from '../../src/runtime/workers/merged-readings.ts'

const PROGRAM = new URL('../support/dying-worker.ts', import.meta.url)

function group(command: string) {
  const host = new StageHost(command, {
    signal: new AbortController().signal,
    log: { report() {}, close() {} },
    reloads: 0,
    files: new FollowedFiles(),
    sides: new Map(),
    strict: false,
  })
  let ended = false
  const made = new WorkerGroup({
    root: '',
    count: 2,
    ringOctets: 1024,
    form: 'lines',
    stages: [{ origin: { command, parsed: {} }, host }],
    wanted: ALL_FIELDS,
    outIsCounted: false,
    strict: false,
    maxKeys: 0,
    templates: undefined,
    program: PROGRAM,
    steer: (_outlets, signal) =>
      new Promise(resolve => {
        signal.addEventListener('abort', () => {
          ended = true
          resolve()
        })
      }),
  })
  return { made, host, hasEnded: () => ended }
}

async function fails(command: string) {
  const { made, host, hasEnded } = group(command)
  const items: string[] = []
  let failure: unknown
  try {
    for await (const item of made.items()) items.push(item.kind)
  } catch (error) {
    failure = error
  }
  assert.ok(hasEnded(), 'the input goes on')
  assert.ok(failure instanceof ProblemError)
  return { problem: failure.problem, items, created: host.counters.get('created') }
}

describe('workers', () => {
  it('one that throws ends all', async () => {
    const { problem, items, created } = await fails('throws')
    assert.equal(problem.code, 'workers/died')
    assert.match(problem.message, /^worker [12] died: no more memory$/)
    assert.ok(items.length > 0 && Number(created) > 0)
  })
  it('one that ends by itself ends all', async () => {
    const { problem } = await fails('exits')
    assert.equal(problem.code, 'workers/died')
    assert.match(problem.message, /it ended by itself$/)
  })
  it('what one fails with is what all fail with', async () => {
    const { problem } = await fails('fails')
    assert.deepEqual([problem.code, problem.message], ['flow/odd', 'this is odd'])
  })
  it('readings of the same name and labels are added up', () => {
    const of = (exporter: string, value: number) => ({ name: 'messages', labels: { exporter }, value })
    const [one, other] = [
      [of('a', 1), { name: 'exporters', value: 2 }],
      [of('b', 4), { name: 'exporters', value: 3 }],
    ]
    assert.deepEqual(mergedReadings([one, other]), [of('a', 1), { name: 'exporters', value: 5 }, of('b', 4)])
  })
})
