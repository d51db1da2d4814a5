// Exporters, a tee and two collectors on hosts of their own. One collector is killed and replaced while the exporters go on: the other
// one loses nothing, what this one loses is what was in flight, and each datagram of it is counted by somebody.
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { REPOSITORY, RUN, records } from '../support/cli.ts'
import { type Stats, statsLines, until } from '../support/stats.ts'
import { NetworkHost, withoutNamespaces } from './namespaces.ts'
import { startProgram } from './programs.ts'

const PORT = '2055'
const EXPORTERS = ['10.7.1.2', '10.7.1.3']
const TEE = { exporters: '10.7.1.1', first: '10.7.2.1', second: '10.7.3.1' }
const COLLECTORS = { first: '10.7.2.2', second: '10.7.3.2' }
/** Datagrams of an exporter that are templates. */
const TEMPLATES = 1

interface Running {
  readonly child: ChildProcess
  readonly out: () => string
  readonly said: () => string
}

function heard(child: ChildProcess): Running {
  let [out, said] = ['', '']
  child.stdout?.on('data', chunk => {
    out += chunk
  })
  child.stderr?.on('data', chunk => {
    said += chunk
  })
  return { child, out: () => out, said: () => said }
}

/** `netally WORDS` on a host; it has read its flags and opened its sockets when something shows that it works. */
const netallyOn = (context: TestContext, host: NetworkHost, ...words: readonly string[]): Running =>
  heard(startProgram(context, host.words(process.execPath, RUN, ...words)))

async function end({ child, said }: Running) {
  child.kill('SIGTERM')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
  const stats = statsLines(said()).at(-1)
  assert.ok(stats, said())
  return stats
}

/** Flows in whole lines: their exporter, and their numbers in order. */
function flowsOf({ out }: Running): Map<number, number[]> {
  const flows = new Map<number, number[]>(EXPORTERS.map(address => [sourceId(address), []]))
  for (const { export_proto_sysid: source, bytes } of records(out().replace(/[^\n]*$/, ''))) {
    flows.get(Number(source))?.push(Number(bytes))
  }
  return flows
}

const sourceId = (address: string): number => Number(address.split('.').at(-1))
const countOf = (flows: ReadonlyMap<number, readonly number[]>): number =>
  [...flows.values()].reduce((sum, { length }) => sum + length, 0)
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)
const isRun = (numbers: readonly number[]): boolean =>
  numbers.every((number, index) => number === (numbers[0] as number) + index)

function reading(stats: Stats, name: string, receiver: string): number {
  const found = stats.readings.find(
    one => one.name === name && (one as { labels?: { receiver?: string } }).labels?.receiver === receiver,
  )
  return found?.value ?? Number.NaN
}

const isListening = (host: NetworkHost): boolean =>
  new RegExp(`:${Number(PORT).toString(16).toUpperCase().padStart(4, '0')} `).test(host.run('cat', '/proc/net/udp'))

const skip = withoutNamespaces()

describe('tee between hosts', { skip }, () => {
  it('a collector is killed and replaced: what is lost was in flight, and is counted', async context => {
    const [exporters, middle] = [new NetworkHost(context), new NetworkHost(context)]
    const [first, second] = [new NetworkHost(context), new NetworkHost(context)]
    middle.connect(`${TEE.exporters}/24`, exporters, `${EXPORTERS[0]}/24`)
    middle.connect(`${TEE.first}/24`, first, `${COLLECTORS.first}/24`)
    middle.connect(`${TEE.second}/24`, second, `${COLLECTORS.second}/24`)
    exporters.addAddress(`${EXPORTERS[1]}/32`)
    middle.run('ip', 'route', 'add', `${EXPORTERS[1]}/32`, 'via', `${EXPORTERS[0]}`)
    for (const host of [first, second]) host.run('sysctl', '-qw', 'net.ipv4.icmp_ratemask=0')

    const fields = 'export_proto_sysid,bytes'
    const collect = (host: NetworkHost, address: string) =>
      netallyOn(context, host, 'flow-recv', '--listen', `${address}:${PORT}`, '--fields', fields, '--stats')
    const [killed, other] = [collect(first, COLLECTORS.first), collect(second, COLLECTORS.second)]
    await until(() => isListening(first) && isListening(second))
    const to = Object.values(COLLECTORS).flatMap(address => ['--to', `${address}:${PORT}`])
    const tee = netallyOn(context, middle, 'tee', '--listen', `${TEE.exporters}:${PORT}`, '--stats', ...to)
    await until(() => isListening(middle))
    const program = join(REPOSITORY, 'test', 'services', 'numbered-exporter.ts')
    const sources = EXPORTERS.map(address =>
      heard(startProgram(context, exporters.words(process.execPath, program, address, TEE.exporters, PORT))),
    )
    await until(() => countOf(flowsOf(killed)) > 100 && countOf(flowsOf(other)) > 100)

    killed.child.kill('SIGKILL')
    await once(killed.child, 'close')
    const atKill = first.udp()
    await until(() => (first.udp().NoPorts ?? 0) >= 50)
    const replaced = collect(first, COLLECTORS.first)
    // It has no template until the tee sends what it has kept.
    await until(() => countOf(flowsOf(replaced)) > 100)
    for (const { child } of sources) child.kill('SIGTERM')
    await Promise.all(sources.map(({ child }) => child.exitCode === null && once(child, 'close')))
    const sent = new Map(sources.map(({ out }, index) => [sourceId(EXPORTERS[index] as string), Number(out())]))
    const sentCount = [...sent.values()].reduce((sum, count) => sum + count, 0)
    await until(() => countOf(flowsOf(other)) === sentCount)
    const stats = await end(tee)
    const replacedStats = await end(replaced)
    const otherStats = await end(other)

    await context.test('the tee lost nothing, and the other collector has every flow once', () => {
      assert.equal(stats.counters['lost/kernel-drops'], undefined)
      assert.equal(stats.counters.datagrams, sentCount + TEMPLATES * EXPORTERS.length)
      for (const [source, numbers] of flowsOf(other)) assert.deepEqual(numbers, upTo(sent.get(source) ?? 0))
      assert.deepEqual(otherStats.dropped, {})
      assert.equal(reading(stats, 'receiver_returned', `${COLLECTORS.second}:${PORT}`), 0)
    })

    const [before, after] = [flowsOf(killed), flowsOf(replaced)]
    let lost = 0
    await context.test('what the replaced one does not have is one run of flows of each exporter', () => {
      for (const [source, count] of sent) {
        const [old, young] = [before.get(source) ?? [], after.get(source) ?? []]
        assert.deepEqual(old, upTo(old.length), 'all until it was killed')
        assert.ok(isRun(young) && young.at(-1) === count, 'all since it listens')
        lost += (young[0] as number) - 1 - old.length
      }
      assert.ok(lost >= 50, `${lost} lost`)
    })

    await context.test('sent = received + lost, and each lost datagram is counted', () => {
      const atEnd = first.udp()
      const counted = (name: string) => atEnd[name] ?? 0
      const receiver = `${COLLECTORS.first}:${PORT}`
      const sentThere = reading(stats, 'receiver_datagrams', receiver)
      const replayed = stats.counters['templates-replayed'] ?? 0
      assert.ok(replayed >= EXPORTERS.length, 'the replaced one got the templates')
      assert.equal(sentThere, sentCount + TEMPLATES * EXPORTERS.length + replayed)
      assert.equal(reading(stats, 'receiver_errors', receiver), 0)
      // The host of the collector counts what came while nobody listened; it told the tee of each.
      assert.equal(reading(stats, 'receiver_returned', receiver), counted('NoPorts'))
      assert.equal(counted('InErrors'), 0)
      assert.equal(counted('InDatagrams') - (atKill.InDatagrams ?? 0), replacedStats.counters.datagrams)
      // What the killed one had in its socket, and what it had read and not yet written, died with it.
      const inSocket = sentThere - counted('InDatagrams') - counted('NoPorts')
      const inProcess = (atKill.InDatagrams ?? 0) - TEMPLATES * EXPORTERS.length - countOf(before)
      assert.ok(inSocket >= 0 && inProcess >= 0, `${inSocket} in the socket, ${inProcess} in the process`)
      assert.equal(lost, counted('NoPorts') + inSocket + inProcess)
    })
  })
})
