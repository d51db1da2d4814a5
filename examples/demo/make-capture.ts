import { join } from 'node:path'
import { captureFile } from '../../bench/capture-file.ts'
import { below, randomSource } from '../../bench/random.ts'
import { CAPTURE_START_MS, type Exporter, ipfixExporter, netflow5Exporter, netflow9Exporter } from './exporters.ts'
import { type DemoFlow, type Network, reflectedNtp, SITES, trafficOf } from './traffic.ts'

/**
 * Writes exporters.pcap, the capture that the demonstration replays; the same on each run.
 * node examples/demo/make-capture.ts [FILE]
 */

const SPAN_MS = 600_000
const TICK_MS = 5000
const ANNOUNCE_EVERY_MS = 120_000
const COLLECTOR = { destination: '192.0.2.100', destinationPort: 2055 }
const FIRST_SOURCE_PORT = 50_001
const ATTACK = { fromMs: 340_000, toMs: 400_000, flowsPerTick: 16 }

interface Site {
  readonly exporter: Exporter
  readonly network: Network
  readonly flowsPerTick: number
  readonly ipv6: number
  readonly attacked: boolean
}
const SITE_TABLE: readonly Site[] = [
  {
    exporter: netflow9Exporter('192.0.2.1'),
    network: SITES[0] as Network,
    flowsPerTick: 12,
    ipv6: 0,
    attacked: true,
  },
  {
    exporter: ipfixExporter('192.0.2.2'),
    network: SITES[1] as Network,
    flowsPerTick: 12,
    ipv6: 0.35,
    attacked: false,
  },
  {
    exporter: netflow5Exporter('192.0.2.3'),
    network: SITES[2] as Network,
    flowsPerTick: 8,
    ipv6: 0,
    attacked: false,
  },
]

/** The load goes slowly up and down, and is never the same. */
const load = (random: () => number, nowMs: number): number =>
  1 + 0.35 * Math.sin((2 * Math.PI * nowMs) / SPAN_MS) + 0.2 * (random() - 0.5)

const path = process.argv[2] ?? join(import.meta.dirname, 'exporters.pcap')
const capture = captureFile(path)
const random = randomSource(4)
const draw = SITE_TABLE.map(({ network, ipv6 }) => trafficOf({ random, site: network, ipv6 }))
let flowCount = 0

function flowsOf(site: Site, index: number, nowMs: number): DemoFlow[] {
  const ends = (): number => nowMs - below(random, TICK_MS)
  const count = Math.round(site.flowsPerTick * load(random, nowMs))
  const flows = Array.from({ length: count }, () => draw[index]?.(ends())).filter(flow => flow !== undefined)
  if (site.attacked && nowMs >= ATTACK.fromMs && nowMs < ATTACK.toMs) {
    for (let left = ATTACK.flowsPerTick; left > 0; left--) flows.push(reflectedNtp(random, site.network, ends()))
  }
  return flows.sort((left, right) => left.endMs - right.endMs)
}

for (let nowMs = TICK_MS; nowMs <= SPAN_MS; nowMs += TICK_MS) {
  SITE_TABLE.forEach((site, index) => {
    // Exporters do not speak at the same moment.
    const sendMs = nowMs + index * 700
    const announced = nowMs % ANNOUNCE_EVERY_MS === TICK_MS ? site.exporter.announce(sendMs) : []
    const flows = flowsOf(site, index, nowMs)
    flowCount += flows.length
    const endpoints = { source: site.exporter.address, sourcePort: FIRST_SOURCE_PORT + index, ...COLLECTOR }
    for (const [order, datagram] of [...announced, ...site.exporter.export(flows, sendMs)].entries()) {
      capture.datagram((CAPTURE_START_MS + sendMs) * 1000 + order * 250, endpoints, datagram)
    }
  })
}
capture.close()
console.log(`${flowCount} flows in ${path}`)
