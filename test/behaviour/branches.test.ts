// Lines of `run` that read one stream: one that fails is told at once, and the others go on without it.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { listening, send } from '../services/programs.ts'
import { flowDatagram, totalsOf, writeBigCapture } from '../support/big-capture.ts'
import { type Ended, ended, netally, records, scratch, start } from '../support/cli.ts'
import { freeUdpPort } from '../support/free-port.ts'
import { startCounting, until } from '../support/stats.ts'

const FLOWS = '{"ip_src":"10.0.0.1","bytes":1}\n{"ip_src":"10.0.0.2","bytes":2}\n'
const SHARED = "f = filter 'bytes > 0'"

/** A folder in which `file/x` can be nothing: `file` is no folder. */
function folderOf(context: TestContext): string {
  const folder = scratch(context)
  writeFileSync(join(folder, 'file'), '')
  return folder
}

const run = (cwd: string, lines: readonly string[], input = FLOWS): Promise<Ended> =>
  netally(['run', lines.join('\n')], input, { cwd })

/** How many problems a command told, beside the sentence of what it lost. */
const toldBy = (command: string, stderr: string): number =>
  stderr.split('\n').filter(line => line.startsWith(`netally ${command}: `) && line.endsWith(']')).length

describe('a branch that fails before it reads', { concurrency: 2 }, () => {
  const FAILING: { readonly [title: string]: { readonly command: string; readonly lines: readonly string[] } } = {
    'a sink': { command: 'dump', lines: ['f | dump --file file/x'] },
    'a sink of another kind': { command: 'sink-sqlite', lines: ['f | sink-sqlite file/x.db'] },
    'a sink behind a stage that was never asked': {
      command: 'dump',
      lines: ["f | filter 'bytes > 0' | dump --file file/x"],
    },
    'a sink of a stream that was named again': {
      command: 'dump',
      lines: ["g = f | filter 'bytes > 0'", 'g | dump --file file/x'],
    },
    'a sink behind a side input that has the stream': {
      command: 'dump',
      lines: ['flow-recv --pcap flows.pcap | enrich --bgp <(f) | dump --file file/x'],
    },
    'a stage in the middle': {
      command: 'enrich',
      lines: ['f | enrich --strict --bgp file | dump --file never'],
    },
  }
  for (const [title, { command, lines }] of Object.entries(FAILING)) {
    it(`${title}: it is told, and the other has everything`, async context => {
      const folder = folderOf(context)
      writeBigCapture(join(folder, 'flows.pcap'), 1)
      if (command === 'enrich') writeFileSync(join(folder, 'file'), 'no record\n')
      const { stdout, stderr, status } = await run(folder, [SHARED, ...lines, 'f | dump --format json'])
      assert.equal(status, 1, stderr)
      assert.equal(stdout, FLOWS)
      assert.equal(toldBy(command, stderr), 1, stderr)
      assert.doesNotMatch(stderr, /netally run|bug|Warning/)
    })
  }

  it('two of them are two problems', async context => {
    const failing = ['f | dump --file file/x', 'f | dump --file file/y']
    const { stdout, stderr, status } = await run(folderOf(context), [SHARED, ...failing, 'f | dump --format json'])
    assert.equal(status, 1)
    assert.equal(stdout, FLOWS)
    assert.match(stderr, /^netally dump: .*file\/x[\s\S]*^netally dump: .*file\/y/m)
  })

  it('the only one ends the run, and its source', async context => {
    const port = await freeUdpPort()
    const words = ['run', `f = flow-recv --listen 127.0.0.1:${port}; f | dump --file file/x`]
    const { stderr, status } = await ended(start(words, { cwd: folderOf(context) }))
    assert.equal(status, 1, stderr)
    assert.equal(toldBy('dump', stderr), 1, stderr)
  })

  it('with --strict it ends all of them, and a live source', async context => {
    const port = await freeUdpPort()
    const line = `f = flow-recv --listen 127.0.0.1:${port}; f | dump --file file/x; f | dump --format json`
    const { stderr, status } = await ended(start(['run', '--strict', line], { cwd: folderOf(context) }))
    assert.equal(status, 1, stderr)
    assert.equal(toldBy('dump', stderr), 1, stderr)
  })

  it('a live source goes on; SIGINT ends it in order', {
    skip: process.platform !== 'linux' && 'reads /proc',
  }, async context => {
    const port = await freeUdpPort()
    const line = `f = flow-recv --listen 127.0.0.1:${port}; f | dump --file file/x; f | dump --format json`
    const counting = await startCounting(context, ['run', line], { cwd: folderOf(context) })
    context.after(() => counting.child.kill('SIGKILL'))
    const ending = ended(counting.child)
    let text = ''
    counting.child.stdout?.on('data', chunk => {
      text += chunk
    })
    await listening(port)
    await send([{ exporter: 1, octets: flowDatagram(0) }], port)
    await until(() => records(text.slice(0, text.lastIndexOf('\n') + 1)).length === totalsOf(1).records)
    await until(() => toldBy('dump', counting.said()) === 1)
    counting.child.kill('SIGINT')
    const { stdout, stderr, status } = await ending
    assert.equal(status, 1, stderr)
    assert.equal(records(stdout).length, totalsOf(1).records)
  })
})

describe('a branch that fails later', { concurrency: 2 }, () => {
  const LATER: { readonly [title: string]: { readonly line: string; readonly told: RegExp } } = {
    'a program': {
      line: `f | sh -c 'read one; exit 3' | dump --file mine`,
      told: /^netally run: sh ended with status 3 /m,
    },
    'a sink': { line: 'f | dump --file $src_host/x', told: /^netally dump: .* \[dump\/write-failed\]/m },
  }
  for (const [title, { line, told }] of Object.entries(LATER)) {
    it(`${title}: it is told while the others go on`, async context => {
      const folder = folderOf(context)
      writeFileSync(join(folder, '10.0.0.1'), '')
      const child = start(['run', [SHARED, line, 'f | dump --format json'].join('\n')], { cwd: folder })
      context.after(() => child.kill('SIGKILL'))
      const ending = ended(child)
      let [out, said] = ['', '']
      child.stdout?.on('data', chunk => {
        out += chunk
      })
      child.stderr?.on('data', chunk => {
        said += chunk
      })
      // The input stays open: nothing but the failure itself can be what is told.
      child.stdin?.write(FLOWS)
      await until(() => told.test(said))
      await until(() => out === FLOWS)
      child.stdin?.write(FLOWS)
      await until(() => out === FLOWS + FLOWS)
      assert.equal(child.exitCode, null)
      child.stdin?.end(FLOWS)
      const { stdout, stderr, status } = await ending
      assert.equal(status, 1, stderr)
      assert.equal(stdout, FLOWS.repeat(3))
      assert.equal(stderr.match(new RegExp(told.source, 'gm'))?.length, 1, stderr)
    })
  }

  it('what all read fails: it is told once, by the stage that failed, and all have what came before', async context => {
    const lines = [
      "f = filter --strict 'bytes > 0'",
      'f | dump --format json',
      'f | aggregate --by ip_src | dump --file sums',
    ]
    const { stdout, stderr, status } = await run(scratch(context), lines, `${FLOWS}no record\n${FLOWS}`)
    assert.equal(status, 1, stderr)
    assert.equal(stdout, FLOWS)
    assert.equal(toldBy('filter', stderr), 1, stderr)
    assert.doesNotMatch(stderr, /netally (run|dump|aggregate)/)
  })

  it('a reader that leaves does not hide it', async context => {
    const folder = folderOf(context)
    const child = start(['run', [SHARED, "f | filter 'bytes > 0'", `f | sh -c 'cat > /dev/null; exit 3'`].join('\n')], {
      cwd: folder,
    })
    child.stdout?.destroy()
    child.stdin?.end(FLOWS)
    const { stderr, status } = await ended(child)
    assert.equal(status, 1, stderr)
    assert.match(stderr, /^netally run: sh ended with status 3 /m)
  })
})
