// The exporters of the demonstration as routers: each has a table of its own to the hosts of its flows.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { netally, REPOSITORY, records, scratch } from '../support/cli.ts'
import { freeTcpPort, Receiver } from './bgp-peers.ts'
import { type Route, routesTo, speak } from './bgp-speaker.ts'

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

/** Exporter 192.0.2.n of the capture speaks BGP from 127.0.0.(10 + n). */
export function agents(context: TestContext, all: readonly Exporter[]): string {
  const file = join(scratch(context), 'agents.map')
  writeFileSync(file, all.map(({ number }) => `bgp_ip=127.0.0.${10 + number} ip=192.0.2.${number}\n`).join(''))
  return file
}
