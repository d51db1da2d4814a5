// tee by what single flows have: each receiver gets its records, all templates, and sequence numbers without gaps.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pcapHeader, pcapRecord, udpFrame } from '../../src/wire/capture/write.ts'
import { listening, payloadsOf, send } from '../services/programs.ts'
import { ended, netally, REPOSITORY, records, scratch, shell, start } from '../support/cli.ts'
import { freeUdpPort } from '../support/free-port.ts'
import { statsLines, until } from '../support/stats.ts'

const DEMO = join(REPOSITORY, 'examples', 'demo', 'exporters.pcap')
const FIELDS = 'ip_src,ip_dst,port_src,port_dst,ip_proto,packets,bytes,export_proto_version'
const shown = (row: { readonly [name: string]: unknown }): string =>
  FIELDS.split(',')
    .map(name => `${name}=${row[name]}`)
    .join(' ')
const EXPORTER_NET = '192.0.2'

/** Writes what a socket gets into a capture. */
async function recorder(context: TestContext, path: string) {
  const socket = createSocket('udp4')
  context.after(() => socket.close())
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  socket.setRecvBufferSize(4 << 20)
  const pieces: Uint8Array[] = [pcapHeader()]
  socket.on('message', (payload, from) => {
    // Transparent: the exporter's own address is 127.0.0.(10 + n).
    const source = `${EXPORTER_NET}.${Number(from.address.split('.')[3]) - 10}`
    const ends = { source, destination: '192.0.2.200', sourcePort: from.port, destinationPort: 2055 }
    pieces.push(pcapRecord(1e15 + pieces.length, udpFrame(ends, payload)))
  })
  return {
    port: socket.address().port,
    count: () => pieces.length - 1,
    write: () => writeFileSync(path, Buffer.concat(pieces)),
  }
}

async function rows(path: string) {
  const { stdout, stderr } = await netally(['flow-recv', '--pcap', path, '--fields', FIELDS, '--stats'])
  const readings = statsLines(stderr)[0]?.readings ?? []
  const sum = (name: string) => readings.reduce((total, one) => total + (one.name === name ? one.value : 0), 0)
  return {
    lines: records(stdout).map(shown),
    lost: sum('exporter_sequence_lost') + sum('exporter_sequence_reordered') + sum('exporter_malformed'),
    unknown: sum('exporter_sets_without_template'),
  }
}

const notRoot = process.getuid?.() !== 0 && 'raw sockets need root'

test('records by their ports, each with its templates and sequence', { skip: notRoot }, async context => {
  const folder = scratch(context)
  const [web, other, everything] = ['web', 'other', 'everything'].map(name => join(folder, `${name}.pcap`)) as [
    string,
    string,
    string,
  ]
  const [one, two, three] = [
    await recorder(context, web),
    await recorder(context, other),
    await recorder(context, everything),
  ]
  const [list, map] = [join(folder, 'tee.lst'), join(folder, 'tags.map')]
  writeFileSync(map, "set_tag=1 filter='port 443'\nset_tag=2 filter='not port 443'\n")
  const to = (id: number, port: number, tag: string) => `id=${id} ip=127.0.0.1:${port}${tag}\n`
  writeFileSync(list, to(1, one.port, ' tag=1') + to(2, two.port, ' tag=2') + to(3, three.port, ''))
  const port = await freeUdpPort()
  const words = ['--listen', `127.0.0.1:${port}`, '--receivers', list, '--pre-tag-map', map, '--transparent', '--stats']
  const tee = start(['tee', ...words])
  context.after(() => tee.kill('SIGKILL'))
  const ending = ended(tee)
  await listening(port)
  const sent = payloadsOf(DEMO)
  await send(sent, port)
  await until(() => three.count() === sent.length)
  tee.kill('SIGTERM')
  const { stderr } = await ending
  assert.equal(statsLines(stderr)[0]?.counters['not-split'], undefined, stderr)
  for (const capture of [one, two, three]) capture.write()
  const filtered = async (expression: string) =>
    records((await shell(`netally flow-recv --pcap ${DEMO} | netally filter '${expression}'`)).stdout).map(shown)
  for (const [path, expression] of [
    [web, 'port 443'],
    [other, 'not port 443'],
  ] as const) {
    const { lines, lost, unknown } = await rows(path)
    const expected = await filtered(expression)
    assert.ok(expected.length > 50, `${expected.length} records`)
    assert.deepEqual(lines.sort(), expected.sort())
    assert.deepEqual([lost, unknown], [0, 0], path)
  }
  assert.equal((await rows(everything)).lines.length, (await rows(DEMO)).lines.length)
})
