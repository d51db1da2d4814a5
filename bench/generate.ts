import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { captureFile, outputFile } from './capture-file.ts'
import { CAPTURE_START_MS, EXPORTERS, type Flow, flows, passesFilter } from './flows.ts'
import { FORMATS, type Format } from './formats.ts'
import { writeFrames, writeSflow } from './sampled.ts'
import { type Sums, tally } from './sums.ts'

export const dataFolder = join(import.meta.dirname, 'data')
const SUMS_FILE = 'sums.json'
const TEMPLATE_EVERY_DATAGRAMS = 1000
const FIRST_EXPORTER = 0x0a000001
const COLLECTOR = { destination: '10.0.0.100', destinationPort: 2055 }
const FIRST_SOURCE_PORT = 50_000

const WRITERS = { ndjson: writeNdjson, sflow: writeSflow, frames: writeFrames }

type Inputs = Readonly<
  Record<string, { readonly records: number; readonly format: keyof typeof FORMATS | keyof typeof WRITERS }>
>
/** Every input of the benches. The one-tenth file is for the row that compares ten times the input. */
export const INPUTS: Inputs = {
  'nf9.pcap': { records: 2_000_000, format: 'netflow9' },
  'nf9-200k.pcap': { records: 200_000, format: 'netflow9' },
  'nf9-tiny.pcap': { records: 22, format: 'netflow9' },
  'nf9v6.pcap': { records: 500_000, format: 'netflow9v6' },
  'ipfix.pcap': { records: 2_000_000, format: 'ipfix' },
  'ipfixv6.pcap': { records: 500_000, format: 'ipfixv6' },
  'nf5.pcap': { records: 2_000_000, format: 'netflow5' },
  'sflow.pcap': { records: 500_000, format: 'sflow' },
  'packets.pcap': { records: 2_000_000, format: 'frames' },
  'flows.ndjson': { records: 500_000, format: 'ndjson' },
}

interface Exporter {
  waiting: Flow[]
  datagrams: number
  sequence: number
}

function writeCapture(path: string, format: Format, count: number): Sums {
  const file = captureFile(path)
  const sums = tally()
  const exporters: Exporter[] = Array.from({ length: EXPORTERS }, () => ({ waiting: [], datagrams: 0, sequence: 0 }))
  const send = (exporter: Exporter, index: number, nowMs: number): void => {
    const endpoints = { source: dotted(FIRST_EXPORTER + index), sourcePort: FIRST_SOURCE_PORT + index, ...COLLECTOR }
    const header = () => ({ exporter: index, sequence: exporter.sequence, nowMs })
    const timeUs = (CAPTURE_START_MS + nowMs) * 1000
    if (format.templateDatagram !== undefined && exporter.datagrams % TEMPLATE_EVERY_DATAGRAMS === 0) {
      file.datagram(timeUs, endpoints, format.templateDatagram(header()))
      if (format.sequenceCounts === 'datagrams') exporter.sequence++
    }
    file.datagram(timeUs, endpoints, format.datagram(exporter.waiting, header()))
    exporter.sequence += format.sequenceCounts === 'datagrams' ? 1 : exporter.waiting.length
    exporter.datagrams++
    exporter.waiting = []
  }
  let nowMs = 0
  for (const flow of flows(count)) {
    const exporter = exporters[flow.exporter] as Exporter
    nowMs = flow.endMs
    sums.add(flow, passesFilter(flow), format.as)
    if (exporter.waiting.push(flow) === format.flowsPerDatagram) send(exporter, flow.exporter, nowMs)
  }
  exporters.forEach((exporter, index) => {
    if (exporter.waiting.length > 0) send(exporter, index, nowMs)
  })
  file.close()
  return sums.sums()
}

const PROTOCOL_NAMES: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp' }
const dotted = (address: number): string =>
  `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`

/** Records as netally writes them, with the keys that people usually keep. */
const ndjsonRecord = (flow: Flow) => ({
  timestamp_arrival: (CAPTURE_START_MS + flow.endMs) / 1000,
  peer_ip_src: dotted(FIRST_EXPORTER + flow.exporter),
  ip_src: dotted(flow.source.ipv4),
  ip_dst: dotted(flow.destination.ipv4),
  port_src: flow.sourcePort,
  port_dst: flow.destinationPort,
  ip_proto: PROTOCOL_NAMES[flow.protocol],
  tos: flow.tos,
  tcp_flags: flow.tcpFlags,
  packets: flow.packets,
  bytes: flow.octets,
  timestamp_start: (CAPTURE_START_MS + flow.endMs - flow.durationMs) / 1000,
  timestamp_end: (CAPTURE_START_MS + flow.endMs) / 1000,
  iface_in: flow.source.interface,
  iface_out: flow.destination.interface,
  as_src: flow.source.as,
  as_dst: flow.destination.as,
  mask_src: flow.source.mask4,
  mask_dst: flow.destination.mask4,
  peer_ip_dst: dotted(0x0a010000 + flow.destination.interface),
  export_proto_version: 9,
})

function writeNdjson(path: string, count: number): Sums {
  const file = outputFile(path)
  const sums = tally()
  for (const flow of flows(count)) {
    sums.add(flow, passesFilter(flow), number => number)
    file.write(Buffer.from(`${JSON.stringify(ndjsonRecord(flow))}\n`))
  }
  file.close()
  return sums.sums()
}

export type KnownSums = Record<string, Sums>

/** Without a sums.json in it a folder has none. */
export function readSums(folder: string): KnownSums {
  const path = join(folder, SUMS_FILE)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as KnownSums) : {}
}

/** Makes the named inputs that are not there yet; returns the known sums of all. */
export function makeInputs(names: readonly string[], report: (line: string) => void): KnownSums {
  mkdirSync(dataFolder, { recursive: true })
  const known = readSums(dataFolder)
  for (const name of names) {
    const input = INPUTS[name]
    if (input === undefined) throw new RangeError(`no such input: ${name}; there are ${Object.keys(INPUTS).join(', ')}`)
    const path = join(dataFolder, name)
    if (known[name] !== undefined && existsSync(path)) continue
    const from = performance.now()
    known[name] =
      input.format in WRITERS
        ? WRITERS[input.format as keyof typeof WRITERS](path, input.records)
        : writeCapture(path, FORMATS[input.format as keyof typeof FORMATS], input.records)
    writeFileSync(join(dataFolder, SUMS_FILE), `${JSON.stringify(known, null, 2)}\n`)
    report(`${name} in ${((performance.now() - from) / 1000).toFixed(1)} s: ${JSON.stringify(known[name])}`)
  }
  return known
}

if (import.meta.main) {
  const { positionals } = parseArgs({ allowPositionals: true })
  makeInputs(positionals.length > 0 ? positionals : Object.keys(INPUTS), line => console.log(line))
}
