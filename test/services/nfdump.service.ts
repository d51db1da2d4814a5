// nfcapd and nfdump on the same datagrams: equal flows.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ended, netally, REPOSITORY, records, scratch } from '../support/cli.ts'
import { freeUdpPort } from '../support/free-port.ts'
import { listening, payloadsOf, runProgram, send, startProgram, taken, without } from './programs.ts'
import { assertSameSums, type Row } from './sums.ts'

const DEMO = join(REPOSITORY, 'examples', 'demo', 'exporters.pcap')
const FORMAT = 'fmt:%sa|%da|%sp|%dp|%pr|%sas|%das|%in|%out|%pkt|%byt'
const KEYS = ['ip_src', 'ip_dst', 'port_src', 'port_dst', 'as_src', 'as_dst', 'iface_in', 'iface_out']

/** A line of nfdump in FORMAT. For ICMP it has type.code where the destination port stands. */
function rowOf(line: string): Row {
  const [ip_src, ip_dst, port_src, port_dst, , as_src, as_dst, iface_in, iface_out, packets, bytes] = line
    .split('|')
    .map(cell => cell.trim())
  return {
    ip_src,
    ip_dst,
    port_src,
    port_dst: port_dst?.includes('.') ? '' : port_dst,
    as_src,
    as_dst,
    iface_in,
    iface_out,
    packets: Number(packets),
    bytes: Number(bytes),
    flows: 1,
  }
}

/** nfdump multiplies by the sampling rate in the header of v5, but not by the one that the demonstration's v9 tells. */
function asNfdumpCounts(row: Row): Row {
  const rate = row.export_proto_version === 5 ? Number(row.sampling_rate ?? 1) : 1
  const port_dst = String(row.ip_proto).includes('icmp') ? '' : row.port_dst
  return { ...row, port_dst, packets: Number(row.packets) * rate, bytes: Number(row.bytes) * rate }
}

describe('nfcapd and nfdump', { skip: without('nfcapd', 'nfdump') }, () => {
  it('v5, v9 and IPFIX: the same flows of the same datagrams', async context => {
    const port = await freeUdpPort()
    const folder = join(scratch(context), 'flows')
    mkdirSync(folder)
    const nfcapd = startProgram(context, ['nfcapd', '-b', '127.0.0.1', '-p', String(port), '-w', folder, '-t', '3600'])
    const ending = ended(nfcapd)
    await listening(port)
    await send(payloadsOf(DEMO), port)
    assert.equal(await taken(port), 0, 'the kernel dropped datagrams')
    nfcapd.kill('SIGTERM')
    await ending
    const { stdout, stderr } = await runProgram(context, ['nfdump', '-R', folder, '-6', '-N', '-q', '-o', FORMAT])
    const theirs = stdout
      .split('\n')
      .filter(line => line.includes('|'))
      .map(rowOf)
    assert.ok(theirs.length > 1000, stderr)
    const ours = await netally(['flow-recv', '--pcap', DEMO])
    assertSameSums(records(ours.stdout).map(asNfdumpCounts), theirs, KEYS)
  })
})
