// sink-flow to real collectors: what they count is what went in.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ended, REPOSITORY, records, scratch, shell } from '../support/cli.ts'
import { freeTcpPort, freeUdpPort } from '../support/free-port.ts'
import { until } from '../support/stats.ts'
import { listening, runProgram, says, startProgram, taken, without } from './programs.ts'
import { GO_PROGRAMS, goProgram } from './servers/go.ts'
import { assertSameSums, type Row } from './sums.ts'

const DEMO = join(REPOSITORY, 'examples', 'demo', 'exporters.pcap')
const VERSIONS = ['ipfix', 'netflow9', 'netflow5'] as const
type Version = (typeof VERSIONS)[number]
type Give = (port: number) => Promise<void>
const KEYS = ['ip_src', 'ip_dst', 'port_src', 'port_dst', 'ip_proto']
const BY = 'src_host,dst_host,src_port,dst_port,proto'
/** What a plugin of nfacctd still has to do when the socket is empty. */
const SETTLE_MS = 1500

/** v5 has no IPv6. */
const filterOf = (version: string): string => (version === 'netflow5' ? "| netally filter 'ip' " : '')

async function exported(version: string, port: number, filter = filterOf(version)): Promise<void> {
  const sink = `netally sink-flow 127.0.0.1:${port} --version ${version} --rate 400`
  const { status, stderr } = await shell(`netally flow-recv --pcap ${DEMO} ${filter}| ${sink}`)
  assert.equal(status, 0, stderr)
  assert.equal(await taken(port), 0, 'the kernel dropped datagrams')
}

async function sent(version: Version): Promise<Row[]> {
  const sums = `netally aggregate --by ${BY},flows --compat pmacct`
  const { stdout, stderr, status } = await shell(`netally flow-recv --pcap ${DEMO} ${filterOf(version)}| ${sums}`)
  assert.equal(status, 0, stderr)
  return records(stdout)
}

/** Packets and bytes times the sampling rate: what a collector of samples shall have. */
async function multiplied(): Promise<Row[]> {
  const line = `netally flow-recv --pcap ${DEMO} --renormalize | netally filter 'sampling_rate > 0 and not icmp'`
  const { stdout, stderr, status } = await shell(`${line} | netally aggregate --by ${BY} --compat pmacct`)
  assert.equal(status, 0, stderr)
  return records(stdout)
}

async function accounted(
  context: TestContext,
  program: 'nfacctd' | 'sfacctd',
  settings: { readonly [name: string]: string },
  ready: string,
  giveTo: Give,
): Promise<Row[]> {
  const [folder, port] = [scratch(context), await freeUdpPort()]
  const [file, output] = [join(folder, 'collector.conf'), join(folder, 'sums.json')]
  const lines = {
    daemonize: 'false',
    [`${program}_ip`]: '127.0.0.1',
    [`${program}_port`]: port,
    plugins: 'print',
    print_output: 'json',
    print_output_file: output,
    print_refresh_time: 3600,
    plugin_pipe_size: 32_000_000,
    ...settings,
  }
  writeFileSync(
    file,
    Object.entries(lines)
      .map(([name, value]) => `${name}: ${value}\n`)
      .join(''),
  )
  const child = startProgram(context, [program, '-f', file], folder)
  const ending = ended(child)
  await says(child, ready)
  await giveTo(port)
  assert.equal(await taken(port), 0, 'the kernel dropped datagrams')
  await pause(SETTLE_MS)
  child.kill('SIGINT')
  await ending
  return records(readFileSync(output, 'utf8'))
}

const aggregate = (by: string): string => by.replaceAll(',', ', ')

function nfacctd(context: TestContext, _version: string, by: string, giveTo: Give): Promise<Row[]> {
  const settings = { aggregate: `${aggregate(by)}, flows` }
  return accounted(context, 'nfacctd', settings, 'waiting for NetFlow/IPFIX data', giveTo)
}

function sfacctd(context: TestContext, giveTo: Give, by = BY): Promise<Row[]> {
  const settings = { aggregate: aggregate(by), sfacctd_renormalize: 'true' }
  return accounted(context, 'sfacctd', settings, 'waiting for sFlow data', giveTo)
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

/** With the values of one flow of each family: what a program makes of the very fields. */
const FLOWS = [
  {
    ...{ timestamp_arrival: 1767603605, peer_ip_src: '192.0.2.1', iface_in: 7, iface_out: 8, iface_name_in: 'Gi0/0/7' },
    ...{ mac_src: '02:00:00:00:00:0a', mac_dst: '02:00:00:00:00:0b', vlan_in: 12, cos: 3, tag: 77, label: 'blue' },
    ...{ as_src: 64496, as_dst: 64511, ip_src: '198.51.100.7', ip_dst: '203.0.113.9', mask_src: 24, mask_dst: 20 },
    ...{ port_src: 53, port_dst: 40000, ip_proto: 'tcp', tcp_flags: 27, tos: 184, ip_next_hop: '192.0.2.254' },
    ...{
      peer_ip_dst: '192.0.2.253',
      class: 'dns',
      username: 'alice',
      comms: ['64496:7'],
      mpls_label_stack: [16001, 24],
    },
    ...{ sampling_rate: 100, timestamp_start: 1767603600.125, timestamp_end: 1767603604.5, packets: 3, bytes: 399 },
  },
  {
    ...{
      timestamp_arrival: 1767603605,
      peer_ip_src: '192.0.2.1',
      iface_in: 7,
      iface_out: 8,
      as_src: 64496,
      as_dst: 64500,
    },
    ...{ ip_src: '2001:db8::7', ip_dst: '2001:db8::9', mask_src: 48, mask_dst: 32, port_src: 53, port_dst: 40001 },
    ...{ ip_proto: 'udp', tos: 0, sampling_rate: 100, packets: 1, bytes: 90 },
    ...{ timestamp_start: 1767603600.125, timestamp_end: 1767603604.5 },
  },
]
const INPUT = FLOWS.map(flow => `${JSON.stringify(flow)}\n`).join('')

async function give(words: string, input = INPUT): Promise<void> {
  const { status, stderr } = await shell(`netally sink-flow ${words}`, input)
  assert.equal(status, 0, stderr)
}

const DETAILS =
  'src_host,dst_host,src_mac,dst_mac,vlan,src_as,dst_as,src_mask,dst_mask,src_port,dst_port,proto,tos,tcpflags'
const MORE = `${DETAILS},in_iface,out_iface,peer_dst_ip,tag,label,sampling_rate,timestamp_start,timestamp_end`
const EXPECTED: Row = {
  ...{
    ip_src: '198.51.100.7',
    ip_dst: '203.0.113.9',
    mac_src: '02:00:00:00:00:0a',
    mac_dst: '02:00:00:00:00:0b',
    vlan: 12,
  },
  ...{
    as_src: 64496,
    as_dst: 64511,
    mask_src: 24,
    mask_dst: 20,
    port_src: 53,
    port_dst: 40000,
    ip_proto: 'tcp',
    tos: 184,
  },
  ...{ tcp_flags: '27', iface_in: 7, iface_out: 8, peer_ip_dst: '192.0.2.253' },
  ...{ sampling_rate: 100, packets: 3, bytes: 399 },
}

function assertHas(row: Row | undefined, expected: Row): void {
  assert.ok(row, 'the program has no such flow')
  for (const [name, value] of Object.entries(expected)) assert.equal(row[name], value, name)
}

/** What tshark says of a capture that sink-flow wrote: lines without their indent. */
async function dissected(context: TestContext, version: string, decode: string): Promise<string[]> {
  const capture = join(scratch(context), 'messages.pcap')
  await give(`--version ${version} --output ${capture} --samplers --statistics --element-types`, INPUT)
  const { stdout, status } = await runProgram(context, ['tshark', '-r', capture, ...decode.split(' '), '-V'])
  assert.equal(status, 0)
  assert.doesNotMatch(stdout, /Malformed|Expert Info \(Error/)
  return stdout.split('\n').map(line => line.trim())
}

const LINES: { readonly [version: string]: readonly string[] } = {
  ipfix: [
    ...['SrcAddr: 198.51.100.7', 'DstAddr: 2001:db8::9', 'SrcPort: 53', 'Octets: 399', 'Packets: 3', 'DstAS: 64511'],
    ...['ExporterAddr: 192.0.2.1', 'IfName: Gi0/0/7', 'Sampling Packet Space: 99', 'User Name: alice', 'Vlan Id: 12'],
    ...['ApplicationName: dns', 'TCP Flags: 0x1b, ACK, PSH, SYN, FIN', 'MPLS-Label2: 24 exp-bits: 0 bottom-of-stack'],
    ...['BGP Destination Community: 0301e30004fbf00007', 'Information Element Name: label'],
    'EndTime: Jan  5, 2026 09:00:04.500000000 UTC',
  ],
  netflow9: [
    ...[
      'SrcAddr: 198.51.100.7',
      'DstAddr: 2001:db8::9',
      'DstPort: 40001',
      'Octets: 399',
      'OutputInt: 8',
      'IP ToS: 0xb8',
    ],
    ...[
      'ScopeInterface: 7',
      'IfName: Gi0/0/7',
      'SamplerID: 1',
      'SamplerRandomInterval: 100',
      'SrcMask: 24',
      'SrcMask: 48',
    ],
    ...['StartTime: 1727995.125000000 seconds', 'BGPNextHop: 192.0.2.253', 'MPLS-Label1: 16001 exp-bits: 0'],
  ],
  netflow5: [
    'SrcAddr: 198.51.100.7',
    'DstPort: 40000',
    'Octets: 399',
    'Packets: 3',
    'DstAS: 64511',
    'NextHop: 192.0.2.254',
  ],
  sflow: [
    ...[
      'Agent address: 192.0.2.1',
      'Sampling rate: 1 out of 300 packets',
      'Frame Length: 133',
      'Source Address: 198.51.100.7',
    ],
    ...[
      'Incoming 802.1Q VLAN: 12',
      'Next hop: 192.0.2.254',
      'AS Source: 64496',
      'AS Destination: 64511',
      'Source User: alice',
    ],
    ...['Destination IP address: 2001:db8::9', 'Length of IP Packet: 90', 'Sampling rate: 1 out of 100 packets'],
  ],
}
const DECODE: { readonly [version: string]: string } = {
  ipfix: '-d udp.port==4739,cflow',
  netflow9: '-d udp.port==2055,cflow',
  netflow5: '-d udp.port==2055,cflow',
  sflow: '-d udp.port==6343,sflow',
}

/** The flows that goflow2 writes, of all versions. */
async function goflow2(context: TestContext, program: string): Promise<Row[]> {
  const [port, sflowPort, web] = [await freeUdpPort(), await freeUdpPort(), await freeTcpPort()]
  const listen = `netflow://127.0.0.1:${port},sflow://127.0.0.1:${sflowPort}`
  const child = startProgram(context, [program, '-listen', listen, '-addr', `127.0.0.1:${web}`])
  let text = ''
  child.stdout?.on('data', octets => {
    text += octets
  })
  for (const each of [port, sflowPort]) await listening(each)
  for (const version of VERSIONS) await give(`127.0.0.1:${port} --version ${version}`)
  await give(`127.0.0.1:${sflowPort} --version sflow --frames`)
  // Two flows each, of v5 the one of IPv4.
  await until(() => text.split('\n').length > 7)
  return records(text)
}

describe('sink-flow', () => {
  for (const version of VERSIONS) {
    it(`${version} to nfacctd`, { skip: without('nfacctd') }, async context => {
      const received = await nfacctd(context, version, BY, port => exported(version, port))
      assertSameSums(await sent(version), received, KEYS)
    })
    it(`${version} to nfcapd`, { skip: without('nfcapd', 'nfdump') }, async context => {
      assertSameSums(await sent(version), await nfcapd(context, version), ['ip_src', 'ip_dst'])
    })
  }

  for (const samplers of ['', '--samplers']) {
    for (const version of ['ipfix', 'netflow9']) {
      it(`${version} ${samplers} to nfacctd, each field`, { skip: without('nfacctd') }, async context => {
        const rows = await nfacctd(context, version, MORE, port =>
          give(`127.0.0.1:${port} --version ${version} ${samplers}`),
        )
        assert.equal(rows.length, 2)
        const row = rows.find(({ ip_src }) => ip_src === '198.51.100.7')
        const own = version === 'ipfix' ? { tag: 77, label: 'blue' } : {}
        assertHas(row, { ...EXPECTED, ...own })
        assertHas(
          rows.find(({ ip_src }) => ip_src === '2001:db8::7'),
          { ip_dst: '2001:db8::9', mask_src: 48, bytes: 90, sampling_rate: 100 },
        )
        // nfacctd counts whole seconds of the uptime.
        assert.match(String(row?.timestamp_start), version === 'ipfix' ? /:00\.125000/ : /:01\.000000/)
        assert.match(String(row?.timestamp_end), version === 'ipfix' ? /:04\.500000/ : /:05\.000000/)
      })
    }
  }

  it('sFlow to sfacctd, which multiplies', { skip: without('sfacctd') }, async context => {
    const rows = await sfacctd(context, port =>
      exported('sflow', port, '| netally filter "sampling_rate > 0 and not icmp" '),
    )
    assertSameSums(
      await multiplied(),
      rows.map(row => ({ ...row, flows: 0 })),
      KEYS,
    )
  })

  it('sFlow to sfacctd, each field', { skip: without('sfacctd') }, async context => {
    const rows = await sfacctd(context, port => give(`127.0.0.1:${port} --version sflow`), DETAILS)
    const { peer_ip_dst, sampling_rate, iface_in, iface_out, tcp_flags, ...fields } = EXPECTED
    const row = rows.find(({ ip_src }) => ip_src === '198.51.100.7')
    assertHas(row, { ...fields, packets: 300, bytes: 39_900 })
    assertHas(
      rows.find(({ ip_src }) => ip_src === '2001:db8::7'),
      { ip_dst: '2001:db8::9', port_dst: 40001, packets: 100, bytes: 9000 },
    )
  })

  it('all to goflow2, each field', async context => {
    const program = await goProgram(GO_PROGRAMS.goflow2)
    if (typeof program !== 'string') return context.skip(program.skipped)
    const flows = await goflow2(context, program)
    const v4 = {
      src_addr: '198.51.100.7',
      dst_addr: '203.0.113.9',
      proto: 'TCP',
      src_port: 53,
      dst_port: 40000,
      tcp_flags: 27,
    }
    const common = { ...v4, src_as: 64496, dst_as: 64511, in_if: 7, out_if: 8, ip_tos: 184, next_hop: '192.0.2.254' }
    const nets = { src_net: '198.51.100.0/24', dst_net: '203.0.112.0/20' }
    const times = {
      time_flow_start_ns: 1767603600125000000,
      time_flow_end_ns: 1767603604500000000,
      packets: 3,
      bytes: 399,
    }
    const frame = { src_mac: '02:00:00:00:00:0a', dst_mac: '02:00:00:00:00:0b', src_vlan: 12 }
    const of = (type: string, source: string) => flows.find(flow => flow.type === type && flow.src_addr === source)
    assertHas(of('NETFLOW_V5', v4.src_addr), { ...common, ...nets, ...times })
    for (const type of ['NETFLOW_V9', 'IPFIX']) {
      const own = { ...frame, bgp_next_hop: '192.0.2.253' }
      assertHas(of(type, v4.src_addr), { ...common, ...nets, ...times, ...own })
      assert.deepEqual(of(type, v4.src_addr)?.mpls_label, [16001, 24])
      assertHas(of(type, '2001:db8::7'), { dst_addr: '2001:db8::9', src_net: '2001:db8::/48', bytes: 90, proto: 'UDP' })
    }
    const sample = of('SFLOW_5', v4.src_addr)
    assertHas(sample, { ...common, ...nets, ...frame, sampler_address: '192.0.2.1', bytes: 133, sampling_rate: 300 })
    assert.deepEqual(sample?.bgp_communities, [64496 * 65_536 + 7])
    assertHas(of('SFLOW_5', '2001:db8::7'), { dst_addr: '2001:db8::9', dst_port: 40001, bytes: 90, sampling_rate: 100 })
  })

  for (const [version, lines] of Object.entries(LINES)) {
    it(`${version} to tshark, each field`, { skip: without('tshark') }, async context => {
      const said = await dissected(context, version, DECODE[version] as string)
      for (const line of lines) assert.ok(said.includes(line), `tshark does not say "${line}"`)
    })
  }
})
