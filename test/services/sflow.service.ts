// Real sFlow: sfprobe of pmacct sends the samples of a capture, flow-recv and sfacctd account for the same datagrams.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { pcapHeader, pcapRecord } from '../../src/wire/capture/write.ts'
import { ended, records, scratch, shell } from '../support/cli.ts'
import { freeUdpPort } from '../support/free-port.ts'
import { TUNNELS } from '../wire/packet/tunnel-frames.ts'
import { writePackets } from './packets.ts'
import { payloadsOf, runProgram, says, send, startProgram, taken, without } from './programs.ts'
import { assertSameSums, type Row } from './sums.ts'

const SETTLE_MS = 1500
const KEYS = ['ip_src', 'ip_dst', 'port_src', 'port_dst', 'ip_proto']
const BY = 'src_host,dst_host,src_port,dst_port,proto'

const settings = (lines: { readonly [name: string]: string | number }): string =>
  Object.entries(lines)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')

/** A capture of the datagrams that sfprobe sends for a capture of packets, made by tcpdump of loopback. */
async function probed(context: TestContext, packets: string, rate: number): Promise<string> {
  const folder = scratch(context)
  const port = await freeUdpPort()
  const capture = join(folder, 'sflow.pcap')
  const tcpdump = startProgram(context, ['tcpdump', '-i', 'lo', '-U', '-w', capture, '-B', '32768', `udp port ${port}`])
  const ending = ended(tcpdump)
  await says(tcpdump, 'listening on')
  const file = join(folder, 'pmacctd.conf')
  const probe = {
    daemonize: 'false',
    aggregate: 'src_host, dst_host, src_port, dst_port, proto',
    plugins: 'sfprobe',
    sfprobe_receiver: `127.0.0.1:${port}`,
    sampling_rate: rate,
    plugin_pipe_size: 64_000_000,
    plugin_buffer_size: 64_000,
  }
  writeFileSync(file, settings(probe))
  await runProgram(context, ['pmacctd', '-f', file, '-I', packets], folder)
  await pause(SETTLE_MS)
  tcpdump.kill('SIGINT')
  await ending
  return capture
}

async function sfacctd(context: TestContext, capture: string, more: { [name: string]: string } = {}): Promise<Row[]> {
  const folder = scratch(context)
  const port = await freeUdpPort()
  const [file, output] = [join(folder, 'sfacctd.conf'), join(folder, 'sums.json')]
  const collector = {
    daemonize: 'false',
    sfacctd_ip: '127.0.0.1',
    sfacctd_port: port,
    aggregate: BY.replaceAll(',', ', '),
    plugins: 'print',
    print_output: 'json',
    print_output_file: output,
    print_refresh_time: 3600,
    plugin_pipe_size: 32_000_000,
    ...more,
  }
  writeFileSync(file, settings(collector))
  const child = startProgram(context, ['sfacctd', '-f', file], folder)
  const ending = ended(child)
  await says(child, 'waiting for sFlow data')
  await send(payloadsOf(capture), port)
  assert.equal(await taken(port), 0, 'the kernel dropped datagrams of sfacctd')
  await pause(SETTLE_MS)
  child.kill('SIGINT')
  await ending
  return records(readFileSync(output, 'utf8'))
}

async function ours(capture: string, flags = ''): Promise<Row[]> {
  const line = `netally flow-recv --pcap ${capture} ${flags} | netally aggregate --by ${BY} --compat pmacct`
  const { stdout, stderr, status } = await shell(line)
  assert.equal(status, 0, stderr)
  return records(stdout)
}

describe('sfprobe', { skip: without('pmacctd', 'sfacctd', 'tcpdump') }, () => {
  it('every packet sampled: the sums of sfacctd', async context => {
    const packets = join(scratch(context), 'packets.pcap')
    const rows = writePackets(packets, { ipv6: true })
    const capture = await probed(context, packets, 1)
    const sums = await ours(capture)
    // sfprobe keeps the samples of its last datagram to itself.
    assert.ok(sums.reduce((sum, row) => sum + Number(row.packets), 0) > rows.length - 20)
    assertSameSums(sums, await sfacctd(context, capture), KEYS)
  })

  it('one in ten: renormalised as sfacctd does', async context => {
    const packets = join(scratch(context), 'packets.pcap')
    writePackets(packets, { ipv6: true })
    const capture = await probed(context, packets, 10)
    const theirs = await sfacctd(context, capture, { sfacctd_renormalize: 'true' })
    assertSameSums(await ours(capture, '--renormalize'), theirs, KEYS)
  })

  it('tunnels and odd frames', async context => {
    const packets = join(scratch(context), 'tunnels.pcap')
    const frames = Object.values(TUNNELS).map(({ octets }, index) => pcapRecord(1.7e15 + index * 1e6, octets))
    writeFileSync(packets, Buffer.concat([pcapHeader(), ...frames]))
    const capture = await probed(context, packets, 1)
    // sfacctd leaves out what is not IP; netally counts it.
    const rows = (await ours(capture)).filter(row => row.ip_src !== '')
    assertSameSums(rows, await sfacctd(context, capture), KEYS)
  })
})
