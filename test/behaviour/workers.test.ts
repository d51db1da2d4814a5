// flow-recv in several threads: what one thread gives, whoever sends from wherever.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { listening, taken } from '../services/programs.ts'
import { writeBigCapture } from '../support/big-capture.ts'
import { type Ended, ended, netally, records, scratch, shell } from '../support/cli.ts'
import { data, netflow9, type Template, template } from '../support/flow-writer.ts'
import { freeUdpPort } from '../support/free-port.ts'
import { startCounting, statsLines, statsOf } from '../support/stats.ts'

const skip = process.platform !== 'linux' && 'reads /proc'
const EXPORTERS = [1, 2, 3, 4, 5]
const MESSAGES = 20
const ROWS = 10

const address = (exporter: number): string => `127.0.0.${20 + exporter}`

/** The same id, but each exporter means something else by it: octets and packets are of other lengths and in other order. */
function templateOf(exporter: number): Template {
  const packets = [2, 1 + (exporter % 4)] as const
  const bytes = [1, 8] as const
  return template(256, exporter % 2 === 0 ? [packets, bytes, [8, 4]] : [[8, 4], bytes, packets])
}
const rowOf = (exporter: number, index: number) => {
  const [bytes, packets] = [exporter * 1_000_000 + index, 1 + (index % 200)]
  const ip = `10.0.${exporter}.${index % 50}`
  return exporter % 2 === 0 ? [packets, bytes, ip] : [ip, bytes, packets]
}
const flowOf = (exporter: number, index: number) => ({
  peer_ip_src: address(exporter),
  ip_src: `10.0.${exporter}.${index % 50}`,
  packets: 1 + (index % 200),
  bytes: exporter * 1_000_000 + index,
})

const message = (sequence: number, ...sets: Parameters<typeof netflow9>[1]) =>
  netflow9({ sourceId: 1, exportTime: 1_700_000_000, sysUptimeMs: 1000, sequence }, sets)
const templateMessage = (exporter: number) => message(0, templateOf(exporter))
const dataMessage = (exporter: number, number: number) => {
  const rows = Array.from({ length: ROWS }, (_, row) => rowOf(exporter, number * ROWS + row))
  return message(number + 1, data(templateOf(exporter), rows))
}

/** Sends from a port of its own, a few at once, and waits until they are read: a busy machine loses none. */
async function send(port: number, from: string, ...messages: readonly Buffer[]): Promise<void> {
  const socket = createSocket('udp4')
  socket.bind(0, from)
  await once(socket, 'listening')
  for (const octets of messages) {
    await new Promise<void>((resolve, reject) => {
      socket.send(octets, port, '127.0.0.1', error => (error ? reject(error) : resolve()))
    })
  }
  assert.equal(await taken(port), 0, 'the kernel dropped datagrams')
  socket.close()
}

/** Templates from one port, once; data from another, exporters by turns. */
async function sendAll(port: number, exporters: readonly number[] = EXPORTERS): Promise<void> {
  for (const exporter of exporters) await send(port, address(exporter), templateMessage(exporter))
  await sendData(port, exporters)
}
async function sendData(port: number, exporters: readonly number[]): Promise<void> {
  for (let number = 0; number < MESSAGES; number += 5) {
    for (const exporter of exporters) {
      const messages = [0, 1, 2, 3, 4].map(more => dataMessage(exporter, number + more))
      await send(port, address(exporter), ...messages)
    }
  }
}
const flowsOf = (exporters: readonly number[] = EXPORTERS) =>
  exporters.flatMap(exporter => Array.from({ length: MESSAGES * ROWS }, (_, index) => flowOf(exporter, index)))

const lines = (flows: readonly object[]): string[] =>
  flows.map(flow => JSON.stringify(Object.entries(flow).sort())).sort()

/** Starts a command that listens, lets `work` send, ends it with SIGTERM. */
async function run(
  context: TestContext,
  words: (listen: string) => readonly string[],
  work: (port: number, counting: Awaited<ReturnType<typeof startCounting>>) => Promise<void>,
): Promise<Ended> {
  const port = await freeUdpPort()
  const counting = await startCounting(context, words(`127.0.0.1:${port}`))
  context.after(() => counting.child.kill('SIGKILL'))
  const ending = ended(counting.child)
  await listening(port)
  await work(port, counting)
  counting.child.kill('SIGTERM')
  return ending
}

const FIELDS = ['--fields', 'peer_ip_src,ip_src,packets,bytes']
const receive =
  (workers: number, ...more: readonly string[]) =>
  (listen: string) => ['flow-recv', '--listen', listen, '--workers', String(workers), '--stats', ...FIELDS, ...more]

describe('workers', { skip }, () => {
  for (const workers of [1, 2, 4]) {
    it(`${workers}: templates from one port, data from another; each exporter is whole and in order`, async context => {
      const { stdout, stderr, status } = await run(context, receive(workers), port => sendAll(port))
      assert.equal(status, 0, stderr)
      const found = records(stdout)
      assert.deepEqual(lines(found), lines(flowsOf()))
      for (const exporter of EXPORTERS) {
        const own = found.filter(({ peer_ip_src }) => peer_ip_src === address(exporter))
        assert.deepEqual(lines(own), lines(flowsOf([exporter])))
        const bytes = own.map(record => Number(record.bytes))
        assert.deepEqual(
          bytes,
          bytes.toSorted((a, b) => a - b),
          'out of order',
        )
      }
      const [stats] = statsLines(stderr)
      const total = EXPORTERS.length * MESSAGES * ROWS
      assert.deepEqual([stats?.created, stats?.out, stats?.balance], [total, total, 0], stderr)
      assert.equal(stats?.counters.datagrams, EXPORTERS.length * (MESSAGES + 1))
      assert.equal(stats?.counters['templates-new'], EXPORTERS.length)
      assert.equal(stats?.counters['sets-held'], undefined)
    })
  }

  it('counters of an exporter are its own: records, gaps, what waited for a template', async context => {
    const { stderr } = await run(context, receive(3), async port => {
      await send(port, address(1), templateMessage(1), dataMessage(1, 0), dataMessage(1, 3))
      await send(port, address(2), dataMessage(2, 0), dataMessage(2, 1))
      await send(port, address(2), templateMessage(2))
    })
    const [stats] = statsLines(stderr)
    const readings = (stats?.readings ?? []) as { name: string; labels?: { exporter?: string }; value: number }[]
    const of = (name: string, exporter: number) =>
      readings.filter(reading => reading.name === name && reading.labels?.exporter === address(exporter))
    const values = (name: string) => [1, 2].map(exporter => of(name, exporter).map(({ value }) => value))
    assert.deepEqual(values('exporter_records'), [[2 * ROWS], [2 * ROWS]], stderr)
    assert.deepEqual(values('exporter_sequence_lost'), [[2], [0]])
    assert.deepEqual(values('exporter_sets_released'), [[0], [2]])
    assert.equal(readings.find(({ name }) => name === 'flow_exporters')?.value, 2)
    assert.deepEqual([stats?.out, stats?.balance, stats?.counters['sets-released']], [4 * ROWS, 0, 2])
  })

  it('a fused line sums in the workers; SIGTERM in the middle of a bin writes all', async context => {
    const line = (listen: string) =>
      `flow-recv --listen ${listen} --workers 2 | filter 'packets > 100' | aggregate --by peer_src_ip --bin 1h --time arrival --count`
    const { stdout, stderr } = await run(
      context,
      listen => ['run', '--stats', line(listen)],
      port => sendAll(port),
    )
    const passing = flowsOf().filter(({ packets }) => packets > 100)
    const sumOf = (exporter: number, name: 'bytes' | 'packets') =>
      passing.reduce((sum, flow) => sum + (flow.peer_ip_src === address(exporter) ? flow[name] : 0), 0)
    // Arrival may fall into two hours; then there are two rows.
    const found = records(stdout)
    for (const exporter of EXPORTERS) {
      const own = found.filter(({ peer_ip_src }) => peer_ip_src === address(exporter))
      const sum = (name: string) => own.reduce((total, record) => total + Number(record[name]), 0)
      const expected = [sumOf(exporter, 'bytes'), sumOf(exporter, 'packets'), passing.length / EXPORTERS.length]
      assert.deepEqual([sum('bytes'), sum('packets'), sum('records')], expected, stderr)
    }
    const all = statsLines(stderr)
    assert.deepEqual(
      all.map(({ command, in: given, balance }) => [command, given, balance]),
      [
        ['flow-recv', 0, 0],
        ['filter', flowsOf().length, 0],
        ['aggregate', passing.length, 0],
      ],
      stderr,
    )
  })

  it('a bin is written when it is due, while nothing comes', async context => {
    const line = (listen: string) =>
      `flow-recv --listen ${listen} --workers 2 | aggregate --by peer_src_ip --bin 1s --time arrival`
    await run(
      context,
      listen => ['run', line(listen)],
      async (port, { child }) => {
        let text = ''
        child.stdout?.on('data', chunk => {
          text += chunk
        })
        await send(port, address(1), templateMessage(1), dataMessage(1, 0))
        const written = new Promise<void>(resolve => {
          const look = () =>
            records(text).reduce((sum, { flows }) => sum + Number(flows), 0) === ROWS ? resolve() : undefined
          child.stdout?.on('data', look)
          look()
        })
        await written
      },
    )
  })

  it('SIGHUP and a changed file reach all workers; a new allow list holds in each', async context => {
    const list = join(scratch(context), 'allow')
    writeFileSync(list, `${address(1)}\n${address(2)}\n`)
    const { stdout, stderr } = await run(context, receive(3, '--allow', list), async (port, counting) => {
      await sendAll(port, [1, 2, 3])
      await statsOf(counting, ({ counters }) => counters.denied === MESSAGES + 1)
      // One that starts later reads the list as it is then, and reloads nothing.
      await statsOf(counting, ({ readings }) => readings.some(({ name, value }) => name === 'workers' && value === 3))
      counting.child.kill('SIGHUP')
      await statsOf(counting, ({ counters }) => counters['maps/reloaded'] === 3)
      writeFileSync(list, `${address(3)}\n${address(4)}\n`)
      await statsOf(counting, ({ counters }) => Number(counters['maps/reloaded']) >= 6)
      await sendAll(port, [1, 3, 4])
    })
    assert.deepEqual(lines(records(stdout)), lines(flowsOf([1, 2, 3, 4])), stderr)
  })

  it('templates are kept in one file, for another number of workers too', async context => {
    const store = join(scratch(context), 'templates.json')
    const first = await run(context, receive(3, '--template-store', store), port => sendAll(port))
    assert.deepEqual(lines(records(first.stdout)), lines(flowsOf()), first.stderr)
    const kept = JSON.parse(readFileSync(store, 'utf8')) as { templates: { exporter: string }[] }
    assert.deepEqual(kept.templates.map(({ exporter }) => exporter).sort(), EXPORTERS.map(address))
    const second = await run(context, receive(2, '--template-store', store), port => sendData(port, EXPORTERS))
    assert.deepEqual(lines(records(second.stdout)), lines(flowsOf()), second.stderr)
    const [stats] = statsLines(second.stderr)
    assert.equal(stats?.counters['templates-restored'], EXPORTERS.length)
    assert.equal(stats?.counters['sets-held'], undefined)
  })
})

describe('workers on captures', () => {
  it('a pipe gets all lines, more than workers may have under way', async context => {
    const path = join(scratch(context), 'big.pcap')
    const totals = writeBigCapture(path, 6000)
    const { stdout, stderr } = await shell(`netally flow-recv --pcap ${path} --workers 2 --stats | wc -l`)
    assert.equal(Number(stdout), totals.records, stderr)
    assert.equal(statsLines(stderr)[0]?.balance, 0)
  })

  it('a reader that leaves ends it quietly', async context => {
    const path = join(scratch(context), 'big.pcap')
    writeBigCapture(path, 6000)
    const { stdout, stderr, status } = await shell(`netally flow-recv --pcap ${path} --workers 2 --stats | head -n 1`)
    assert.equal(records(stdout).length, 1)
    assert.equal(status, 0, stderr)
    const [stats] = statsLines(stderr)
    assert.equal(stats?.balance, 0, stderr)
    assert.ok(Number(stats?.dropped['reader-left']) > 0)
  })

  it('a stage that leaves does, too', async context => {
    const path = join(scratch(context), 'big.pcap')
    writeBigCapture(path, 6000)
    const line = `flow-recv --pcap ${path} --workers 2 | filter 'bytes >= 0' | head -n 1`
    const { stdout, stderr, status } = await netally(['run', '--stats', line])
    assert.equal(records(stdout).length, 1, stderr)
    assert.equal(status, 0, stderr)
    for (const stats of statsLines(stderr).slice(0, 2)) assert.equal(stats.balance, 0, JSON.stringify(stats))
  })

  it('a capture that is not there is told, with status 1', async () => {
    const { stderr, status } = await netally(['flow-recv', '--pcap', '/nowhere.pcap', '--workers', '2'])
    assert.match(stderr, /capture\/unreadable/)
    assert.equal(status, 1)
  })

  it('--strict ends all at the first bad datagram', async context => {
    const path = join(scratch(context), 'bad.pcap')
    writeBigCapture(path, 50, [Buffer.from('0009000100000000', 'hex')])
    const { stderr, status } = await netally(['flow-recv', '--pcap', path, '--workers', '2', '--strict'])
    assert.equal(status, 1, stderr)
    assert.match(stderr, /\[(flow|netflow9)\//)
  })

  it('sessions are refused', async () => {
    const { stderr, status } = await netally(['flow-recv', '--listen-tcp', '4739', '--workers', '2'])
    assert.match(stderr, /usage\/workers-and-sessions/)
    assert.equal(status, 2)
  })
})
