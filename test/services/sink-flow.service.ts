// sink-flow to real collectors: what they count is what went in.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ended, REPOSITORY, records, scratch, shell } from '../support/cli.ts'
import { freeUdpPort, listening, runProgram, says, startProgram, taken, without } from './programs.ts'
import { assertSameSums, type Row } from './sums.ts'

const DEMO = join(REPOSITORY, 'examples', 'demo', 'exporters.pcap')
const VERSIONS = ['ipfix', 'netflow9', 'netflow5'] as const
type Version = (typeof VERSIONS)[number]
const KEYS = ['ip_src', 'ip_dst', 'port_src', 'port_dst', 'ip_proto']
const BY = 'src_host,dst_host,src_port,dst_port,proto'
/** What a plugin of nfacctd still has to do when the socket is empty. */
const SETTLE_MS = 1500

/** v5 has no IPv6. */
const filterOf = (version: Version): string => (version === 'netflow5' ? "| netally filter 'ip' " : '')

async function exported(version: Version, port: number): Promise<void> {
  const sink = `netally sink-flow 127.0.0.1:${port} --version ${version} --rate 400`
  const { status, stderr } = await shell(`netally flow-recv --pcap ${DEMO} ${filterOf(version)}| ${sink}`)
  assert.equal(status, 0, stderr)
  assert.equal(await taken(port), 0, 'the kernel dropped datagrams')
}

async function sent(version: Version): Promise<Row[]> {
  const sums = `netally aggregate --by ${BY},flows --compat pmacct`
  const { stdout, stderr, status } = await shell(`netally flow-recv --pcap ${DEMO} ${filterOf(version)}| ${sums}`)
  assert.equal(status, 0, stderr)
  return records(stdout)
}

async function nfacctd(context: TestContext, version: Version): Promise<Row[]> {
  const [folder, port] = [scratch(context), await freeUdpPort()]
  const [file, output] = [join(folder, 'nfacctd.conf'), join(folder, 'sums.json')]
  const lines = {
    daemonize: 'false',
    nfacctd_ip: '127.0.0.1',
    nfacctd_port: port,
    plugins: 'print',
    aggregate: BY.replaceAll(',', ', ').concat(', flows'),
    print_output: 'json',
    print_output_file: output,
    print_refresh_time: 3600,
    plugin_pipe_size: 32_000_000,
  }
  writeFileSync(
    file,
    Object.entries(lines)
      .map(([name, value]) => `${name}: ${value}\n`)
      .join(''),
  )
  const child = startProgram(context, ['nfacctd', '-f', file], folder)
  const ending = ended(child)
  await says(child, 'waiting for NetFlow/IPFIX data')
  await exported(version, port)
  await pause(SETTLE_MS)
  child.kill('SIGINT')
  await ending
  return records(readFileSync(output, 'utf8'))
}

async function nfcapd(context: TestContext, version: Version): Promise<Row[]> {
  const [folder, port] = [join(scratch(context), 'flows'), await freeUdpPort()]
  mkdirSync(folder)
  const child = startProgram(context, ['nfcapd', '-b', '127.0.0.1', '-p', String(port), '-w', folder, '-t', '3600'])
  const ending = ended(child)
  await listening(port)
  await exported(version, port)
  child.kill('SIGTERM')
  await ending
  const { stdout } = await runProgram(context, [
    'nfdump',
    '-R',
    folder,
    '-6',
    '-N',
    '-q',
    '-o',
    'fmt:%sa|%da|%pkt|%byt',
  ])
  const lines = stdout.split('\n').filter(line => line.includes('|'))
  return lines.map(line => {
    const [ip_src, ip_dst, packets, bytes] = line.split('|').map(cell => cell.trim())
    return { ip_src, ip_dst, packets: Number(packets), bytes: Number(bytes), flows: 1 }
  })
}

describe('sink-flow', () => {
  for (const version of VERSIONS) {
    it(`${version} to nfacctd`, { skip: without('nfacctd') }, async context => {
      assertSameSums(await sent(version), await nfacctd(context, version), KEYS)
    })
    it(`${version} to nfcapd`, { skip: without('nfcapd', 'nfdump') }, async context => {
      assertSameSums(await sent(version), await nfcapd(context, version), ['ip_src', 'ip_dst'])
    })
  }
})
