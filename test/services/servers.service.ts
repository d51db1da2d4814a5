// Each real server once: it starts, takes something, gives it back to its own query, also after a restart and after
// SIGKILL, and leaves nothing behind.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { until } from '../support/stats.ts'
import { groupLives } from './servers/process-group.ts'
import { isSkipped, type Server } from './servers/server.ts'
import { ROWS, type Row } from './servers/smoke.ts'

const POLLS = 100
const POLL_MS = 200

/** Some servers show what they took a moment later. */
async function comes(read: () => Promise<string>, holds: RegExp): Promise<void> {
  let last = ''
  for (let poll = 0; poll < POLLS; poll++) {
    last = await read().catch(String)
    if (holds.test(last)) return
    await new Promise(resolve => setTimeout(resolve, POLL_MS))
  }
  assert.match(last, holds)
}

async function prove(server: Server, { write, read, holds, isHeavy }: Row): Promise<void> {
  assert.match(server.version, /\d/)
  await assert.rejects(async () => assert.match(await read(server), holds), 'it is there before it was written')
  await write(server)
  await comes(() => read(server), holds)
  // What takes long to start does so once less: the restart after SIGKILL is the harder one.
  if (!isHeavy) {
    await server.restart()
    await comes(() => read(server), holds)
  }
  await server.kill()
  assert.equal(groupLives(server.pid), false)
  await server.restart()
  await comes(() => read(server), holds)
  const { pid } = server
  await server.stop()
  assert.equal(groupLives(pid), false)
}

/** Starts something that never ends by itself, as a server, and says where; nothing here ever ends it. */
const UNTENDED = `
import { launch, serverFolder } from '${join(import.meta.dirname, 'servers', 'launch.ts')}'
const folder = serverFolder({ after() {} }, 'untended')
const { pid } = await launch({ folder, words: ['sh', '-c', 'sleep 600 & sleep 600'], asks: async () => {} })
console.log(JSON.stringify({ pid, folder: folder.path }))
setInterval(() => {}, 1000)
`

describe('a test run that is killed', () => {
  it('leaves no server behind', async context => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', UNTENDED])
    context.after(() => child.kill('SIGKILL'))
    const [line] = await once(child.stdout, 'data')
    const { pid, folder } = JSON.parse(String(line)) as { pid: number; folder: string }
    assert.equal(groupLives(pid), true)
    child.kill('SIGKILL')
    await until(() => !groupLives(pid) && !existsSync(folder))
  })
})

describe('real servers', () => {
  for (const row of ROWS) {
    it(row.name, async context => {
      const endings: (() => void | Promise<void>)[] = []
      let folder = ''
      try {
        const started = await row.start({ after: end => endings.push(end) })
        if (isSkipped(started)) return context.skip(started.skipped)
        folder = started.folder
        await prove(started, row)
      } finally {
        for (const end of endings) await end()
      }
      assert.equal(existsSync(folder), false)
    })
  }
})
