// nfacctd of pmacct with its BGP thread on the same datagrams and the same sessions: fields that routes fill, sums equal.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ended, records, scratch, shell } from '../support/cli.ts'
import { freeTcpPort } from './bgp-peers.ts'
import { agents, announce, DEMO, type Exporter, exporters, routesFile } from './demo-routers.ts'
import { freeUdpPort, listening, payloadsOf, says, send, startProgram, taken, without } from './programs.ts'
import { assertSameSums, type Row } from './sums.ts'

/** What a thread of nfacctd still has to do when its socket is empty. */
const SETTLE_MS = 2500

interface Comparison {
  readonly by: readonly string[]
  readonly keys: readonly string[]
}

const COMPARISONS: { readonly [title: string]: Comparison } = {
  'AS pairs': { by: ['src_as', 'dst_as'], keys: ['as_src', 'as_dst'] },
  'peer ASes and next hop': {
    by: ['peer_src_ip', 'peer_src_as', 'peer_dst_as', 'peer_dst_ip'],
    keys: ['peer_ip_src', 'peer_as_src', 'peer_as_dst', 'peer_ip_dst'],
  },
  'paths and communities': { by: ['as_path', 'std_comm', 'lrg_comm'], keys: ['as_path', 'comms', 'lcomms'] },
  'local preference and MED': { by: ['local_pref', 'med'], keys: ['local_pref', 'med'] },
  'nets and masks': {
    by: ['src_net', 'src_mask', 'dst_net', 'dst_mask'],
    keys: ['net_src', 'mask_src', 'net_dst', 'mask_dst'],
  },
  'attributes of the source': {
    by: ['src_as_path', 'src_std_comm', 'src_local_pref', 'src_med'],
    keys: ['as_path_src', 'comms_src', 'local_pref_src', 'med_src'],
  },
}

/** Exporter 192.0.2.n sends from 127.0.0.(10 + n). */
const asInCapture = (row: Row): Row =>
  typeof row.peer_ip_src === 'string'
    ? { ...row, peer_ip_src: row.peer_ip_src.replace(/^127\.0\.0\.1(\d)$/, '192.0.2.$1') }
    : row
/** For NetFlow v5 nfacctd leaves the next hop empty, whatever its routes say. */
const withoutNextHopOfV5 = (row: Row): Row => (row.peer_ip_src === '192.0.2.3' ? { ...row, peer_ip_dst: '' } : row)

const outputOf = (folder: string, index: number): string => join(folder, `sums-${index}.json`)

function configuration(folder: string, ports: { flows: number; bgp: number }): string {
  const plugins = Object.values(COMPARISONS).map(({ by }, index) => ({
    [`aggregate[p${index}]`]: [...by, 'flows'].join(', '),
    [`print_output_file[p${index}]`]: outputOf(folder, index),
  }))
  const lines = {
    daemonize: 'false',
    nfacctd_ip: '127.0.0.1',
    nfacctd_port: ports.flows,
    nfacctd_as: 'bgp',
    nfacctd_net: 'bgp',
    bgp_daemon: 'true',
    bgp_daemon_ip: '127.0.0.1',
    bgp_daemon_port: ports.bgp,
    bgp_daemon_max_peers: 10,
    bgp_daemon_id: '127.0.0.9',
    bgp_peer_src_as_type: 'bgp',
    bgp_src_as_path_type: 'bgp',
    bgp_src_std_comm_type: 'bgp',
    bgp_src_local_pref_type: 'bgp',
    bgp_src_med_type: 'bgp',
    plugins: plugins.map((_, index) => `print[p${index}]`).join(', '),
    print_output: 'json',
    print_output_file_append: 'true',
    print_refresh_time: 3600,
    plugin_pipe_size: 32_000_000,
    ...Object.assign({}, ...plugins),
  }
  return Object.entries(lines)
    .map(([name, value]) => `${name}: ${String(value)}\n`)
    .join('')
}

async function nfacctd(context: TestContext, all: readonly Exporter[]): Promise<Row[][]> {
  const folder = scratch(context)
  const ports = { flows: await freeUdpPort(), bgp: await freeTcpPort() }
  const file = join(folder, 'nfacctd.conf')
  writeFileSync(file, configuration(folder, ports))
  const child = startProgram(context, ['nfacctd', '-f', file], folder)
  const ending = ended(child)
  await says(child, 'waiting for BGP data')
  await listening(ports.flows)
  await announce(context, ports.bgp, all)
  await pause(SETTLE_MS)
  await send(payloadsOf(DEMO), ports.flows)
  assert.equal(await taken(ports.flows), 0, 'the kernel dropped datagrams of nfacctd')
  await pause(SETTLE_MS)
  child.kill('SIGINT')
  const { stdout, stderr } = await ending
  return Object.values(COMPARISONS).map((_, index) => {
    try {
      return records(readFileSync(outputOf(folder, index), 'utf8')).map(asInCapture)
    } catch {
      throw new Error(`nfacctd wrote nothing: ${stdout}${stderr}`)
    }
  })
}

describe('enrich and nfacctd with BGP', () => {
  it('v5, v9 and IPFIX', { skip: without('nfacctd') }, async context => {
    const all = await exporters()
    const [theirs, routes] = [await nfacctd(context, all), await routesFile(context, all)]
    const enrich = `netally enrich --bgp ${routes} --bgp-agent-map ${agents(context, all)} --wait-for end`
    // Flows of the second exporter name a VRF; Debian's nfacctd (1.7.7) looks such flows up in the global table.
    const source = '--vpn-fallback --peer-src-as bgp --src as_path,std_comm,local_pref,med'
    for (const [index, [title, { by, keys }]] of Object.entries(COMPARISONS).entries()) {
      await context.test(title, async () => {
        const sums = `netally aggregate --by ${[...by, 'flows'].join(',')} --compat pmacct`
        const line = `netally flow-recv --pcap ${DEMO} | ${enrich} ${source} | ${sums}`
        const { stdout, stderr, status } = await shell(line)
        assert.equal(status, 0, stderr)
        assertSameSums(records(stdout).map(withoutNextHopOfV5), theirs[index] as Row[], keys)
      })
    }
  })
})
