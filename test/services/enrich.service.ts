// nfacctd of pmacct with its BGP or BMP thread on the same datagrams and the same sessions: fields that routes fill, sums equal.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ended, records, scratch, shell } from '../support/cli.ts'
import { freeTcpPort, freeUdpPort } from '../support/free-port.ts'
import { agents, announce, announceByBmp, bmpFile, DEMO, type Exporter, exporters, routesFile } from './demo-routers.ts'
import { listening, payloadsOf, says, send, startProgram, taken, without } from './programs.ts'
import { assertSameSums, type Row } from './sums.ts'

/** What a thread of nfacctd still has to do when its socket is empty. */
const SETTLE_MS = 2500
/** On a busy machine one of its plugins now and then loses a record; the plugins' sums of flows then differ. */
const RUNS = 4

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

type Protocol = 'bgp' | 'bmp'

/** What nfacctd asks its threads, and what they listen on. */
const THREADS: { readonly [protocol in Protocol]: (port: number) => { readonly [name: string]: unknown } } = {
  bgp: port => ({
    bgp_daemon: 'true',
    bgp_daemon_ip: '127.0.0.1',
    bgp_daemon_port: port,
    bgp_daemon_max_peers: 10,
    bgp_daemon_id: '127.0.0.9',
  }),
  bmp: port => ({
    bmp_daemon: 'true',
    bmp_daemon_ip: '127.0.0.1',
    bmp_daemon_port: port,
    bmp_daemon_max_peers: 10,
  }),
}

function configuration(folder: string, flowPort: number, protocol: Protocol, port: number): string {
  const plugins = Object.values(COMPARISONS).map(({ by }, index) => ({
    [`aggregate[p${index}]`]: [...by, 'flows'].join(', '),
    [`print_output_file[p${index}]`]: outputOf(folder, index),
  }))
  const lines = {
    daemonize: 'false',
    nfacctd_ip: '127.0.0.1',
    nfacctd_port: flowPort,
    nfacctd_as: protocol,
    nfacctd_net: protocol,
    ...THREADS[protocol](port),
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

const flowsOf = (rows: readonly Row[]): number => rows.reduce((sum, { flows }) => sum + Number(flows), 0)

/** A run of nfacctd in which each of its plugins had every flow. */
async function nfacctd(context: TestContext, all: readonly Exporter[], protocol: Protocol): Promise<Row[][]> {
  for (let run = 1; run < RUNS; run++) {
    const tables = await oneRun(context, all, protocol)
    const flows = tables.map(flowsOf)
    if (new Set(flows).size === 1) return tables
    context.diagnostic(`nfacctd lost records: its plugins have ${flows.join(', ')} flows; once more`)
  }
  return await oneRun(context, all, protocol)
}

async function oneRun(context: TestContext, all: readonly Exporter[], protocol: Protocol): Promise<Row[][]> {
  const folder = scratch(context)
  const [flowPort, port] = [await freeUdpPort(), await freeTcpPort()]
  const file = join(folder, 'nfacctd.conf')
  writeFileSync(file, configuration(folder, flowPort, protocol, port))
  const child = startProgram(context, ['nfacctd', '-f', file], folder)
  const ending = ended(child)
  await says(child, `waiting for ${protocol.toUpperCase()} data`)
  await listening(flowPort)
  await (protocol === 'bgp' ? announce : announceByBmp)(context, port, all)
  await pause(SETTLE_MS)
  await send(payloadsOf(DEMO), flowPort)
  assert.equal(await taken(flowPort), 0, 'the kernel dropped datagrams of nfacctd')
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

const ENRICH: {
  readonly [protocol in Protocol]: (context: TestContext, all: readonly Exporter[]) => Promise<string>
} = {
  // Flows of the second exporter name a VRF; Debian's nfacctd (1.7.7) looks such flows up in the global table.
  bgp: async (context, all) =>
    `--bgp ${await routesFile(context, all)} --bgp-agent-map ${agents(context, all)} --vpn-fallback`,
  bmp: async (context, all) => `--bmp ${await bmpFile(context, all)} --bmp-agent-map ${agents(context, all, 'bmp_ip')}`,
}

for (const protocol of ['bgp', 'bmp'] as const) {
  describe(`enrich and nfacctd with ${protocol.toUpperCase()}`, () => {
    it('v5, v9 and IPFIX', { skip: without('nfacctd') }, async context => {
      const all = await exporters()
      const [theirs, routes] = [await nfacctd(context, all, protocol), await ENRICH[protocol](context, all)]
      // Equal sums say little where no thread answered.
      const ases = (theirs[0] as Row[]).filter(({ as_dst }) => Number(as_dst) > 0)
      assert.ok(ases.length > 10, `nfacctd knows ${ases.length} destinations`)
      const source = '--wait-for end --peer-src-as bgp --src as_path,std_comm,local_pref,med'
      for (const [index, [title, { by, keys }]] of Object.entries(COMPARISONS).entries()) {
        await context.test(title, async () => {
          const sums = `netally aggregate --by ${[...by, 'flows'].join(',')} --compat pmacct`
          const line = `netally flow-recv --pcap ${DEMO} | netally enrich ${routes} ${source} | ${sums}`
          const { stdout, stderr, status } = await shell(line)
          assert.equal(status, 0, stderr)
          assertSameSums(records(stdout).map(withoutNextHopOfV5), theirs[index] as Row[], keys)
        })
      }
    })
  })
}
