// IPFIX flows over three hours that start anywhere in a minute but near its ends.
import { closeSync, openSync, writeSync } from 'node:fs'
import { pcapHeader, pcapRecord, udpFrame } from '../../src/wire/capture/write.ts'
import { data, ipfix, netflow5, template } from '../support/flow-writer.ts'

/** 2026-01-05 09:00:00Z. */
const START_S = 1_767_603_600
const MINUTES = 180
const FLOWS_A_MINUTE = 20
const ENDPOINTS = { source: '192.0.2.1', destination: '192.0.2.100', sourcePort: 50_000, destinationPort: 2055 }

/** Source and destination address and port, protocol, packets, octets, flowStartMilliseconds, flowEndMilliseconds. */
const FLOW = template(256, [
  [8, 4],
  [12, 4],
  [7, 2],
  [11, 2],
  [4, 1],
  [2, 8],
  [1, 8],
  [152, 8],
  [153, 8],
])

const row = (minute: number, flow: number): number[] => {
  const number = minute * FLOWS_A_MINUTE + flow
  const startMs = (START_S + 60 * minute + 3 + ((number * 7) % 54)) * 1000 + (number % 1000)
  return [
    0x0a00_0000 + (number % 30),
    0xc633_6401,
    1024 + flow,
    [53, 80, 443][number % 3] as number,
    number % 2 === 0 ? 6 : 17,
    1 + (number % 50),
    64 + ((number * 977) % 100_000),
    startMs,
    startMs + ((number * 331) % 300_000),
  ]
}

/** NetFlow v5 of the same hours, whose exporter counts seconds since its start: flows of up to an hour. */
export function writeSecondsCapture(path: string): void {
  const file = openSync(path, 'w')
  writeSync(file, pcapHeader())
  const flow = (minute: number, number: number) => {
    const first = 100_000 + 60 * minute + 3 + ((number * 7) % 54)
    return {
      source: `10.0.0.${number}`,
      packets: 1 + number,
      octets: 100 + minute,
      firstMs: first,
      lastMs: first + 3600,
    }
  }
  for (let minute = 0; minute < MINUTES; minute += 10) {
    const exportTime = START_S + 60 * (minute + 60)
    const records = Array.from({ length: FLOWS_A_MINUTE }, (_, number) => flow(minute, number))
    const header = { sysUptimeMs: 100_000 + 60 * (minute + 60), exportTime, sequence: 2 * minute }
    writeSync(file, pcapRecord(exportTime * 1_000_000, udpFrame(ENDPOINTS, netflow5(header, records))))
  }
  closeSync(file)
}

export function writeTimedCapture(path: string): void {
  const file = openSync(path, 'w')
  writeSync(file, pcapHeader())
  for (let minute = 0; minute < MINUTES; minute++) {
    const rows = Array.from({ length: FLOWS_A_MINUTE }, (_, flow) => row(minute, flow))
    const exportTime = START_S + 60 * (minute + 1)
    const header = { exportTime, sequence: minute * FLOWS_A_MINUTE, observationDomain: 1 }
    const message = ipfix(header, [FLOW, data(FLOW, rows)])
    writeSync(file, pcapRecord(exportTime * 1_000_000, udpFrame(ENDPOINTS, message)))
  }
  closeSync(file)
}
