// A real exporter that samples, on a cable of our own: flows against the counters that the kernel keeps of it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { NetRecord } from '../../src/contract/record.ts'
import { ended, RUN, records, scratch, shell } from '../support/cli.ts'
import { until } from '../support/stats.ts'
import { withoutNamespaces } from './namespaces.ts'
import { runProgram, says, startProgram } from './programs.ts'
import type { Row } from './sums.ts'

const OURS = `netally-rc-${process.pid}`
const PEER = `${OURS}-peer`
/** In a namespace of its own every port is free. */
const PORT = 2055
/** Whatever the kernel calls it, the exporter says that it is this. */
const INDEX = 7
const RATE = 16
const WRONG_RATE = 8
const PACKETS = 64_000
const PAYLOAD_OCTETS = 500
/** Counters are read so long before the first packet and after the last, which is more than a slot of a window. */
const MARGIN_MS = 500
/** So many are sent without a pause. */
const BURST = 100

const ip = (...words: readonly string[]): boolean => spawnSync('ip', words).status === 0
const inOurs = ['ip', 'netns', 'exec', OURS]

const skipped = (): string | false => (process.getuid?.() === 0 ? withoutNamespaces('pmacctd') : 'not root')

/** A cable from rc0, ours, to rc1. What the other end sends to 10.92.0.9 comes in and goes nowhere. */
function makeNetwork(context: TestContext): void {
  context.after(() => {
    ip('netns', 'del', OURS)
    ip('netns', 'del', PEER)
  })
  assert.ok(ip('netns', 'add', OURS) && ip('netns', 'add', PEER))
  for (const space of [OURS, PEER]) {
    spawnSync('ip', ['netns', 'exec', space, 'sysctl', '-qw', 'net.ipv6.conf.default.disable_ipv6=1'])
    assert.ok(ip('-n', space, 'link', 'set', 'lo', 'up'))
  }
  assert.ok(ip('-n', OURS, 'link', 'add', 'rc0', 'type', 'veth', 'peer', 'name', 'rc1', 'netns', PEER))
  assert.ok(ip('-n', OURS, 'link', 'set', 'rc0', 'address', '02:00:00:00:00:01', 'up'))
  assert.ok(ip('-n', PEER, 'link', 'set', 'rc1', 'up'))
  assert.ok(ip('-n', PEER, 'address', 'add', '10.92.0.2/24', 'dev', 'rc1'))
  assert.ok(ip('-n', PEER, 'neighbour', 'add', '10.92.0.9', 'lladdr', '02:00:00:00:00:01', 'dev', 'rc1'))
}

/** The kernel's counters of rc0, as a script would write them. */
function counters(): NetRecord {
  const paths = ['rx_bytes', 'rx_packets'].map(name => `/sys/class/net/rc0/statistics/${name}`)
  const { stdout } = spawnSync('ip', ['netns', 'exec', OURS, 'cat', ...paths], { encoding: 'utf8' })
  const [octets = 0, packets = 0] = stdout.split('\n').map(Number)
  const timestamp_arrival = Date.now() / 1000
  return { timestamp_arrival, peer_ip_src: '127.0.0.1', ifIndex: INDEX, ifInOctets: octets, ifInUcastPkts: packets }
}

/** Datagrams from twenty ports in turn. */
const SENDER = `
  const sockets = Array.from({ length: 20 }, () => require('node:dgram').createSocket('udp4'))
  const octets = Buffer.alloc(${PAYLOAD_OCTETS})
  const next = n => n % ${BURST} ? send(n) : setTimeout(send, 1, n)
  const send = n => n < ${PACKETS}
    ? sockets[n % 20].send(octets, 9, '10.92.0.9', () => next(n + 1))
    : sockets.forEach(socket => socket.close())
  send(0)`

/** pmacctd samples what comes in by rc0, and exports it. */
const settings = () =>
  [
    'daemonize: false',
    'pcap_interfaces_map: interfaces.map',
    'pcap_ifindex: map',
    `pmacctd_pipe_size: ${64 << 20}`,
    'aggregate: src_host, dst_host, src_port, dst_port, proto, tos, in_iface, out_iface',
    `sampling_rate: ${RATE}`,
    'plugins: nfprobe',
    `nfprobe_receiver: 127.0.0.1:${PORT}`,
    'nfprobe_version: 9',
    'nfprobe_direction: in',
    'plugin_pipe_size: 64000000',
    'plugin_buffer_size: 64000',
  ]
    .map(line => `${line}\n`)
    .join('')

const kernelSockets = (): string =>
  spawnSync('ip', ['netns', 'exec', OURS, 'cat', '/proc/net/udp'], { encoding: 'utf8' }).stdout
/** Octets that the receiver has not read yet; undefined when it does not listen. */
const waiting = (): number | undefined => {
  const port = `:${PORT.toString(16).toUpperCase().padStart(4, '0')}`
  const fields = kernelSockets()
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .find(([, local]) => local?.endsWith(port))
  return fields && Number.parseInt(fields[4]?.split(':')[1] ?? '0', 16)
}

/** What flow-recv, with a map that says `rate`, made of the datagrams of pmacctd; what the kernel counted before and after. */
async function exported(context: TestContext, rate: number): Promise<{ flows: string; counters: string }> {
  makeNetwork(context)
  const folder = scratch(context)
  writeFileSync(join(folder, 'sampling.map'), `id=${rate} ip=127.0.0.1\n`)
  writeFileSync(join(folder, 'pmacctd.conf'), settings())
  writeFileSync(join(folder, 'interfaces.map'), `ifindex=${INDEX} ifname=rc0 direction=in\n`)
  const words = ['flow-recv', '--listen', `127.0.0.1:${PORT}`, '--sampling-map', 'sampling.map']
  const receiver = startProgram(context, [...inOurs, process.execPath, RUN, ...words], folder)
  const received = ended(receiver)
  await until(() => waiting() !== undefined)
  const exporter = startProgram(context, [...inOurs, 'pmacctd', '-f', 'pmacctd.conf'], folder)
  const exporting = ended(exporter)
  await says(exporter, 'Exporting flows to')
  await until(() => isCapturing())
  const before = counters()
  await pause(MARGIN_MS)
  await runProgram(context, ['ip', 'netns', 'exec', PEER, process.execPath, '-e', SENDER])
  await until(() => Number(counters().ifInUcastPkts) - Number(before.ifInUcastPkts) >= PACKETS)
  await pause(MARGIN_MS)
  const after = counters()
  exporter.kill('SIGINT')
  await exporting
  await until(() => waiting() === 0)
  receiver.kill('SIGTERM')
  const { stdout, stderr, status } = await received
  assert.equal(status, 0, stderr)
  return { flows: stdout, counters: `${JSON.stringify(before)}\n${JSON.stringify(after)}\n` }
}

/** Whether a packet socket is open in our namespace. */
const isCapturing = (): boolean =>
  spawnSync('ip', ['netns', 'exec', OURS, 'cat', '/proc/net/packet'], { encoding: 'utf8' }).stdout.split('\n').length >
  2

describe('reconcile: pmacctd samples one packet in 16', { skip: skipped() }, () => {
  it('a map that says 8 is found out; what is right is told as such', async context => {
    const { flows, counters } = await exported(context, WRONG_RATE)
    const folder = scratch(context)
    writeFileSync(join(folder, 'counters.ndjson'), counters)
    const rows = records(flows)
    const sampled = rows.reduce((sum, row) => sum + Number(row.packets), 0)
    assert.ok(Math.abs((sampled * RATE) / PACKETS - 1) < 0.05, `pmacctd sampled ${sampled} of ${PACKETS} packets`)

    /** The finding for rc0, where records are changed by somebody first. */
    const found = async (change: (row: Row) => Row) => {
      const input = rows.map(row => `${JSON.stringify(change(row))}\n`)
      const line = 'netally reconcile --totals --window 2s --counters counters.ndjson'
      const { stdout, stderr, status } = await shell(line, input.join(''), { cwd: folder })
      assert.equal(status, 0, stderr)
      return records(stdout).find(row => row.iface === INDEX && row.direction === 'in') as Row
    }
    const wrong = await found(row => row)
    assert.deepEqual([wrong.cause, wrong.likely_rate, wrong.sampling_rate], ['sampling-rate-wrong', RATE, WRONG_RATE])
    assert.equal((await found(row => ({ ...row, sampling_rate: RATE }))).cause, 'sampling-not-applied')
    const none = await found(({ sampling_rate: _, sampling_source: __, ...row }) => row)
    assert.deepEqual([none.cause, none.likely_rate], ['sampling-rate-unknown', RATE])
    const scale = (times: number) => (row: Row) => ({
      ...row,
      sampling_rate: 1,
      packets: Number(row.packets) * times,
      bytes: Number(row.bytes) * times,
    })
    assert.equal((await found(scale(RATE))).cause, 'agrees')
    assert.equal((await found(scale(RATE * RATE))).cause, 'sampling-applied-twice')
  })
})
