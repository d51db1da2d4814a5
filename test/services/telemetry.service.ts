// pmtelemetryd of pmacct on the same messages, received live; socat as the end of DTLS before telemetry-recv.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { NetRecord } from '../../src/contract/record.ts'
import { oldForm } from '../../src/operators/telemetry/old-form.ts'
import { Authority } from '../support/authority.ts'
import { records, scratch } from '../support/cli.ts'
import { freeTcpPort, freeUdpPort } from '../support/free-port.ts'
import { until } from '../support/stats.ts'
import { LOOPBACK, TCP, TelemetryCollector, UDP } from '../support/telemetry-collector.ts'
import { udpNotif } from '../support/telemetry-writer.ts'
import { recordsOf, streamOf } from '../support/test-host.ts'
import { listening, send, startProgram, without } from './programs.ts'

const DOCUMENTS = [
  { a: 1, b: { c: [1, 2.5, null, true], 'd-e': 'x' } },
  {
    'ietf-interfaces:interfaces': {
      interface: [{ name: 'eth0', statistics: { 'in-octets': '18446744073709551615' } }],
    },
  },
  { text: 'äöü € \u{1f600} "quoted" \\ \n', negative: -7, large: 9_007_199_254_740_991 },
  {},
].map(document => JSON.stringify(document))

/** A daemon has a minute to listen. */
const POLL_MS = 100
const TRIES = 600

interface Judge {
  readonly port: number
  /** Records of the log so far. */
  log(): NetRecord[]
}

function pmtelemetryd(context: TestContext, port: number, transport: 'udp' | 'tcp'): Judge {
  const folder = scratch(context)
  const [log, file] = [join(folder, 'log.json'), join(folder, 'pmtelemetryd.conf')]
  const lines = [
    'daemonize: false',
    'telemetry_daemon_ip: 127.0.0.1',
    `telemetry_daemon_port_${transport}: ${port}`,
    'telemetry_daemon_decoder: json',
    `telemetry_daemon_msglog_file: ${log}`,
    'telemetry_daemon_msglog_output: json',
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  startProgram(context, ['pmtelemetryd', '-f', file], folder)
  return { port, log: () => (existsSync(log) ? (records(readFileSync(log, 'utf8')) as NetRecord[]) : []) }
}

/** Without what differs between two receivers. */
const plain = (all: readonly NetRecord[]) =>
  all
    .filter(({ event_type }) => event_type === 'log')
    .map(({ seq, timestamp, telemetry_port, ...rest }) => JSON.stringify(Object.entries(rest).sort()))
    .sort()

async function assertSame(judge: Judge, collector: TelemetryCollector, count: number): Promise<void> {
  const logs = () => judge.log().filter(({ event_type }) => event_type === 'log')
  await until(() => logs().length === count)
  await collector.until(() => collector.data.length === count)
  await collector.stop()
  assert.deepEqual(plain(await recordsOf(oldForm(streamOf(collector.records)))), plain(judge.log()))
}

describe('telemetry-recv and pmtelemetryd', { skip: without('pmtelemetryd') }, () => {
  it('JSON over UDP, from several nodes: the same flat records', async context => {
    const judge = pmtelemetryd(context, await freeUdpPort(), 'udp')
    const collector = new TelemetryCollector(context, { udp: UDP })
    await listening(judge.port)
    const payloads = DOCUMENTS.flatMap(document =>
      [1, 2, 3].map(exporter => ({ exporter, octets: Buffer.from(document) })),
    )
    for (const port of [judge.port, await collector.port('udp')]) await send(payloads, port)
    await assertSame(judge, collector, payloads.length)
  })

  it('JSON over TCP, a document a segment: the same flat records', async context => {
    const judge = pmtelemetryd(context, await freeTcpPort(), 'tcp')
    const collector = new TelemetryCollector(context, { sessions: { ...TCP, tcp: LOOPBACK } })
    const sockets = [await connected(context, judge.port), await connected(context, await collector.port('tcp'))]
    for (const [index, document] of DOCUMENTS.entries()) {
      for (const socket of sockets) socket.write(document)
      // pmtelemetryd takes what it reads at a time for one document.
      await until(() => judge.log().filter(({ event_type }) => event_type === 'log').length > index)
    }
    await assertSame(judge, collector, DOCUMENTS.length)
  })
})

/** As soon as somebody listens. */
async function connected(context: TestContext, port: number): Promise<Socket> {
  for (let tries = 0; ; tries++) {
    const socket = connect({ port, host: '127.0.0.1' })
    context.after(() => socket.destroy())
    try {
      await once(socket, 'connect')
      return socket
    } catch (error) {
      if (tries === TRIES) throw error
      await pause(POLL_MS)
    }
  }
}

describe('telemetry-recv behind socat', { skip: without('socat', 'openssl') }, () => {
  it('UDP-notif over DTLS, from openssl s_client with a certificate of its own', async context => {
    const authority = new Authority(context)
    authority.issue('collector')
    authority.issue('node')
    const path = (name: string) => authority.path(name)
    const collector = new TelemetryCollector(context, { udp: UDP })
    const inner = await collector.port('udp')
    const port = await freeUdpPort()
    const files = `cert=${path('collector.pem')},key=${path('collector.key')},cafile=${path('ca.pem')}`
    const from = `OPENSSL-DTLS-SERVER:${port},bind=127.0.0.1,fork,${files}`
    startProgram(context, ['socat', from, `UDP-SENDTO:127.0.0.1:${inner},bind=127.0.0.11`])
    await listening(port)
    const words = ['s_client', '-dtls1_2', '-quiet', '-connect', `127.0.0.1:${port}`, '-CAfile', path('ca.pem')]
    const own = ['-cert', path('node.pem'), '-key', path('node.key')]
    const client = spawn('openssl', [...words, ...own], { stdio: ['pipe', 'ignore', 'ignore'] })
    context.after(() => client.kill('SIGKILL'))
    for (const message of [0, 1, 2]) {
      client.stdin.write(udpNotif(`{"a":${message}}`, { message }))
      await collector.until(() => collector.data.length > message)
    }
    await collector.stop()
    assert.deepEqual(collector.data, [{ a: 0 }, { a: 1 }, { a: 2 }])
    assert.equal(collector.records[0]?.telemetry_node, '127.0.0.11')
  })
})
