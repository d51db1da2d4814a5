// Counters: they add up, are kept, and are served.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { writeBigCapture } from '../support/big-capture.ts'
import { ended, netally, records, scratch, shell, start } from '../support/cli.ts'
import { freeTcpPort } from '../support/free-port.ts'
import { type Stats, statsLines } from '../support/stats.ts'

const DATAGRAMS = 100

async function fetchSoon(url: string): Promise<string> {
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      return await (await fetch(url)).text()
    } catch {
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
  throw new Error(`nothing answers at ${url}`)
}

describe('counters', { concurrency: 2 }, () => {
  it('what one stage wrote the next has read, and each balances', async context => {
    const path = join(scratch(context), 'flows.pcap')
    const totals = writeBigCapture(path, DATAGRAMS)
    const line = [
      `netally flow-recv --pcap ${path} --stats`,
      "netally filter 'bytes > 500' --stats",
      'netally aggregate --by ip_dst --bin 1m --stats',
    ].join(' | ')
    const { stdout, stderr, status } = await shell(line)
    assert.equal(status, 0, stderr)
    const all = Object.fromEntries(statsLines(stderr).map(stats => [stats.command, stats])) as {
      [command: string]: Stats
    }
    for (const stats of Object.values(all)) assert.equal(stats.balance, 0, JSON.stringify(stats))
    const { 'flow-recv': source, filter, aggregate } = all
    assert.equal(source?.created, totals.records)
    assert.equal(filter?.in, source?.out)
    assert.equal(filter?.in, (filter?.out ?? 0) + (filter?.dropped.filtered ?? 0))
    assert.equal(aggregate?.in, filter?.out)
    assert.equal(aggregate?.out, records(stdout).length)
    assert.equal(aggregate?.held, 0)
  })

  it('a fused line has the counters of the pipe', async context => {
    const path = join(scratch(context), 'flows.pcap')
    writeBigCapture(path, DATAGRAMS)
    const stages = [`flow-recv --pcap ${path}`, "filter 'bytes > 500'", 'aggregate --by ip_dst --bin 1m']
    const piped = await shell(stages.map(stage => `netally ${stage} --stats`).join(' | '))
    const fused = await netally(['run', '--stats', stages.join(' | ')])
    assert.equal(fused.stdout, piped.stdout)
    const bare = (text: string) =>
      statsLines(text)
        .map(({ command, in: read, created, out, merged, held, dropped, balance }) => ({
          command,
          read,
          created,
          out,
          merged,
          held,
          dropped,
          balance,
        }))
        .sort((a, b) => a.command.localeCompare(b.command))
    assert.deepEqual(bare(fused.stderr), bare(piped.stderr))
  })

  it('--ledger keeps the start and the final counters', async context => {
    const ledger = join(scratch(context), 'made', 'here')
    await netally(['aggregate', '--by', 'ip_src', '--ledger', ledger], '{"ip_src":"10.0.0.1","bytes":1}\nbad\n')
    const files = readdirSync(ledger)
    assert.equal(files.length, 1)
    assert.match(files[0] ?? '', /^\d+-aggregate-\d+\.ndjson$/)
    const [first, last, ...more] = records(readFileSync(join(ledger, files[0] as string), 'utf8'))
    assert.equal(first?.event_type, 'start')
    assert.deepEqual(first?.argv, ['aggregate', '--by', 'ip_src', '--ledger', ledger])
    const { event_type, command, in: read, out, dropped, balance, final } = last ?? {}
    assert.deepEqual(
      { event_type, command, read, out, dropped, balance, final },
      {
        event_type: 'stats',
        command: 'aggregate',
        read: 2,
        out: 1,
        dropped: { 'bad-line': 1 },
        balance: 0,
        final: true,
      },
    )
    assert.deepEqual(more, [])
  })

  it('--ledger in a place that cannot be written', async () => {
    const { stderr, status } = await netally(['aggregate', '--ledger', '/dev/null/ledger'])
    assert.equal(status, 1, stderr)
    assert.match(stderr, /^netally aggregate: .*ledger.*\n {2}try: /)
  })

  it('--metrics serves the counters while the command runs', async () => {
    const port = await freeTcpPort()
    const child = start(['aggregate', '--by', 'ip_src', '--metrics', String(port)])
    child.stdin?.write('{"ip_src":"10.0.0.1","bytes":1}\n')
    const text = await fetchSoon(`http://127.0.0.1:${port}/metrics`)
    assert.match(text, /^# TYPE netally_\w+ (counter|gauge)$/m)
    assert.match(text, /^netally_memory_resident_octets\{\} \d+$/m)
    for (const line of text.split('\n').filter(Boolean)) {
      assert.match(line, /^(# TYPE \w+ (counter|gauge)|\w+\{[^}]*\} [-0-9.e+]+)$/)
    }
    assert.equal(await fetchSoon(`http://127.0.0.1:${port}/healthz`), 'ok\n')
    child.stdin?.end()
    const { status } = await ended(child)
    assert.equal(status, 0, 'the server must not keep the command alive')
  })

  it('--metrics on an address that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const { stderr, status } = await netally(['aggregate', '--metrics', String(port)])
    server.close()
    assert.equal(status, 1, stderr)
    assert.match(stderr, /^netally aggregate: cannot serve metrics .*\n {2}try: /)
  })

  it('a loss is told in one sentence, what was meant to be left out is not', async () => {
    const lossy = await netally(['aggregate'], 'bad\n{"bytes":1}\n')
    assert.match(lossy.stderr, /^netally aggregate: 1 dropped \(bad-line\)/m)
    const meant = await netally(['filter', 'bytes > 5'], '{"bytes":1}\n')
    assert.equal(meant.stderr, '')
  })
})
