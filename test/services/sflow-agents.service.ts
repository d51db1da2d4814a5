// Agents of sFlow in their own right: Open vSwitch, and Host sFlow where somebody has installed it (Debian and the registries have not).
import assert from 'node:assert/strict'
import { type ChildProcess, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { ended, RUN, records, scratch } from '../support/cli.ts'
import { freeUdpPort } from '../support/free-port.ts'
import { until } from '../support/stats.ts'
import { withoutNamespaces } from './namespaces.ts'
import { startProgram, without } from './programs.ts'

const SWITCH = `netally-ovs-${process.pid}`
const HOST = `${SWITCH}-host`
const PORT = 4000
const DATAGRAMS = 20

const ip = (...words: readonly string[]): boolean => spawnSync('ip', words).status === 0
const inside = (space: string, ...words: readonly string[]): string[] => ['ip', 'netns', 'exec', space, ...words]

const skipped = (...programs: readonly string[]): string | false =>
  process.getuid?.() === 0 ? withoutNamespaces(...programs) : 'not root'

interface Collector {
  readonly child: ChildProcess
  readonly rows: () => Record<string, unknown>[]
  readonly end: () => Promise<void>
}

/** flow-recv in the namespace of the agent, told all that it sends. */
function collect(context: TestContext, space: string, port: number): Collector {
  const words = [process.execPath, RUN, 'flow-recv', '--listen', `127.0.0.1:${port}`, '--counters', '--stats']
  const child = startProgram(context, inside(space, ...words))
  const ending = ended(child)
  let output = ''
  child.stdout?.on('data', chunk => {
    output += chunk
  })
  const end = async () => {
    child.kill('SIGTERM')
    const { stderr, status } = await ending
    assert.equal(status, 0, stderr)
    assert.match(stderr, /"balance":0/)
    assert.doesNotMatch(stderr, /sflow\/|exporter_unknown_structures/)
  }
  return { child, rows: () => records(output.slice(0, output.lastIndexOf('\n') + 1)), end }
}

/** A switch with one cable to a host; 10.92.1.1 is the switch, 10.92.1.2 the host. */
async function makeSwitch(context: TestContext, collector: number): Promise<void> {
  const folder = scratch(context)
  context.after(() => {
    ip('netns', 'del', SWITCH)
    ip('netns', 'del', HOST)
  })
  assert.ok(ip('netns', 'add', SWITCH) && ip('netns', 'add', HOST))
  ip('-n', SWITCH, 'link', 'set', 'lo', 'up')
  assert.ok(ip('-n', SWITCH, 'link', 'add', 'p0', 'type', 'veth', 'peer', 'name', 'e0', 'netns', HOST))
  ip('-n', SWITCH, 'link', 'set', 'p0', 'up')
  ip('-n', HOST, 'address', 'add', '10.92.1.2/24', 'dev', 'e0')
  ip('-n', HOST, 'link', 'set', 'e0', 'up')
  const [database, socket] = [join(folder, 'conf.db'), `unix:${join(folder, 'db.sock')}`]
  assert.equal(spawnSync('ovsdb-tool', ['create', database, '/usr/share/openvswitch/vswitch.ovsschema']).status, 0)
  const control = (name: string): string => `--unixctl=${join(folder, name)}`
  const server = ['env', `OVS_RUNDIR=${folder}`, 'ovsdb-server', `--remote=p${socket}`, control('db.ctl'), database]
  startProgram(context, inside(SWITCH, ...server), folder)
  const daemon = ['env', `OVS_RUNDIR=${folder}`, 'ovs-vswitchd', '--disable-system', control('switch.ctl'), socket]
  startProgram(context, inside(SWITCH, ...daemon), folder)
  const tell = (...words: readonly string[]): boolean => {
    const [program = '', ...args] = inside(SWITCH, 'ovs-vsctl', '--timeout=10', `--db=${socket}`, ...words)
    return spawnSync(program, args).status === 0
  }
  await until(() => tell('show'))
  assert.ok(tell('add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=netdev', '--', 'add-port', 'br0', 'p0'))
  ip('-n', SWITCH, 'address', 'add', '10.92.1.1/24', 'dev', 'br0')
  ip('-n', SWITCH, 'link', 'set', 'br0', 'up')
  const target = `target="127.0.0.1:${collector}"`
  const agent = ['--id=@agent', 'create', 'sflow', 'agent=lo', target, 'header=128', 'sampling=1', 'polling=1']
  assert.ok(tell('--', ...agent, '--', 'set', 'bridge', 'br0', 'sflow=@agent'))
}

/** Datagrams of 1, 2, 3 ... octets. */
function send(count: number, port: number): void {
  const lines = Array.from(
    { length: count },
    (_, index) => `printf '${'x'.repeat(index + 1)}' > /dev/udp/10.92.1.1/${port}`,
  )
  const [program = '', ...args] = inside(HOST, 'bash', '--norc', '-c', lines.join('\n'))
  spawnSync(program, args)
}

describe('Open vSwitch', { skip: skipped('ovs-vswitchd', 'ovsdb-server', 'ovs-vsctl', 'ip', 'bash') }, () => {
  it('every packet sampled, with their lengths; counters of ports and of the switch', async context => {
    const port = await freeUdpPort()
    await makeSwitch(context, port)
    const { rows, end } = collect(context, SWITCH, port)
    const sampled = (to: number) => rows().filter(row => row.port_dst === to)
    // The first go to find the way: ARP.
    await until(() => {
      send(1, PORT)
      return sampled(PORT).length > 0
    })
    send(DATAGRAMS, PORT + 1)
    await until(() => sampled(PORT + 1).length >= DATAGRAMS)
    const counters = (name: string) => rows().filter(row => row.sf_cnt_type === `sflow_cnt_${name}`)
    const input = sampled(PORT)[0]?.iface_in
    const ofPort = () => counters('generic').filter(row => row.ifIndex === input)
    await until(() => ofPort().some(row => Number(row.ifInUcastPkts) >= DATAGRAMS) && counters('ovs_dp').length > 0)
    await end()
    const seen = sampled(PORT + 1)
    assert.deepEqual(
      seen.map(row => [row.frame_bytes, row.bytes_ip]).sort((a, b) => Number(a[0]) - Number(b[0])),
      // It counts the checksum of Ethernet, which is stripped.
      Array.from({ length: DATAGRAMS }, (_, index) => [14 + 20 + 8 + index + 1 + 4, 20 + 8 + index + 1]),
    )
    assert.ok(seen.every(row => row.ip_src === '10.92.1.2' && row.iface_in === input && row.sampling_rate === 1))
    assert.ok(counters('port_name').some(row => row.port_name === 'p0'))
    for (const name of ['ethernet', 'of_port', 'app_resources']) assert.ok(counters(name).length > 0, name)
  })
})

describe('hsflowd', () => {
  it('what a host counts', { skip: without('hsflowd') }, async context => {
    const port = await freeUdpPort()
    const folder = scratch(context)
    const file = join(folder, 'hsflowd.conf')
    writeFileSync(file, `sflow {\n  polling = 1\n  collector { ip = 127.0.0.1 udpport = ${port} }\n}\n`)
    const words = [RUN, 'flow-recv', '--listen', `127.0.0.1:${port}`, '--counters']
    const child = startProgram(context, [process.execPath, ...words])
    const ending = ended(child)
    let output = ''
    child.stdout?.on('data', chunk => {
      output += chunk
    })
    startProgram(context, ['hsflowd', '-d', '-f', file, '-p', join(folder, 'hsflowd.pid')], folder)
    await until(() => ['host_descr', 'host_cpu', 'host_memory'].every(name => output.includes(`sflow_cnt_${name}"`)))
    child.kill('SIGTERM')
    const { stderr, status } = await ending
    assert.equal(status, 0, stderr)
    assert.doesNotMatch(stderr, /sflow\//)
  })
})
