// Real traffic on loopback, captured by tcpdump: pmacctd on the same capture, and packet-recv capturing itself.
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { pcapHeader, pcapRecord } from '../../src/wire/capture/write.ts'
import { ended, RUN, records, scratch, shell } from '../support/cli.ts'
import { freeUdpPort } from '../support/free-port.ts'
import { until } from '../support/stats.ts'
import { TUNNELS } from '../wire/packet/tunnel-frames.ts'
import { writePackets } from './packets.ts'
import { runProgram, says, startProgram, without } from './programs.ts'
import { assertSameSums, type Row } from './sums.ts'

const KEYS = ['ip_src', 'ip_dst', 'port_src', 'port_dst', 'ip_proto', 'tos', 'tcp_flags']
const BY = 'src_host,dst_host,src_port,dst_port,proto,tos,tcpflags'

/** Told to wait at the end of a capture (pcap_savefile_wait), it counts its last buffer twice. */
async function pmacctd(context: TestContext, capture: string): Promise<Row[]> {
  const folder = scratch(context)
  const [file, output] = [join(folder, 'pmacctd.conf'), join(folder, 'sums.json')]
  const lines = {
    daemonize: 'false',
    aggregate: BY.replaceAll(',', ', '),
    plugins: 'print',
    print_output: 'json',
    print_output_file: output,
    print_output_file_append: 'true',
    print_refresh_time: '3600',
    plugin_pipe_size: '32000000',
  }
  writeFileSync(
    file,
    Object.entries(lines)
      .map(([name, value]) => `${name}: ${value}\n`)
      .join(''),
  )
  await runProgram(context, ['pmacctd', '-f', file, '-I', capture], folder)
  return records(readFileSync(output, 'utf8'))
}

async function ours(capture: string): Promise<Row[]> {
  const line = `netally packet-recv --pcap ${capture} --compat pmacct | netally aggregate --by ${BY} --compat pmacct`
  const { stdout, stderr, status } = await shell(line)
  assert.equal(status, 0, stderr)
  return records(stdout)
}

/** A few HTTP requests and UDP datagrams to ports of our own. */
async function traffic(port: number, requests: number): Promise<void> {
  const socket = createSocket('udp4')
  for (let count = 0; count < requests; count++) {
    await new Promise<void>((resolve, reject) => {
      get({ port, host: '127.0.0.1', agent: false }, answer => answer.resume().on('end', resolve)).on('error', reject)
    })
    socket.send(Buffer.alloc(10 * count), port, '127.0.0.1')
  }
  await pause(300)
  socket.close()
}

async function server(context: TestContext): Promise<number> {
  const http = createServer((_, answer) => answer.end('x'.repeat(20_000)))
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  context.after(() => http.close())
  return (http.address() as AddressInfo).port
}

describe('pmacctd', { skip: without('pmacctd', 'tcpdump') }, () => {
  it('real traffic of loopback', async context => {
    const port = await server(context)
    const capture = join(scratch(context), 'lo.pcap')
    const tcpdump = startProgram(context, ['tcpdump', '-i', 'lo', '-U', '-w', capture, `port ${port}`])
    const ending = ended(tcpdump)
    await says(tcpdump, 'listening on')
    await traffic(port, 20)
    tcpdump.kill('SIGINT')
    await ending
    const rows = await ours(capture)
    assert.ok(rows.length > 20)
    assertSameSums(rows, await pmacctd(context, capture), KEYS)
  })

  it('5000 packets, IPv4 and IPv6', async context => {
    const capture = join(scratch(context), 'packets.pcap')
    writePackets(capture, { ipv6: true })
    assertSameSums(await ours(capture), await pmacctd(context, capture), KEYS)
  })

  it('tunnels: the outer headers', async context => {
    const capture = join(scratch(context), 'tunnels.pcap')
    // pmacctd does not look for a pseudowire below MPLS; it takes the stack for IP.
    const { pseudowire, ...frames } = TUNNELS
    const octets = Object.values(frames).map((frame, index) => pcapRecord(1.7e15 + index * 1e6, frame.octets))
    writeFileSync(capture, Buffer.concat([pcapHeader(), ...octets]))
    assertSameSums(await ours(capture), await pmacctd(context, capture), KEYS)
  })
})

/** A running packet-recv, and what it has written so far. */
function live(context: TestContext, words: readonly string[]): { child: ChildProcess; output: () => string } {
  const child = startProgram(context, [process.execPath, RUN, 'packet-recv', ...words])
  let output = ''
  child.stdout?.on('data', chunk => {
    output += chunk
  })
  return { child, output: () => output }
}

async function datagram(port: number): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise<void>(resolve => socket.send('x', port, '127.0.0.1', () => resolve()))
  socket.close()
}

describe('packet-recv on an interface', {
  skip: without('tcpdump') || (process.getuid?.() !== 0 && 'not root'),
}, () => {
  it('captures what there is, and ends when it is told to', async context => {
    const [port, probes] = [await server(context), await freeUdpPort()]
    const filter = `port ${port} or port ${probes}`
    const { child, output } = live(context, ['--interface', 'lo', '--filter', filter, '--stats'])
    const ending = ended(child)
    const count = (part: string) => output().split(part).length - 1
    await until(async () => {
      await datagram(probes)
      return count(`"port_dst":${probes}`) > 0
    })
    await traffic(port, 10)
    await until(() => count(`"port_dst":${port},"ip_proto":"udp"`) >= 10)
    child.kill('SIGTERM')
    const { stdout, stderr, status } = await ending
    assert.equal(status, 0, stderr)
    const rows = records(stdout).filter(row => row.port_dst === port || row.port_src === port)
    assert.equal(rows.filter(row => row.ip_proto === 'udp').length, 10)
    assert.ok(rows.filter(row => row.ip_proto === 'tcp').length >= 80)
    assert.ok(rows.every(row => Number(row.iface_in) > 0))
    assert.match(stderr, /"balance":0/)
  })

  it('captures more of each packet where fields of applications are asked for', async context => {
    const port = await server(context)
    const words = ['--interface', 'lo', '--filter', `port ${port}`, '--fields', 'port_dst,http_host']
    const { child, output } = live(context, words)
    const ending = ended(child)
    await until(async () => {
      // The host's name stands behind a path that is longer than what is captured else.
      await new Promise<void>((resolve, reject) => {
        const path = `/${'x'.repeat(500)}`
        get({ port, path, host: '127.0.0.1', agent: false, headers: { host: 'www.example.net' } }, answer =>
          answer.resume().on('end', resolve),
        ).on('error', reject)
      })
      return output().includes('"http_host":"www.example.net"')
    })
    child.kill('SIGTERM')
    assert.equal((await ending).status, 0)
  })
})
