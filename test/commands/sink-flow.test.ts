// sink-flow to flow-recv: what comes out is what went in, but for what the version cannot say.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { listening } from '../services/programs.ts'
import { Authority, noOpenssl } from '../support/authority.ts'
import { ended, netally, REPOSITORY, records, start } from '../support/cli.ts'
import { freeTcpPort, freeUdpPort } from '../support/free-port.ts'
import { statsLines } from '../support/stats.ts'

const DEMO = join(REPOSITORY, 'examples', 'demo', 'exporters.pcap')
type Row = { readonly [name: string]: unknown }

/** Whether the fields of each record come back as they went, in milliseconds where they are times. */
const FIELDS = [
  ...['ip_src', 'ip_dst', 'port_src', 'port_dst', 'ip_proto', 'tos', 'tcp_flags', 'packets', 'bytes'],
  ...['as_src', 'as_dst', 'iface_in', 'iface_out', 'mask_src', 'mask_dst', 'timestamp_start', 'timestamp_end'],
]
const shown = (row: Row): string =>
  FIELDS.map(name => {
    const value = row[name]
    return name.startsWith('timestamp') && typeof value === 'number'
      ? Math.floor(value * 1000 + 1e-3)
      : String(value ?? 0)
  }).join(' ')

const sentRows = async (): Promise<Row[]> => records((await netally(['flow-recv', '--pcap', DEMO])).stdout)

/** What a flow-recv has received when the sink is done. */
async function through(
  context: TestContext,
  recv: readonly string[],
  ready: Promise<unknown> | (() => Promise<unknown>),
  sink: readonly string[],
  rows: readonly Row[],
) {
  const receiver = start(['flow-recv', ...recv, '--stats'])
  context.after(() => receiver.kill('SIGKILL'))
  const ending = ended(receiver)
  await (typeof ready === 'function' ? ready() : ready)
  const input = rows.map(row => `${JSON.stringify(row)}\n`).join('')
  const out = await netally(['sink-flow', ...sink, '--stats'], input)
  assert.equal(out.status, 0, out.stderr)
  receiver.kill('SIGTERM')
  const { stdout, stderr } = await ending
  return { back: records(stdout) as Row[], stats: statsLines(out.stderr)[0], received: statsLines(stderr)[0] }
}

for (const version of ['ipfix', 'netflow9', 'netflow5']) {
  test(`${version} over UDP`, async context => {
    const all = await sentRows()
    const rows = version === 'netflow5' ? all.filter(({ ip_src }) => !String(ip_src).includes(':')) : all
    const port = await freeUdpPort()
    const sink = [`127.0.0.1:${port}`, '--version', version, '--rate', '400', '--domain', '7']
    const { back, stats, received } = await through(
      context,
      ['--listen', `127.0.0.1:${port}`],
      () => listening(port),
      sink,
      all,
    )
    assert.equal(back.length, rows.length)
    const as16 = (row: Row): Row => ({
      ...row,
      ...Object.fromEntries(
        ['as_src', 'as_dst'].map(name => [
          name,
          version === 'netflow5' && Number(row[name]) > 65_535 ? 23_456 : row[name],
        ]),
      ),
    })
    assert.deepEqual(back.map(shown), rows.map(as16).map(shown))
    assert.ok(back.every(({ export_proto_sysid }) => export_proto_sysid === 7))
    assert.equal(stats?.balance, 0)
    assert.equal(stats?.out, rows.length)
    assert.equal(stats?.dropped.ipv6 ?? 0, all.length - rows.length)
    for (const { name, value } of received?.readings ?? []) {
      if (name.startsWith('exporter_sequence') || name === 'exporter_malformed') assert.equal(value, 0, name)
    }
  })
}

test('IPFIX over TCP', async context => {
  const [rows, port] = [await sentRows(), await freeTcpPort()]
  const sink = [`127.0.0.1:${port}`, '--transport', 'tcp']
  const { back } = await through(context, ['--listen-tcp', `127.0.0.1:${port}`], () => listeningTcp(port), sink, rows)
  assert.deepEqual(back.map(shown), rows.map(shown))
})

test('IPFIX over TLS, with certificates of both', { skip: noOpenssl }, async context => {
  const authority = new Authority(context)
  authority.issue('collector')
  authority.issue('exporter')
  const [rows, port] = [await sentRows(), await freeTcpPort()]
  const of = (name: string) => ['--tls-cert', authority.path(`${name}.pem`), '--tls-key', authority.path(`${name}.key`)]
  const ca = ['--tls-ca', authority.path('ca.pem')]
  const recv = ['--listen-tls', `127.0.0.1:${port}`, ...of('collector'), ...ca]
  const sink = [`127.0.0.1:${port}`, '--transport', 'tls', ...of('exporter'), ...ca]
  const { back } = await through(context, recv, () => listeningTcp(port), sink, rows)
  assert.deepEqual(back.map(shown), rows.map(shown))
  const stranger = await netally(['sink-flow', `127.0.0.1:${port}`, '--transport', 'tls', '--give-up-after', '1s'], '')
  assert.equal(stranger.status, 1)
})

async function listeningTcp(port: number): Promise<void> {
  const { connect } = await import('node:net')
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = connect(port, '127.0.0.1')
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (open) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

test('what cannot be said is left out and counted; wrong words', async context => {
  const port = await freeUdpPort()
  const row = {
    ip_src: '192.0.2.1',
    ip_dst: '192.0.2.2',
    packets: 1,
    bytes: 2 ** 40,
    as_path: [64496],
    iface_in: 70_000,
  }
  const listen = ['--listen', `127.0.0.1:${port}`]
  const rows = [row, { ...row, bytes: 9 }, { as_path: [1] }]
  const { back, stats } = await through(
    context,
    listen,
    () => listening(port),
    [`127.0.0.1:${port}`, '--version', 'netflow5'],
    rows,
  )
  assert.deepEqual([back.length, back[0]?.bytes], [1, 9])
  assert.equal(stats?.dropped['no-element'], 1)
  assert.equal(stats?.dropped['counter-above-32-bits'], 1)
  assert.equal(stats?.counters['left-out/as_path'], 1)
  assert.ok((stats?.counters['left-out/iface_in'] ?? 0) >= 1)
  const { status, stderr } = await netally(['sink-flow', '127.0.0.1:1', '--version', 'netflow9', '--transport', 'tcp'])
  assert.equal(status, 2)
  assert.match(stderr, /netflow9 goes by UDP only/)
})
