// Real exporters: what they say over UDP about packets that we made adds up to those packets.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { pcapHeader, pcapRecord } from '../../src/wire/capture/write.ts'
import { ended, records, scratch, shell, start } from '../support/cli.ts'
import { freeUdpPort } from '../support/free-port.ts'
import { START_S, tcpFrame } from '../wire/packet/packets.ts'
import { writePackets } from './packets.ts'
import { listening, runProgram, taken, without } from './programs.ts'
import { assertSameSums, type Row } from './sums.ts'

const [FIN, SYN, RST, ACK] = [1, 2, 4, 16] as const
const TUPLE = ['ip_src', 'ip_dst', 'port_src', 'port_dst', 'ip_proto']

/** Runs an exporter against a live flow-recv; what that received. */
async function received(
  context: TestContext,
  exporter: (collector: string, folder: string) => Promise<unknown>,
): Promise<{ rows: Row[]; said: string }> {
  const port = await freeUdpPort()
  const child = start(['flow-recv', '--listen', `127.0.0.1:${port}`])
  context.after(() => child.kill('SIGKILL'))
  const ending = ended(child)
  await listening(port)
  await exporter(`127.0.0.1:${port}`, scratch(context))
  assert.equal(await taken(port), 0, 'the kernel dropped datagrams')
  child.kill('SIGTERM')
  const { stdout, stderr, status } = await ending
  assert.equal(status, 0, stderr)
  return { rows: records(stdout), said: stderr }
}

describe('softflowd', { skip: without('softflowd') }, () => {
  for (const version of ['5', '9', '10']) {
    it(`version ${version}: flows add up to the packets of a capture`, async context => {
      const capture = join(scratch(context), 'packets.pcap')
      const packets = writePackets(capture, { ipv6: version !== '5' })
      const { rows } = await received(context, (collector, folder) =>
        runProgram(context, [
          'softflowd',
          '-d',
          '-v',
          version,
          '-r',
          capture,
          '-n',
          collector,
          '-p',
          join(folder, 'softflowd.pid'),
          // Its control socket may hold it at the end of a capture.
          '-c',
          'none',
        ]),
      )
      assertSameSums(rows.map(withoutFlows), packets, TUPLE)
      assert.ok(rows.every(row => row.export_proto_version === Number(version)))
    })
  }
})

describe("pmacct's nfprobe", { skip: without('pmacctd') }, () => {
  for (const version of ['5', '9', '10']) {
    it(`version ${version}: flows add up to the packets of a capture`, async context => {
      const capture = join(scratch(context), 'packets.pcap')
      const packets = writePackets(capture, { ipv6: version !== '5' })
      const { rows } = await received(context, (collector, folder) => {
        const configuration = join(folder, 'pmacctd.conf')
        const lines = [
          'daemonize: false',
          'aggregate: src_host, dst_host, src_port, dst_port, proto, tos, tcpflags',
          'plugins: nfprobe',
          `nfprobe_receiver: ${collector}`,
          `nfprobe_version: ${version}`,
          'plugin_pipe_size: 64000000',
          'plugin_buffer_size: 64000',
        ]
        writeFileSync(configuration, lines.map(line => `${line}\n`).join(''))
        return runProgram(context, ['pmacctd', '-f', configuration, '-I', capture], folder)
      })
      assertSameSums(rows.map(withoutFlows), packets, TUPLE)
      assert.ok(rows.every(row => row.export_proto_version === Number(version)))
    })
  }
})

/** Conversations of TCP, from SYN to FIN, both ways, a millisecond a packet; some are reset. */
function writeConversations(path: string): void {
  const packets: Uint8Array[] = []
  const add = (from: number, to: number, flags: number, payload = 0): void => {
    packets.push(pcapRecord((START_S + packets.length / 1000) * 1e6, tcpFrame(from, to, flags, payload)))
  }
  for (let client = 1; client <= 60; client++) {
    const server = 200 + (client % 3)
    add(client, server, SYN)
    add(server, client, SYN | ACK)
    add(client, server, ACK)
    for (let part = 0; part < client % 7; part++) {
      add(client, server, ACK, 10 * client)
      add(server, client, ACK, 100 + part)
    }
    if (client % 5 === 0) add(server, client, RST)
    else {
      add(client, server, FIN | ACK)
      add(server, client, FIN | ACK)
      add(client, server, ACK)
    }
  }
  writeFileSync(path, Buffer.concat([pcapHeader(), ...packets]))
}

describe('flows of packet-recv', { skip: without('softflowd') }, () => {
  const FIELDS = [...TUPLE, 'packets', 'bytes', 'tcp_flags']
  const texts = (rows: readonly Row[]): string[] => rows.map(row => FIELDS.map(name => row[name] ?? 0).join(' ')).sort()

  for (const [name, write] of [
    ['conversations of TCP', writeConversations],
    ['UDP, IPv4 and IPv6', (path: string) => writePackets(path, { ipv6: true })],
  ] as const) {
    it(`${name}: those of softflowd, one by one`, async context => {
      const capture = join(scratch(context), 'packets.pcap')
      write(capture)
      const { rows } = await received(context, (collector, folder) =>
        runProgram(context, [
          ...['softflowd', '-d', '-v', '9', '-r', capture, '-n', collector],
          ...['-p', join(folder, 'softflowd.pid'), '-c', 'none'],
        ]),
      )
      const line = `netally packet-recv --pcap ${capture} --flows --idle-timeout 1h --active-timeout 1h`
      const { stdout, stderr, status } = await shell(line)
      assert.equal(status, 0, stderr)
      assert.ok(rows.length > 30)
      assert.deepEqual(texts(records(stdout)), texts(rows))
    })
  }
})

/** An exporter may cut a conversation into several flows. */
const withoutFlows = ({ flows: _, ...row }: Row): Row => row
