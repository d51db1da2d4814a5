// enrich: longest match, loading a table, and what looking flows up costs. `node bench/enrich.ts` after `npm run build`.
//
// Routes: a million IPv4 and 200,000 IPv6 prefixes of one peer, lengths and shared attributes as in the internet's table.
// Flows: nf9.pcap of the other benches (two million), looked up in the table of one peer by a bgp_agent_map.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readLines } from '../src/fields/line-reader.ts'
import { RouteIndex } from '../src/lookup/route-index.ts'
import { openFile } from '../src/stream/file-input.ts'
import { Rib } from '../src/wire/rib/rib.ts'
import { outputFile } from './capture-file.ts'
import { dataFolder, makeInputs } from './generate.ts'
import { measureLine } from './measure-line.ts'
import { below, randomSource } from './random.ts'

const PEER = '10.0.0.1'
const ROUTES4 = 1_000_000
const ROUTES6 = 200_000
const ROUTES_PER_PATH = 6
const LENGTHS4 = [24, 24, 24, 24, 24, 24, 23, 22, 22, 21, 20, 19, 18, 17, 16] as const
const LENGTHS6 = [48, 48, 48, 44, 40, 36, 32, 32] as const
/** Each of a million random addresses; the least counts. */
const LOOK_UP_RUNS = 7

const routesFile = join(dataFolder, 'routes.ndjson')
const mapFile = join(dataFolder, 'agents.map')
const flowsFile = join(dataFolder, 'nf9.pcap')

function prefix4(random: () => number): string {
  const length = LENGTHS4[below(random, LENGTHS4.length)] as number
  const address = ((11 + below(random, 180)) * 2 ** 24 + below(random, 2 ** 24)) >>> 0
  const masked = length === 32 ? address : (address & (-1 << (32 - length))) >>> 0
  return `${masked >>> 24}.${(masked >>> 16) & 255}.${(masked >>> 8) & 255}.${masked & 255}/${length}`
}

function prefix6(random: () => number): string {
  const length = LENGTHS6[below(random, LENGTHS6.length)] as number
  const words = [
    0x2000 + below(random, 0x1000),
    below(random, 0x10000),
    length > 32 ? below(random, 0x10000) & 0xfff0 : 0,
  ]
  return `${words.map(word => word.toString(16)).join(':')}::/${length}`
}

function writeRoutes(): void {
  const random = randomSource(7)
  const file = outputFile(routesFile)
  let seq = 0
  const head = { timestamp: 1_767_225_600, peer_ip_src: PEER, peer_tcp_port: 179 }
  const write = (record: object) => file.write(Buffer.from(`${JSON.stringify({ seq: seq++, ...record })}\n`))
  write({ ...head, event_type: 'log_init', peer_id: PEER })
  const group = (afi: number, count: number, make: (random: () => number) => string) => {
    const seen = new Set<string>()
    while (seen.size < count) {
      const as_path = Array.from({ length: 2 + below(random, 4) }, () => 1 + below(random, 400_000))
      const comms = Array.from({ length: below(random, 6) }, () => `${as_path[0]}:${below(random, 1000)}`)
      for (let route = 0; route < ROUTES_PER_PATH && seen.size < count; ) {
        const ip_prefix = make(random)
        if (seen.has(ip_prefix)) continue
        seen.add(ip_prefix)
        route++
        const nexthop = afi === 1 ? '192.0.2.1' : '2001:db8::1'
        const attributes = { afi, safi: 1, bgp_nexthop: nexthop, as_path, comms, origin: 'i', local_pref: 100, med: 0 }
        write({ log_type: 'update', ...head, event_type: 'log', ...attributes, ip_prefix })
      }
    }
    write({ log_type: 'end-of-rib', ...head, event_type: 'log', afi, safi: 1 })
  }
  group(1, ROUTES4, prefix4)
  group(2, ROUTES6, prefix6)
  file.close()
}

const quiet = { signal: new AbortController().signal, reloads: 0, count() {}, report() {}, watch() {} }
const octets = (): number => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers

async function longestMatch(): Promise<void> {
  const rib = new Rib(() => {})
  const index = new RouteIndex(rib.table.prefixes)
  const input = openFile(routesFile)
  for await (const batch of readLines(input, quiet, { heartbeat: false, name: 'routes' })) rib.take(batch)
  const [four, six] = [1, 2].map(afi => rib.scopes.all.find(scope => scope.afi === afi)?.id ?? 0) as [number, number]
  globalThis.gc?.()
  const before = octets()
  index.longest4(four, 0)
  index.longest6(six, 0, 0, 0, 0)
  globalThis.gc?.()
  const mebibytes = (octets() - before) / 2 ** 20
  const random = randomSource(3)
  const words = Uint32Array.from(
    { length: 1 << 20 },
    () => ((11 + below(random, 180)) * 2 ** 24 + below(random, 2 ** 24)) >>> 0,
  )
  const { prefixes } = rib.table
  const known6 = Uint32Array.from(
    Array.from({ length: prefixes.end }, (_, id) => id).filter(id => id > 0 && prefixes.scope(id) === six),
  )
  const words6 = new Uint32Array(2 * words.length)
  for (let at = 0; at < words.length; at++) {
    const id = known6[below(random, known6.length)] as number
    words6[2 * at] = prefixes.word(id, 0)
    words6[2 * at + 1] = prefixes.word(id, 1)
  }
  const look6 = (at: number) => index.longest6(six, words6[2 * at] as number, words6[2 * at + 1] as number, 0, 1)
  const time = (look: (at: number) => number): string => {
    let least = Number.POSITIVE_INFINITY
    let found = 0
    for (let run = 0; run < LOOK_UP_RUNS; run++) {
      found = 0
      const from = process.cpuUsage()
      for (let at = 0; at < words.length; at++) if (look(at) > 0) found++
      const { user, system } = process.cpuUsage(from)
      least = Math.min(least, user + system)
    }
    const share = ((100 * found) / words.length).toFixed(0)
    return `${((least * 1000) / words.length).toFixed(0)} ns a look-up (${share} % found)`
  }
  console.log(`longest match: IPv4 ${time(at => index.longest4(four, words[at] as number))}`)
  console.log(`longest match: IPv6 ${time(look6)}`)
  console.log(`trees of ${rib.table.prefixes.count} prefixes: ${mebibytes.toFixed(0)} MiB`)
}

async function main(): Promise<void> {
  mkdirSync(dataFolder, { recursive: true })
  if (!existsSync(routesFile)) writeRoutes()
  writeFileSync(mapFile, `bgp_ip=${PEER} ip=0.0.0.0/0\n`)
  makeInputs(['nf9.pcap', 'nf9-tiny.pcap'], console.log)
  await longestMatch()
  const enrich = (flows: string, wait: string) =>
    `run 'flow-recv --pcap ${flows} --udp-port 2055 | enrich --bgp ${routesFile} --bgp-agent-map ${mapFile} ${wait} | aggregate --by as_src,as_dst'`
  const tiny = join(dataFolder, 'nf9-tiny.pcap')
  const plain = `run 'flow-recv --pcap ${flowsFile} --udp-port 2055 | aggregate --by as_src,as_dst'`
  const load = await measureLine(enrich(tiny, '--wait-for end'))
  const both = await measureLine(enrich(flowsFile, '--wait-for end'))
  const alone = await measureLine(plain)
  const start = await measureLine(`run 'flow-recv --pcap ${tiny} --udp-port 2055 | aggregate --by as_src,as_dst'`)
  const routes = (ROUTES4 + ROUTES6) / 1e6
  console.log(`start-up: ${start.toFixed(2)} CPU-s`)
  console.log(`loading: ${((load - start) / routes).toFixed(2)} CPU-s a million routes`)
  console.log(
    `flows alone: ${((alone - start) / 2).toFixed(2)}, enriched: ${((both - load) / 2).toFixed(2)} CPU-s a million`,
  )
  console.log(`enrich adds ${((both - load - alone + start) / 2).toFixed(2)} CPU-s a million flows`)
}

await main()
