// nfacctd of pmacct on the same datagrams, received live: sums equal to the last octet.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { writeBigCapture } from '../support/big-capture.ts'
import { ended, REPOSITORY, records, scratch, shell } from '../support/cli.ts'
import { freeUdpPort } from '../support/free-port.ts'
import { payloadsOf, says, send, startProgram, taken, without } from './programs.ts'
import { assertSameSums, type Row } from './sums.ts'
import { writeSecondsCapture, writeTimedCapture } from './timed-capture.ts'

/** NetFlow v5, v9 and IPFIX of three exporters; IPv4 and IPv6. */
const DEMO = join(REPOSITORY, 'examples', 'demo', 'exporters.pcap')
/** What a plugin of nfacctd still has to do when the socket is empty. */
const SETTLE_MS = 1500

interface Comparison {
  /** pmacct's aggregate list. */
  readonly by: readonly string[]
  /** JSON keys that make a row. */
  readonly keys: readonly string[]
  readonly history?: string
  /** What pmacct is asked for instead, and what is made of its rows. */
  readonly of?: { readonly by: readonly string[]; readonly rows: (row: Row) => Row[] }
}

/** A way to collect that both are told. */
interface Way {
  readonly theirs: { readonly [key: string]: string }
  readonly ours: string
}

const USUAL: Way = { theirs: {}, ours: '' }
const UPTIME_SECONDS: Way = { theirs: { nfacctd_time_secs: 'true' }, ours: '--uptime-seconds' }

const COMPARISONS: { readonly [title: string]: Comparison } = {
  'AS pairs': { by: ['src_as', 'dst_as'], keys: ['as_src', 'as_dst'] },
  '5-tuples': {
    by: ['src_host', 'dst_host', 'src_port', 'dst_port', 'proto'],
    keys: ['ip_src', 'ip_dst', 'port_src', 'port_dst', 'ip_proto'],
  },
  'interfaces of an exporter, TOS, flags ORed': {
    by: ['peer_src_ip', 'in_iface', 'out_iface', 'tos', 'tcpflags'],
    keys: ['peer_ip_src', 'iface_in', 'iface_out', 'tos', 'tcp_flags'],
  },
  'nets and masks': {
    by: ['src_net', 'src_mask', 'dst_net', 'dst_mask'],
    keys: ['net_src', 'mask_src', 'net_dst', 'mask_dst'],
  },
  'address families and protocols': { by: ['etype', 'proto'], keys: ['etype', 'ip_proto'] },
  'times in whole seconds': {
    by: ['src_host', 'timestamp_start', 'timestamp_end'],
    keys: ['ip_src', 'timestamp_start', 'timestamp_end'],
  },
  'both ends: hosts': { by: ['sum_host'], keys: ['ip_src'] },
  'both ends: ASes': { by: ['sum_as'], keys: ['as_src'] },
  'both ends: ports': { by: ['sum_port'], keys: ['port_src'] },
  // nfacctd 1.7.7 enters the net of the source twice, so its pairs are taken.
  'both ends: nets': {
    by: ['sum_net'],
    keys: ['net_src'],
    of: { by: ['src_net', 'dst_net'], rows: row => [row, { ...row, net_src: row.net_dst }] },
  },
}
/** nfacctd counts a flow that starts in the first second of a bin to the bin before, so these have a capture of their own. */
const BINS: { readonly [title: string]: Comparison } = {
  'bins of a minute': { by: ['src_host'], keys: ['ip_src', 'stamp_inserted'], history: '1m' },
  'bins of five minutes': {
    by: ['proto', 'dst_port'],
    keys: ['ip_proto', 'port_dst', 'stamp_inserted'],
    history: '5m',
  },
  'bins of an hour': { by: ['src_host'], keys: ['ip_src', 'stamp_inserted'], history: '1h' },
}

const outputOf = (folder: string, index: number): string => join(folder, `sums-${index}.json`)

/** One print plugin a comparison. */
function configuration(folder: string, port: number, comparisons: readonly Comparison[], { theirs }: Way): string {
  const plugins = comparisons.map(({ by, history, of }, index) => ({
    [`aggregate[p${index}]`]: [...(of?.by ?? by), 'flows'].join(', '),
    [`print_output_file[p${index}]`]: outputOf(folder, index),
    // Without a round-off its bins start when the program does.
    ...(history ? { [`print_history[p${index}]`]: history, [`print_history_roundoff[p${index}]`]: 'h' } : {}),
  }))
  const lines = {
    daemonize: 'false',
    nfacctd_ip: '127.0.0.1',
    nfacctd_port: port,
    nfacctd_as: 'netflow',
    nfacctd_net: 'netflow',
    timestamps_secs: 'true',
    plugins: plugins.map((_, index) => `print[p${index}]`).join(', '),
    print_output: 'json',
    print_output_file_append: 'true',
    print_refresh_time: 3600,
    plugin_pipe_size: 32_000_000,
    ...theirs,
    ...Object.assign({}, ...plugins),
  }
  return Object.entries(lines)
    .map(([name, value]) => `${name}: ${String(value)}\n`)
    .join('')
}

/** Exporter 192.0.2.n sends from 127.0.0.(10 + n). */
const asInCapture = (row: Row): Row =>
  typeof row.peer_ip_src === 'string'
    ? { ...row, peer_ip_src: row.peer_ip_src.replace(/^127\.0\.0\.1(\d)$/, '192.0.2.$1') }
    : row

/** What nfacctd makes of a capture, a list of rows for each comparison. */
async function nfacctd(
  context: TestContext,
  capture: string,
  comparisons: readonly Comparison[],
  way: Way,
): Promise<Row[][]> {
  const folder = scratch(context)
  const port = await freeUdpPort()
  const file = join(folder, 'nfacctd.conf')
  writeFileSync(file, configuration(folder, port, comparisons, way))
  const child = startProgram(context, ['nfacctd', '-f', file], folder)
  const ending = ended(child)
  await says(child, 'waiting for NetFlow/IPFIX data')
  await send(payloadsOf(capture), port)
  assert.equal(await taken(port), 0, 'the kernel dropped datagrams of nfacctd')
  await pause(SETTLE_MS)
  child.kill('SIGINT')
  const { stdout, stderr } = await ending
  return comparisons.map(({ of }, index) => {
    try {
      const rows = records(readFileSync(outputOf(folder, index), 'utf8')).map(asInCapture)
      return of ? rows.flatMap(of.rows) : rows
    } catch {
      throw new Error(`nfacctd wrote nothing: ${stdout}${stderr}`)
    }
  })
}

async function ours(capture: string, { by, history }: Comparison, way: Way): Promise<Row[]> {
  const bin = history ? ` --bin ${history}` : ''
  const sums = `netally aggregate --by ${[...by, 'flows'].join(',')}${bin} --compat pmacct`
  const source = `netally flow-recv --pcap ${capture} --timestamps-secs ${way.ours}`
  const { stdout, stderr, status } = await shell(`${source} | ${sums}`)
  assert.equal(status, 0, stderr)
  return records(stdout)
}

const skip = without('nfacctd')

/** Declares a test for each comparison of a capture; nfacctd runs once for all. */
function compare(
  what: string,
  write: (context: TestContext) => string,
  table: { [title: string]: Comparison },
  way = USUAL,
): void {
  it(what, { skip }, async context => {
    const capture = write(context)
    const theirs = await nfacctd(context, capture, Object.values(table), way)
    for (const [index, [title, comparison]] of Object.entries(table).entries()) {
      await context.test(title, async () => {
        assertSameSums(await ours(capture, comparison, way), theirs[index] as Row[], comparison.keys)
      })
    }
  })
}

describe('nfacctd', () => {
  compare('v5, v9 and IPFIX', () => DEMO, COMPARISONS)

  compare(
    'IPFIX over three hours',
    context => {
      const path = join(scratch(context), 'timed.pcap')
      writeTimedCapture(path)
      return path
    },
    BINS,
  )

  compare(
    'NetFlow v5 of an exporter that counts its uptime in seconds',
    context => {
      const path = join(scratch(context), 'seconds.pcap')
      writeSecondsCapture(path)
      return path
    },
    { 'bins of a minute': BINS['bins of a minute'] as Comparison },
    UPTIME_SECONDS,
  )

  compare(
    '40,000 records of NetFlow v9',
    context => {
      const path = join(scratch(context), 'big.pcap')
      writeBigCapture(path, 2000)
      return path
    },
    { '5-tuples': COMPARISONS['5-tuples'] as Comparison },
  )
})
