// The main job, shown: a bundled capture of three exporters is replayed over real UDP on loopback into
// flow-recv -> aggregate -> SQLite; then the top talkers are read back. Ends by itself. `npm start` runs it.
import { createSocket } from 'node:dgram'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { exporterDatagrams } from './datagrams.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const NETALLY = join(ROOT, 'bin', 'run.js')
const CAPTURE = join(import.meta.dirname, 'exporters.pcap')
/** Datagrams a second: slow enough for the smallest machine, over in a second or two. */
const PACE = 1000
const LISTEN_TIMEOUT_MS = 15_000

/** A UDP port of the loopback that nobody has. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  await new Promise<void>(resolve => socket.close(resolve))
  return port
}

/** Waits until somebody has the port: binding it fails then. */
async function listening(port: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < LISTEN_TIMEOUT_MS; waitedMs += 100) {
    const socket = createSocket('udp4')
    const taken = await new Promise<boolean>(resolve => {
      socket.once('error', () => resolve(true))
      socket.bind(port, '127.0.0.1', () => resolve(false))
    })
    if (!taken) await new Promise<void>(resolve => socket.close(resolve))
    if (taken) return
    await sleep(100)
  }
  throw new Error(`flow-recv did not listen on UDP port ${port} within ${LISTEN_TIMEOUT_MS} ms`)
}

/** Sends the capture's datagrams from 127.0.0.2, .3 and .4, one address an exporter; how many. */
async function replay(port: number): Promise<number> {
  const datagrams = exporterDatagrams(readFileSync(CAPTURE))
  const exporters = [...new Set(datagrams.map(({ source }) => source))]
  const sockets = new Map(exporters.map(source => [source, createSocket('udp4')]))
  await Promise.all(
    exporters.map(
      (source, index) => new Promise<void>(done => sockets.get(source)?.bind(0, `127.0.0.${index + 2}`, done)),
    ),
  )
  let sent = 0
  for (const { source, payload } of datagrams) {
    await new Promise(done => sockets.get(source)?.send(payload, port, '127.0.0.1', done))
    if (++sent % (PACE / 50) === 0) await sleep(20)
  }
  for (const socket of sockets.values()) socket.close()
  return sent
}

interface Talker {
  [column: string]: string | number
}

function topTalkers(database: string): Talker[] {
  const db = new DatabaseSync(database, { readOnly: true })
  const rows = db
    .prepare(
      `SELECT peer_ip_src, ip_src, ip_proto, SUM(flows) AS flows, SUM(packets) AS packets, SUM(bytes) AS bytes
       FROM acct GROUP BY peer_ip_src, ip_src, ip_proto ORDER BY bytes DESC LIMIT 12`,
    )
    .all() as Talker[]
  db.close()
  return rows
}

const port = await freePort()
const database = join(mkdtempSync(join(tmpdir(), 'netally-demo-')), 'acct.db')
const line =
  `flow-recv --listen 127.0.0.1:${port} | ` +
  `aggregate --by peer_src_ip,src_host,proto --bin 1m | sink-sqlite ${database}`
console.log(
  `Three exporters (NetFlow v9, IPFIX, NetFlow v5) send to a collector on this machine:\n\n  netally run '${line}'\n`,
)
const collector = execa(process.execPath, [NETALLY, 'run', line, '--stats'], { reject: false, stderr: 'pipe' })
await listening(port)
const sent = await replay(port)
// What was sent is in the socket or beyond; SIGTERM reads the socket out before it ends.
await sleep(300)
collector.kill('SIGTERM')
const { exitCode, stderr } = await collector
if (exitCode !== 0) throw new Error(`the collector ended with status ${exitCode}:\n${stderr}`)
const stages = stderr
  .split('\n')
  .filter(text => text.startsWith('{"event_type":"stats"'))
  .map(text => JSON.parse(text) as { command: string; in: number; created: number; out: number; merged: number })
console.log(`${sent} datagrams sent. Each stage's balance (in + created = out + merged + dropped + held):\n`)
for (const { command, created, out, merged, ...rest } of stages) {
  console.log(`  ${command.padEnd(12)} in ${rest.in}, created ${created}, out ${out}, merged ${merged}`)
}
console.log(`\nTop talkers, read back from ${database}:\n`)
const talkers = topTalkers(database)
await execa(process.execPath, [NETALLY, 'dump', '--format', 'table'], {
  input: talkers.map(talker => `${JSON.stringify(talker)}\n`).join(''),
  stdout: 'inherit',
  stderr: 'inherit',
})
console.log('\nThe same from the capture, as a shell pipe:\n')
console.log(
  '  npx netally flow-recv --pcap examples/demo/exporters.pcap | npx netally aggregate --by src_host --top 10 | npx netally dump --format table\n',
)
