// telemetry-recv on captures of one node: messages of ten interfaces with eleven leaves each, in four encodings.
// `node bench/telemetry.ts [MESSAGES]`, after `npm run compile`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { REPOSITORY } from '../test/support/cli.ts'
import { cisco, type GpbField, type GpbValue, gpb, jti, kv, udpNotif } from '../test/support/telemetry-writer.ts'
import { captureFile } from './capture-file.ts'
import { start } from './measure.ts'

const MESSAGES = Number(process.argv[2] ?? 5000)
const INTERFACES = Array.from({ length: 10 }, (_, number) => number)
const LEAVES = MESSAGES * INTERFACES.length * 11
const START_MS = 1_767_225_600_000
/** Between messages of the node. */
const STEP_MS = 50
const PORT = 10_003
const COUNTERS = ['octets', 'unicast-pkts', 'broadcast-pkts', 'discards', 'errors'].flatMap(name => [
  `in-${name}`,
  `out-${name}`,
])
const MODES: readonly string[] = ['', ' --flat', " --flat --rate '*-octets,if_octets'"]

const counter = (message: number, place: number, index: number): bigint =>
  BigInt(message) * 1_000_003n * BigInt(place + 1) + BigInt(index) * 5_000_000_000n

/** `number`: what 64-bit numbers are in the encoding. */
function notification(message: number, number: (value: bigint) => unknown): object {
  const entries = INTERFACES.map(place => ({
    name: `GigabitEthernet0/0/${place}`,
    'oper-status': 'up',
    statistics: Object.fromEntries(COUNTERS.map((name, index) => [name, number(counter(message, place, index))])),
  }))
  const contents = { 'ietf-interfaces:interfaces': { interface: entries } }
  const eventTime = new Date(START_MS + message * STEP_MS).toISOString()
  const update = { id: 4, 'datastore-contents': contents }
  return { 'ietf-notification:notification': { eventTime, 'ietf-yang-push:push-update': update } }
}

function cborHead(major: number, value: bigint): Buffer {
  if (value < 24n) return Buffer.of((major << 5) | Number(value))
  const octets = Buffer.alloc(9)
  octets[0] = (major << 5) | 27
  octets.writeBigUInt64BE(value, 1)
  return octets
}

function cbor(value: unknown): Buffer {
  if (typeof value === 'bigint' || typeof value === 'number') return cborHead(0, BigInt(value))
  if (typeof value === 'string') return Buffer.concat([cborHead(3, BigInt(value.length)), Buffer.from(value)])
  if (Array.isArray(value)) return Buffer.concat([cborHead(4, BigInt(value.length)), ...value.map(cbor)])
  const members = Object.entries(value as object)
  return Buffer.concat([cborHead(5, BigInt(members.length)), ...members.flatMap(pair => pair.map(cbor))])
}

function ciscoRow(message: number, place: number): GpbField {
  const counters = COUNTERS.map((name, index) => kv(name, [8, counter(message, place, index)]))
  const keys = kv('keys', kv('interface-name', [5, `HundredGigE0/0/0/${place}`]))
  return [
    11,
    [[1, BigInt(START_MS + message * STEP_MS)], keys, kv('content', kv('oper-status', [5, 'up']), ...counters)],
  ]
}

function juniperPort(message: number, place: number): GpbField {
  const statistics = (from: number): GpbValue =>
    [1, 2, 5, 6, 7].map((field, index): GpbField => [field, counter(message, place, from + index)])
  return [
    1,
    [
      [1, `xe-0/0/${place}`],
      [3, BigInt(500 + place)],
      [7, statistics(0)],
      [8, statistics(5)],
      [11, 'up'],
    ],
  ]
}

const ENCODINGS: { readonly [name: string]: (message: number) => Buffer } = {
  'UDP-notif, JSON': message => udpNotif(JSON.stringify(notification(message, String)), { message }),
  'UDP-notif, CBOR': message => udpNotif(cbor(notification(message, value => value)), { message, type: 3 }),
  'Cisco, self-describing GPB': message =>
    cisco('gpb', gpb([1, 'xr1'], [6, 'm:statistics/counters'], ...INTERFACES.map(place => ciscoRow(message, place)))),
  'Juniper JTI': message =>
    jti(
      3,
      INTERFACES.map(place => juniperPort(message, place)),
      message,
    ),
}

const folder = mkdtempSync(join(tmpdir(), 'netally-bench-'))
const endpoints = { source: '192.0.2.1', sourcePort: 5000, destination: '203.0.113.9', destinationPort: PORT }
try {
  console.log('| encoding | mode | messages per CPU s | CPU s per million leaves | MiB |\n|---|---|---|---|---|')
  for (const [name, make] of Object.entries(ENCODINGS)) {
    const path = join(folder, 'telemetry.pcap')
    const capture = captureFile(path)
    for (let message = 0; message < MESSAGES; message++) {
      capture.datagram((START_MS + message * STEP_MS) * 1000, endpoints, make(message))
    }
    capture.close()
    for (const mode of MODES) {
      const run = join(REPOSITORY, 'bin', 'run.js')
      const { cpuSeconds, rssMebibytes, exitCode } = await start(
        `${process.execPath} ${run} telemetry-recv --pcap ${path} --udp-port ${PORT}${mode} > /dev/null`,
        {},
      ).done
      if (exitCode !== 0) throw new Error(`${name}${mode} ended with ${exitCode}`)
      const cells = [MESSAGES / cpuSeconds, (cpuSeconds / LEAVES) * 1e6, rssMebibytes]
      console.log(
        `| ${name} | ${mode.trim() || 'messages'} | ${cells.map(cell => Number(cell.toPrecision(3))).join(' | ')} |`,
      )
    }
  }
} finally {
  rmSync(folder, { recursive: true })
}
