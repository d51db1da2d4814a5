import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pcapHeader, pcapRecord } from '../src/wire/capture/write.ts'
import { type OutputFile, outputFile } from './capture-file.ts'
import { dataFolder } from './generate.ts'
import { NEXT_HOP, PEER_AS, type RouteGroup, routeGroups } from './routes.ts'

/** The table as what routers and collectors give: messages of a session, of BMP, a capture, an MRT file. */

/** Raw IP (tcpdump.org/linktypes.html). */
const LINKTYPE_RAW = 101
const MARKER = new Uint8Array(16).fill(255)
const MESSAGE_OCTETS = 4000
const SEGMENT_OCTETS = 1448
const BGP_PORT = 179
const START_SECONDS = 1_767_225_600
const ROUTER_ID = 0x7f000002
const HOLD_SECONDS = 240

const u16 = (value: number): number[] => [(value >>> 8) & 255, value & 255]
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value)]
const zeros = (count: number): number[] => new Array<number>(count).fill(0)

function message(type: number, body: Uint8Array): Buffer {
  return Buffer.concat([MARKER, Uint8Array.from([...u16(19 + body.length), type]), body])
}

const CAPABILITIES = [1, 4, 0, 1, 0, 1, 65, 4, ...u32(PEER_AS)]

/** The OPEN of a router whose BGP identifier is the address. */
export function openMessage(routerId: number): Buffer {
  const head = [4, ...u16(PEER_AS), ...u16(HOLD_SECONDS), ...u32(routerId), CAPABILITIES.length + 2, 2]
  return message(1, Uint8Array.from([...head, CAPABILITIES.length, ...CAPABILITIES]))
}

export const KEEPALIVE = message(4, new Uint8Array(0))

function nlri(prefix: number): number[] {
  const length = prefix % 64
  return [length, ...u32(Math.floor(prefix / 64)).slice(0, (length + 7) >> 3)]
}

function* updates(groups: readonly RouteGroup[]): Generator<Buffer> {
  for (const { attributes, prefixes } of groups) {
    for (let at = 0; at < prefixes.length; ) {
      const octets = [...u16(0), ...u16(attributes.length), ...attributes]
      while (at < prefixes.length && octets.length < MESSAGE_OCTETS) octets.push(...nlri(prefixes[at++] as number))
      yield message(2, Uint8Array.from(octets))
    }
  }
  // The end of the initial routes.
  yield message(2, new Uint8Array(4))
}

function writeBgp(file: OutputFile, groups: readonly RouteGroup[]): void {
  for (const update of updates(groups)) file.write(update)
}

function writeBmp(file: OutputFile, groups: readonly RouteGroup[]): void {
  const common = (type: number, body: Uint8Array): Buffer =>
    Buffer.concat([Uint8Array.from([3, ...u32(6 + body.length), type]), body])
  const peer = [0, 0, ...zeros(8), ...zeros(12), ...u32(NEXT_HOP), ...u32(PEER_AS), ...u32(ROUTER_ID)]
  const header = Uint8Array.from([...peer, ...u32(START_SECONDS), ...u32(0)])
  const text = (type: number, words: string): number[] => [...u16(type), ...u16(words.length), ...Buffer.from(words)]
  file.write(common(4, Uint8Array.from([...text(1, 'netally'), ...text(2, 'bench')])))
  const addresses = Uint8Array.from([...zeros(12), ...u32(0x0a0000fd), ...u16(BGP_PORT), ...u16(40_000)])
  const open = openMessage(ROUTER_ID)
  file.write(common(3, Buffer.concat([header, addresses, open, open])))
  for (const update of updates(groups)) file.write(common(0, Buffer.concat([header, update])))
}

function writeMrt(file: OutputFile, groups: readonly RouteGroup[]): void {
  const record = (subtype: number, body: readonly number[]): Uint8Array =>
    Uint8Array.from([...u32(START_SECONDS), ...u16(13), ...u16(subtype), ...u32(body.length), ...body])
  file.write(record(1, [...u32(ROUTER_ID), 0, 0, 0, 1, 2, ...u32(ROUTER_ID), ...u32(NEXT_HOP), ...u32(PEER_AS)]))
  const rows = groups.flatMap(({ attributes, prefixes }) => prefixes.map(prefix => ({ attributes, prefix })))
  rows.sort((a, b) => a.prefix - b.prefix)
  rows.forEach(({ attributes, prefix }, index) => {
    const entry = [0, 0, ...u32(START_SECONDS), ...u16(attributes.length), ...attributes]
    file.write(record(2, [...u32(index), ...nlri(prefix), 0, 1, ...entry]))
  })
}

/** A session that goes on when the capture ends: the table of it stays. */
function writeCapture(file: OutputFile, groups: readonly RouteGroup[]): void {
  file.write(pcapHeader(LINKTYPE_RAW))
  let sequence = 1000
  let timeUs = START_SECONDS * 1e6
  const segment = (flags: number, payload: Uint8Array): void => {
    const tcp = [...u16(40_000), ...u16(BGP_PORT), ...u32(sequence), ...u32(1), 0x50, flags, 255, 255, 0, 0, 0, 0]
    const ip = [0x45, 0, ...u16(40 + payload.length), 0, 0, 0, 0, 64, 6, 0, 0, ...u32(0x0a000001), ...u32(0x0a000009)]
    file.write(pcapRecord(timeUs, Buffer.concat([Uint8Array.from([...ip, ...tcp]), payload])))
    sequence = (sequence + payload.length + (flags === 2 ? 1 : 0)) >>> 0
    timeUs += 100
  }
  segment(2, new Uint8Array(0))
  let waiting = Buffer.concat([openMessage(ROUTER_ID), KEEPALIVE])
  for (const update of updates(groups)) {
    waiting = Buffer.concat([waiting, update])
    for (; waiting.length >= SEGMENT_OCTETS; waiting = waiting.subarray(SEGMENT_OCTETS)) {
      segment(0x10, waiting.subarray(0, SEGMENT_OCTETS))
    }
  }
  segment(0x18, waiting)
}

const FILES: { readonly [name: string]: (file: OutputFile, groups: readonly RouteGroup[]) => void } = {
  'routes.bgp': writeBgp,
  'routes.bmp': writeBmp,
  'routes.mrt': writeMrt,
  'routes.pcap': writeCapture,
}

let table: RouteGroup[] | undefined

/** Path of the file in the folder of inputs; made when it is not there yet. */
export function routeFile(name: string, report: (line: string) => void): string {
  const path = join(dataFolder, name)
  const write = FILES[name]
  if (!write) throw new RangeError(`no such input: ${name}; there are ${Object.keys(FILES).join(', ')}`)
  if (existsSync(path)) return path
  mkdirSync(dataFolder, { recursive: true })
  report(`making ${name}`)
  table ??= routeGroups()
  const file = outputFile(path)
  write(file, table)
  file.close()
  return path
}
