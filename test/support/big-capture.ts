// Captures of any size, for what needs more input than fits in pipes and buffers.
import { closeSync, openSync, writeSync } from 'node:fs'
import { pcapHeader, pcapRecord, udpFrame } from '../../src/wire/capture/write.ts'
import { data, netflow9, template } from './flow-writer.ts'

export const FLOWS_PER_DATAGRAM = 20
/** Unix seconds of the first datagram; one a second follows. */
export const CAPTURE_START = 1_767_225_600

const ENDPOINTS = { source: '192.0.2.1', destination: '192.0.2.100', sourcePort: 50_000, destinationPort: 2055 }

/** RFC 3954 section 8: source and destination address and port, protocol, packets, octets, first and last seen. */
const FLOW = template(256, [
  [8, 4],
  [12, 4],
  [7, 2],
  [11, 2],
  [4, 1],
  [2, 4],
  [1, 4],
  [22, 4],
  [21, 4],
])

const flow = (number: number, uptimeMs: number): number[] => [
  0x0a00_0000 + (number % 65_536),
  0xc633_6400 + (number % 250),
  1024 + (number % 60_000),
  443,
  6,
  1 + (number % 9),
  40 + (number % 1460),
  uptimeMs - 500,
  uptimeMs,
]

export interface Totals {
  readonly records: number
  readonly packets: number
  readonly bytes: number
}

/** One NetFlow v9 datagram of FLOWS_PER_DATAGRAM flows; every one has the template. */
export function flowDatagram(index: number): Buffer {
  const uptimeMs = 1000 * (index + 1)
  const rows = Array.from({ length: FLOWS_PER_DATAGRAM }, (_, row) => flow(index * FLOWS_PER_DATAGRAM + row, uptimeMs))
  const header = { sysUptimeMs: uptimeMs, exportTime: CAPTURE_START + index, sequence: index, sourceId: 1 }
  return netflow9(header, [FLOW, data(FLOW, rows)])
}

/** Totals of the first `datagrams` datagrams. */
export function totalsOf(datagrams: number): Totals {
  const records = datagrams * FLOWS_PER_DATAGRAM
  let packets = 0
  let bytes = 0
  for (let number = 0; number < records; number++) {
    packets += 1 + (number % 9)
    bytes += 40 + (number % 1460)
  }
  return { records, packets, bytes }
}

/** Writes a capture of so many datagrams; `extra` payloads stand between the first and the second. */
export function writeBigCapture(path: string, datagrams: number, extra: readonly Uint8Array[] = []): Totals {
  const file = openSync(path, 'w')
  const put = (index: number, payload: Uint8Array) =>
    writeSync(file, pcapRecord((CAPTURE_START + index) * 1_000_000, udpFrame(ENDPOINTS, payload)))
  writeSync(file, pcapHeader())
  for (let index = 0; index < datagrams; index++) {
    put(index, flowDatagram(index))
    if (index === 0) for (const payload of extra) put(index, payload)
  }
  closeSync(file)
  return totalsOf(datagrams)
}
