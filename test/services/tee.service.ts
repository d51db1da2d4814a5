// tee between real programs: exporters before it, two collectors behind it at the same time. Sums are equal to the packets.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { netally, REPOSITORY, records, scratch } from '../support/cli.ts'
import { freeUdpPort } from '../support/free-port.ts'
import { startCounting, statsLines } from '../support/stats.ts'
import { packetsOf, startNfacctd, startNfcapd } from './collectors.ts'
import { writePackets } from './packets.ts'
import { listening, payloadsOf, runProgram, send, taken, without } from './programs.ts'
import { assertSameSums, type Row } from './sums.ts'

const DEMO = join(REPOSITORY, 'examples', 'demo', 'exporters.pcap')
const TUPLE = ['ip_src', 'ip_dst', 'port_src', 'port_dst']
const PRIMITIVES = ['src_host', 'dst_host', 'src_port', 'dst_port']
const notRoot = process.getuid?.() !== 0 && 'raw sockets need root'

async function startTee(context: TestContext, ...words: string[]) {
  const port = await freeUdpPort()
  const { child, said } = await startCounting(context, ['tee', '--listen', `127.0.0.1:${port}`, '--stats', ...words])
  context.after(() => child.kill('SIGKILL'))
  await listening(port)
  const end = async () => {
    assert.equal(await taken(port), 0, 'the kernel dropped datagrams')
    child.kill('SIGTERM')
    if (child.exitCode === null) await once(child, 'exit')
    const [stats] = statsLines(said())
    assert.ok(stats, said())
    return stats
  }
  return { port, end }
}

const EXPORTERS: {
  readonly [name: string]: (version: string, capture: string, to: string, folder: string) => string[]
} = {
  softflowd: (version, capture, to, folder) => [
    ...['softflowd', '-d', '-v', version, '-r', capture, '-n', to],
    ...['-p', join(folder, 'softflowd.pid'), '-c', 'none'],
  ],
  // pmacct's nfprobe.
  pmacctd: (version, capture, to, folder) => {
    const file = join(folder, 'pmacctd.conf')
    const lines = ['daemonize: false', 'aggregate: src_host, dst_host, src_port, dst_port, proto', 'plugins: nfprobe']
    lines.push(`nfprobe_receiver: ${to}`, `nfprobe_version: ${version}`)
    lines.push('plugin_pipe_size: 64000000', 'plugin_buffer_size: 64000')
    writeFileSync(file, lines.map(line => `${line}\n`).join(''))
    return ['pmacctd', '-f', file, '-I', capture]
  },
}

const withoutFlows = ({ flows: _, ...row }: Row): Row => row
const isWeb = (row: Row): boolean => Number(String(row.ip_src).split(/[.:]/).at(-1)) % 2 === 0

describe('tee: an exporter, nfacctd and nfcapd', { skip: without('nfacctd', 'nfcapd', 'nfdump') }, () => {
  for (const [exporter, command] of Object.entries(EXPORTERS)) {
    for (const version of ['5', '9', '10']) {
      it(`${exporter}, version ${version}: both get all`, { skip: without(exporter) }, async context => {
        const [nfacctd, nfcapd] = [await startNfacctd(context, PRIMITIVES), await startNfcapd(context)]
        const to = ['--to', `127.0.0.1:${nfacctd.port}`, '--to', `127.0.0.1:${nfcapd.port}`]
        const tee = await startTee(context, ...to)
        const folder = scratch(context)
        const capture = join(folder, 'packets.pcap')
        const packets = writePackets(capture, { ipv6: version !== '5' })
        await runProgram(context, command(version, capture, `127.0.0.1:${tee.port}`, folder), folder)
        const { counters, readings } = await tee.end()
        const datagrams = readings.filter(({ name }) => name === 'receiver_datagrams').map(({ value }) => value)
        assert.deepEqual(datagrams, [counters.datagrams, counters.datagrams])
        assertSameSums((await nfacctd.rows(packetsOf(packets))).map(withoutFlows), packets, TUPLE)
        const { rows, sequenceErrors } = await nfcapd.end()
        assertSameSums(rows, packets, TUPLE)
        assert.equal(sequenceErrors, 0)
      })
    }
  }

  for (const version of ['5', '9', '10']) {
    const skip = without('softflowd')
    it(`softflowd, version ${version}: each gets its own flows, no gap more`, { skip }, async context => {
      const [nfacctd, nfcapd] = [await startNfacctd(context, PRIMITIVES), await startNfcapd(context)]
      const [whole, folder] = [await startNfcapd(context), scratch(context)]
      const capture = join(folder, 'packets.pcap')
      const packets = writePackets(capture, { ipv6: false })
      const [list, map] = [join(folder, 'tee.lst'), join(folder, 'tags.map')]
      const hosts = [...new Set(packets.map(({ ip_src: source }) => String(source)))]
      const even = hosts.filter(source => isWeb({ ip_src: source }))
      const expression = even.map(source => `host ${source}`).join(' or ')
      writeFileSync(map, `set_tag=1 filter='${expression}'\nset_tag=2 filter='not (${expression})'\n`)
      const to = (id: number, port: number, tag = '') => `id=${id} ip=127.0.0.1:${port}${tag}\n`
      writeFileSync(list, to(1, nfacctd.port, ' tag=1') + to(2, nfcapd.port, ' tag=2') + to(3, whole.port))
      const tee = await startTee(context, '--receivers', list, '--pre-tag-map', map)
      const command = EXPORTERS.softflowd?.(version, capture, `127.0.0.1:${tee.port}`, folder) ?? []
      await runProgram(context, command, folder)
      assert.equal((await tee.end()).counters['not-split'], undefined)
      const [ones, others] = [packets.filter(isWeb), packets.filter(row => !isWeb(row))]
      assert.ok(ones.length > 100 && others.length > 100)
      assertSameSums((await nfacctd.rows(packetsOf(ones))).map(withoutFlows), ones, TUPLE)
      const { rows, sequenceErrors } = await nfcapd.end()
      assertSameSums(rows, others, TUPLE)
      // softflowd's IPFIX counts its own records before they are sent: that stays.
      const all = await whole.end()
      assertSameSums(all.rows, packets, TUPLE)
      assert.equal(sequenceErrors, all.sequenceErrors)
    })
  }

  it('transparent: nfacctd sees the exporters themselves', { skip: notRoot }, async context => {
    const [nfacctd, nfcapd] = [await startNfacctd(context, ['peer_src_ip', ...PRIMITIVES]), await startNfcapd(context)]
    const to = ['--to', `127.0.0.1:${nfacctd.port}`, '--to', `127.0.0.1:${nfcapd.port}`]
    const tee = await startTee(context, ...to, '--transparent')
    await send(payloadsOf(DEMO), tee.port)
    const { counters } = await tee.end()
    assert.equal(counters.datagrams, payloadsOf(DEMO).length)
    const expected = records((await netally(['flow-recv', '--pcap', DEMO])).stdout).map(withoutFlows)
    const asInCapture = (row: Row): Row => ({
      ...row,
      peer_ip_src: String(row.peer_ip_src).replace(/^127\.0\.0\.1(\d)$/, '192.0.2.$1'),
    })
    const rows = (await nfacctd.rows(packetsOf(expected))).map(asInCapture)
    assertSameSums(rows, expected, ['peer_ip_src', ...TUPLE])
    assert.ok((await nfcapd.end()).rows.length > 1000)
  })
})
