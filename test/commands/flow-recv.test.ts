import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { findAccount } from '../../src/sources/drop-privileges.ts'
import { parseUdpTable } from '../../src/sources/kernel-drops.ts'
import { pcapHeader, pcapRecord, udpFrame } from '../../src/wire/capture/write.ts'
import { send, v9, wide } from '../sources/flow-collector.ts'
import { ended, netally, records, scratch, start, startShell } from '../support/cli.ts'
import { data, ipfix, template } from '../support/flow-writer.ts'
import { freeUdpPort } from '../support/free-port.ts'

const noProc = process.platform === 'linux' ? false : '/proc/net/udp is Linux'
const HANG_MS = 20_000

/** A capture of messages to a port, one a second. */
function capture(messages: readonly Uint8Array[], destinationPort = 2055): Buffer {
  const endpoints = { source: '10.0.0.1', destination: '10.0.0.2', sourcePort: 40_000, destinationPort }
  const frames = messages.map((message, index) =>
    pcapRecord((1_700_000_000 + index) * 1e6, udpFrame(endpoints, message)),
  )
  return Buffer.concat([pcapHeader(), ...frames])
}

function captureFile(context: TestContext, ...input: Parameters<typeof capture>): string {
  const path = join(scratch(context), 'flows.pcap')
  writeFileSync(path, capture(...input))
  return path
}

const bytes = (text: string): unknown[] => records(text).map(record => record.bytes)

test('captures in order, one of them on standard input', async context => {
  const path = captureFile(context, [v9(2), v9(1, 10)])
  const words = ['flow-recv', '--pcap', path, '--pcap', '-']
  const { stdout, stderr, status } = await netally(words, gzipSync(capture([v9(1, 20)])) as unknown as string)
  assert.deepEqual([stderr, status], ['', 0])
  assert.deepEqual(bytes(stdout), [1000, 1001, 1010, 1020])
  assert.equal(records(stdout)[0]?.peer_ip_src, '10.0.0.1')
  assert.equal(records(stdout)[2]?.timestamp_arrival, 1_700_000_001)
})

test('--udp-port takes these ports only; without it whatever looks like flows', async context => {
  const path = captureFile(context, [v9(1), Buffer.from('no flows'), Buffer.from([0])], 9995)
  const all = await netally(['flow-recv', '--pcap', path, '--stats'])
  assert.equal(records(all.stdout).length, 1)
  assert.equal(records(all.stderr)[0]?.dropped instanceof Object, true)
  assert.match(all.stderr, /"capture\/not-flow":2/)
  const none = await netally(['flow-recv', '--pcap', path, '--udp-port', '2055', '--udp-port', '2056'])
  assert.equal(none.stdout, '')
  const some = await netally(['flow-recv', '--pcap', path, '--udp-port', '2055', '--udp-port', '9995'])
  assert.equal(records(some.stdout).length, 1)
  assert.match(some.stderr, /netally flow-recv: /) // what is no flow message came to the port and is told
})

test('elements of your own become fields', async context => {
  const folder = scratch(context)
  writeFileSync(join(folder, 'primitives'), 'name=their_counter field_type=32473:7 len=4 semantics=u_int\n')
  writeFileSync(join(folder, 'elements.csv'), 'name,pen,element,type\ntheir_name,32473,8,text\n')
  const own = template(300, [
    [8, 4],
    [7, 4, 32473],
    [8, 3, 32473],
  ])
  const path = captureFile(context, [ipfix({}, [own, data(own, [['192.0.2.1', 77, 'abc']])])])
  const words = ['flow-recv', '--pcap', path, '--fields', 'ip_src,their_counter,their_name']
  const files = ['--primitives', join(folder, 'primitives'), '--elements', join(folder, 'elements.csv')]
  const { stdout, status } = await netally([...words, ...files])
  assert.deepEqual(records(stdout), [{ ip_src: '192.0.2.1', their_counter: 77, their_name: 'abc' }])
  assert.equal(status, 0)
})

test('sampling: a map, else a rate; renormalized', async context => {
  const map = join(scratch(context), 'sampling.map')
  writeFileSync(map, 'id=100 ip=10.0.0.1\n')
  const path = captureFile(context, [v9(1)])
  const words = ['flow-recv', '--pcap', path, '--renormalize', '--sampling-rate', '10']
  assert.deepEqual(bytes((await netally(words)).stdout), [10_000])
  assert.deepEqual(bytes((await netally([...words, '--sampling-map', map])).stdout), [100_000])
})

test('limits on what exporters make grow', async context => {
  const other = template(400, [[1, 4]])
  const message = (sequence: number) => ipfix({ sequence }, [data(other, [[1]]), data(other, [[2]])])
  const path = captureFile(context, [message(0), message(2), ipfix({ sequence: 4 }, [other])])
  assert.deepEqual(bytes((await netally(['flow-recv', '--pcap', path])).stdout), [1, 2, 1, 2])
  const none = await netally(['flow-recv', '--pcap', path, '--hold-octets', '0'])
  assert.equal(none.stdout, '')
  assert.match(none.stderr, /4 never arrived \(no-template\)/)
  const few = await netally(['flow-recv', '--pcap', path, '--max-templates', '1', '--max-exporters', '1'])
  assert.equal(records(few.stdout).length, 4)
})

for (const [what, words, message, wantedStatus] of [
  ['a bad address', ['--listen', 'nowhere:1'], /"nowhere:1" is no address to listen on/, 2],
  ['a bad group', ['--multicast', '10.0.0.1'], /"10.0.0.1" is no multicast group/, 2],
  ['a capture and the network', ['--pcap', '-', '--listen', '2055'], /leave out either --pcap or --listen/, 2],
  ['TLS without a certificate', ['--listen-tls', '127.0.0.1:0'], /add --tls-cert FILE --tls-key FILE/, 2],
  ['an allow list that is missing', ['--allow', '/nonexistent/allow'], /\/nonexistent\/allow/, 1],
  ['a map that is missing', ['--sampling-map', '/nonexistent/map'], /\/nonexistent\/map/, 1],
  ['a capture that is missing', ['--pcap', '/nonexistent/pcap'], /\/nonexistent\/pcap: cannot be read/, 1],
  ['an address that is not ours', ['--listen', '192.0.2.77:2055'], /this machine does not have the address/, 1],
] as const) {
  test(`${what} is told`, async () => {
    const { stdout, stderr, status } = await netally(['flow-recv', ...words])
    assert.match(stderr, message)
    assert.deepEqual([stdout, status], ['', wantedStatus])
  })
}

/** Waits until somebody listens on the port. */
async function listening(port: number): Promise<void> {
  const end = performance.now() + HANG_MS
  const isThere = () => parseUdpTable(readFileSync('/proc/net/udp', 'utf8')).some(socket => socket.port === port)
  while (!isThere()) {
    assert.ok(performance.now() < end, `nobody listens on ${port}`)
    await sleep(20)
  }
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + HANG_MS
  while (!condition()) {
    assert.ok(performance.now() < end, `this did not come true: ${condition}`)
    await sleep(10)
  }
}

interface Receiver {
  readonly child: ChildProcess
  readonly port: number
  readonly ended: ReturnType<typeof ended>
  stdout: string
  stderr: string
}

async function receiver(context: TestContext, ...words: readonly string[]): Promise<Receiver> {
  const port = await freeUdpPort()
  const child = start(['flow-recv', '--listen', `127.0.0.1:${port}`, ...words])
  context.after(() => child.kill('SIGKILL'))
  const running: Receiver = { child, port, ended: ended(child), stdout: '', stderr: '' }
  child.stdout?.on('data', chunk => {
    running.stdout += chunk
  })
  child.stderr?.on('data', chunk => {
    running.stderr += chunk
  })
  await listening(port)
  return running
}

test('SIGTERM: what was received is written, status 0', { skip: noProc }, async context => {
  const running = await receiver(context, '--stats')
  await send(running.port, '127.0.0.1', ...Array.from({ length: 50 }, (_, index) => v9(10, 10 * index)))
  running.child.kill('SIGTERM')
  const { stdout, stderr, status } = await running.ended
  assert.equal(status, 0)
  assert.deepEqual(
    bytes(stdout),
    Array.from({ length: 500 }, (_, index) => 1000 + index),
  )
  const [stats] = records(stderr)
  assert.deepEqual([stats?.created, stats?.out, stats?.balance], [500, 500, 0])
})

const noRoot = process.getuid?.() === 0 ? noProc : 'only root may become another'

test('--user: root opens the sockets, somebody else goes on', { skip: noRoot }, async context => {
  const nobody = findAccount(readFileSync('/etc/passwd', 'utf8'), 'nobody')
  assert.ok(nobody)
  const running = await receiver(context, '--user', 'nobody')
  const status = () => readFileSync(`/proc/${running.child.pid}/status`, 'utf8')
  const ids = (id: number) => [id, id, id, id].join('\t')
  await until(() => status().includes(`Uid:\t${ids(nobody.userId)}`))
  assert.ok(status().includes(`Gid:\t${ids(nobody.groupId)}`))
  await send(running.port, '127.0.0.1', v9(1))
  await until(() => running.stdout !== '')
  running.child.kill('SIGTERM')
  assert.equal((await running.ended).status, 0)
})

test('--user: a name that nobody has is told', { skip: noRoot }, async () => {
  const { stderr, status } = await netally(['flow-recv', '--user', 'no such user'])
  assert.match(stderr, /there is no user "no such user"/)
  assert.equal(status, 2)
})

test('SIGUSR1: the counters, while it runs', { skip: noProc }, async context => {
  const running = await receiver(context)
  await send(running.port, '127.0.0.1', v9(3))
  await until(() => running.stdout.split('\n').length === 4)
  running.child.kill('SIGUSR1')
  await until(() => running.stderr.endsWith('}\n'))
  const [stats] = records(running.stderr)
  assert.deepEqual([stats?.event_type, stats?.command, stats?.out], ['stats', 'flow-recv', 3])
  const readings = stats?.readings as { name: string; labels?: { exporter?: string }; value: number }[]
  const ofExporter = readings.find(
    ({ name, labels }) => name === 'exporter_records' && labels?.exporter === '127.0.0.1',
  )
  assert.equal(ofExporter?.value, 3)
  running.child.kill('SIGTERM')
  assert.equal((await running.ended).status, 0)
})

test('SIGHUP: the allow list is read again', { skip: noProc }, async context => {
  const allow = join(scratch(context), 'allow')
  writeFileSync(allow, '203.0.113.1\n')
  const running = await receiver(context, '--allow', allow, '--stats')
  await send(running.port, '127.0.0.1', v9(1))
  writeFileSync(allow, '127.0.0.0/8\n')
  running.child.kill('SIGHUP')
  let more = 0
  while (running.stdout === '' && more < 200) {
    await send(running.port, '127.0.0.1', v9(1, 100 + more++))
    await sleep(50)
  }
  running.child.kill('SIGTERM')
  const { stdout, stderr } = await running.ended
  assert.ok(records(stdout).length > 0)
  assert.match(stderr, /"denied":\d/)
  assert.ok(!bytes(stdout).includes(1000), 'what was denied came in')
})

test('the reader that leaves ends it at once, with status 0', { skip: noProc }, async context => {
  const port = await freeUdpPort()
  const line = `netally flow-recv --listen 127.0.0.1:${port} | head -1`
  const child = startShell(line)
  context.after(() => child.kill('SIGKILL'))
  const end = ended(child)
  await listening(port)
  let over = false
  end.then(() => {
    over = true
  })
  for (let index = 0; !over && index < 400; index++) {
    await send(port, '127.0.0.1', v9(20))
    await sleep(50)
  }
  const { stdout, stderr, status } = await end
  assert.deepEqual([records(stdout).length, stderr, status], [1, '', 0])
})

test('a process that stands still: what the kernel drops meanwhile is counted', { skip: noProc }, async context => {
  const running = await receiver(context, '--stats')
  const message = v9(20)
  running.child.kill('SIGSTOP')
  for (let burst = 0; burst < 100; burst++) {
    await send(running.port, '127.0.0.1', ...Array.from({ length: 100 }, () => message))
  }
  running.child.kill('SIGCONT')
  running.child.kill('SIGTERM')
  const { stdout, stderr, status } = await running.ended
  assert.equal(status, 0)
  const [stats] = records(
    stderr
      .split('\n')
      .filter(line => line.startsWith('{'))
      .join('\n'),
  )
  const counters = stats?.counters as { [name: string]: number }
  assert.ok((counters['lost/kernel-drops'] ?? 0) > 0)
  assert.equal((counters.datagrams ?? 0) + (counters['lost/kernel-drops'] ?? 0), 10_000)
  assert.equal(records(stdout).length, 20 * (counters.datagrams ?? 0))
  assert.match(stderr, /never arrived \(kernel-drops\)/)
})

test('a reader that stands still: what does not fit is dropped and counted, memory stays', {
  skip: noProc,
}, async context => {
  const port = await freeUdpPort()
  const child = start(['flow-recv', '--listen', `127.0.0.1:${port}`, '--stats'])
  context.after(() => child.kill('SIGKILL'))
  await listening(port)
  // Nobody reads its output yet.
  const [message, datagrams] = [wide(), 16_000]
  for (let sent = 0; sent < datagrams; sent += 50) {
    await send(port, '127.0.0.1', ...Array.from({ length: 50 }, () => message))
    await sleep(1)
  }
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  const residentKibioctets = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1])
  // The datagrams are 320 MB, of which 64 may wait.
  assert.ok(residentKibioctets < 280_000, `${residentKibioctets} KiB`)
  child.kill('SIGTERM')
  const { stdout, stderr } = await ended(child)
  const [stats] = records(
    stderr
      .split('\n')
      .filter(line => line.startsWith('{'))
      .join('\n'),
  )
  const counters = stats?.counters as { [name: string]: number }
  const lost = (counters['lost/kernel-drops'] ?? 0) + (counters['lost/queue-full'] ?? 0)
  assert.ok((counters['lost/queue-full'] ?? 0) > 0)
  assert.equal(stdout.split('\n').length - 1, datagrams - lost)
  assert.equal(stats?.balance, 0)
})
