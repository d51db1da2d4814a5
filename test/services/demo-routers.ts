// The exporters of the demonstration as routers: each has a table of its own to the hosts of its flows.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { ended, netally, REPOSITORY, records, scratch, start } from '../support/cli.ts'
import { freeTcpPort } from '../support/free-port.ts'
import { listening, Receiver, until } from './bgp-peers.ts'
import { type Route, routesTo, speak } from './bgp-speaker.ts'
import { monitor } from './bmp-speaker.ts'

/** NetFlow v5, v9 and IPFIX of three exporters; IPv4 and IPv6. */
export const DEMO = join(REPOSITORY, 'examples', 'demo', 'exporters.pcap')

export interface Exporter {
  /** 1.. as in 192.0.2.n of the capture, 127.0.0.(10 + n) on loopback. */
  readonly number: number
  readonly as: number
  readonly routes: readonly Route[]
}

/** Each exporter has a table of its own to the hosts of the capture. */
export async function exporters(): Promise<Exporter[]> {
  const { stdout, stderr, status } = await netally(['flow-recv', '--pcap', DEMO])
  assert.equal(status, 0, stderr)
  const flows = records(stdout)
  const hosts = [...new Set(flows.flatMap(({ ip_src, ip_dst }) => [ip_src, ip_dst]))].map(String)
  return [1, 2, 3].map(number => {
    const as = 64_500 + number
    return { number, as, routes: routesTo(hosts, number, as) }
  })
}

export async function announce(context: TestContext, port: number, all: readonly Exporter[]): Promise<void> {
  for (const { number, as, routes } of all) await speak(context, `127.0.0.${10 + number}`, port, as, routes)
}

/** What bgp-recv writes of the same sessions. */
export async function routesFile(context: TestContext, all: readonly Exporter[]): Promise<string> {
  const port = await freeTcpPort()
  const receiver = await Receiver.listening(context, port)
  await announce(context, port, all)
  await receiver.count({ log_type: 'end-of-rib' }, 2 * all.length)
  const file = join(scratch(context), 'routes.ndjson')
  writeFileSync(file, receiver.rows.map(row => `${JSON.stringify(row)}\n`).join(''))
  await receiver.stop()
  return file
}

/** The same by BMP: each exporter tells what one peer of it announced. */
export async function announceByBmp(context: TestContext, port: number, all: readonly Exporter[]): Promise<void> {
  for (const { number, as, routes } of all) {
    const peer = { as, address: `192.0.2.${200 + number}`, bgpId: `192.0.2.${200 + number}` }
    await monitor(context, `127.0.0.${10 + number}`, port, peer, routes)
  }
}

/** What bmp-recv writes of the same sessions. */
export async function bmpFile(context: TestContext, all: readonly Exporter[]): Promise<string> {
  const port = await freeTcpPort()
  const child = start(['bmp-recv', '--listen', `127.0.0.1:${port}`])
  context.after(() => child.kill('SIGKILL'))
  const ending = ended(child)
  let ends = 0
  child.stdout?.on('data', chunk => {
    ends += String(chunk).split('"end-of-rib"').length - 1
  })
  await listening(port)
  await announceByBmp(context, port, all)
  await until('end-of-RIB of all', () => ends >= 2 * all.length)
  child.kill('SIGTERM')
  const { stdout, stderr, status } = await ending
  assert.equal(status, 0, stderr)
  const file = join(scratch(context), 'bmp.ndjson')
  // The sessions end with the command; the tables of before are wanted.
  const rows = records(stdout).filter(
    ({ event_type, bmp_msg_type }) => event_type !== 'log_close' && bmp_msg_type !== 'peer_down',
  )
  writeFileSync(file, rows.map(row => `${JSON.stringify(row)}\n`).join(''))
  return file
}

/** Exporter 192.0.2.n of the capture speaks BGP from 127.0.0.(10 + n). */
export function agents(context: TestContext, all: readonly Exporter[], key: 'bgp_ip' | 'bmp_ip' = 'bgp_ip'): string {
  const file = join(scratch(context), 'agents.map')
  writeFileSync(file, all.map(({ number }) => `${key}=127.0.0.${10 + number} ip=192.0.2.${number}\n`).join(''))
  return file
}
