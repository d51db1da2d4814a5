/** Captures made by hand, and one way to read them all. */
import type { Problem } from '../../../src/contract/problem.ts'
import type { CapturePeer } from '../../../src/wire/capture/block.ts'
import { DatagramReader } from '../../../src/wire/capture/datagrams.ts'
import { CaptureReader } from '../../../src/wire/capture/parser.ts'
import { type UdpEndpoints, udpPacket } from '../../../src/wire/capture/write.ts'

export const ENDPOINTS: UdpEndpoints = {
  source: '192.0.2.1',
  destination: '192.0.2.2',
  sourcePort: 40_000,
  destinationPort: 2055,
}
export const ENDPOINTS6: UdpEndpoints = { ...ENDPOINTS, source: '2001:db8::1', destination: '2001:db8::2' }

export const packet = (text: string, endpoints = ENDPOINTS): Uint8Array => udpPacket(endpoints, Buffer.from(text))
export const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex')
export const join = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts)

const MACS = hex('020000000002 020000000001')
/** An Ethernet frame; `tags` is everything from the EtherType (or first tag) on, as hex. */
export const ethernet = (tags: string, payload: Uint8Array): Buffer => join(MACS, hex(tags), payload)

/** Numbers of 2 or 4 octets in one byte order. */
export class Order {
  readonly little: boolean
  constructor(little: boolean) {
    this.little = little
  }
  u16(value: number): Buffer {
    const octets = Buffer.alloc(2)
    this.little ? octets.writeUInt16LE(value) : octets.writeUInt16BE(value)
    return octets
  }
  u32(value: number): Buffer {
    const octets = Buffer.alloc(4)
    this.little ? octets.writeUInt32LE(value) : octets.writeUInt32BE(value)
    return octets
  }
}

export const LITTLE = new Order(true)
export const BIG = new Order(false)

/** One capture time in seconds and its fraction, as the format counts it. */
export interface Stamp {
  seconds: number
  fraction: number
}

export function pcap(
  order: Order,
  magic: number,
  linkType: number,
  frames: readonly (Stamp & { frame: Uint8Array })[],
): Buffer {
  const header = join(order.u32(magic), order.u16(2), order.u16(4), order.u32(0), order.u32(0), order.u32(262_144))
  const records = frames.map(({ seconds, fraction, frame }) =>
    join(order.u32(seconds), order.u32(fraction), order.u32(frame.length), order.u32(frame.length), frame),
  )
  return join(header, order.u32(linkType), ...records)
}

/** Frames a millisecond apart from 1000 s on, little-endian, microseconds. */
export const simplePcap = (frames: readonly Uint8Array[], linkType = 1): Buffer =>
  pcap(
    LITTLE,
    0xa1b2c3d4,
    linkType,
    frames.map((frame, index) => ({
      seconds: 1000 + Math.floor(index / 1000),
      fraction: (index % 1000) * 1000,
      frame,
    })),
  )

const padded = (octets: Uint8Array): Buffer => join(octets, Buffer.alloc((4 - (octets.length % 4)) % 4))

/** pcapng blocks in one byte order. */
export const blocks = (order: Order) => {
  const block = (type: number, ...parts: readonly Uint8Array[]): Buffer => {
    const body = padded(join(...parts))
    return join(order.u32(type), order.u32(body.length + 12), body, order.u32(body.length + 12))
  }
  const option = (code: number, value: Uint8Array) => padded(join(order.u16(code), order.u16(value.length), value))
  const none = new Uint8Array(0)
  return {
    block,
    option,
    section: () => block(0x0a0d0d0a, order.u32(0x1a2b3c4d), order.u16(1), order.u16(0), Buffer.alloc(8, 0xff)),
    describe: (
      linkType: number,
      { snapLength = 0, options = none }: { snapLength?: number; options?: Uint8Array } = {},
    ) => block(1, order.u16(linkType), order.u16(0), order.u32(snapLength), options),
    enhanced: (from: number, ticks: bigint, frame: Uint8Array, options: Uint8Array = none) =>
      block(6, order.u32(from), ...halves(order, ticks), ...lengths(order, frame), padded(frame), options),
    obsolete: (from: number, ticks: bigint, frame: Uint8Array) =>
      block(2, order.u16(from), order.u16(0), ...halves(order, ticks), ...lengths(order, frame), frame),
    simple: (frame: Uint8Array, wireLength = frame.length) => block(3, order.u32(wireLength), frame),
  }
}

const halves = (order: Order, ticks: bigint) => [
  order.u32(Number(ticks >> 32n)),
  order.u32(Number(ticks & 0xffffffffn)),
]
const lengths = (order: Order, frame: Uint8Array) => [order.u32(frame.length), order.u32(frame.length)]

export interface Read {
  datagrams: { text: string; timeUs: number; peer: CapturePeer }[]
  counts: Record<string, number>
  problems: Problem[]
  /** What ended the reading. */
  end: Problem | undefined
}

/** Reads a capture that comes in chunks of some size. */
export function readCapture(capture: Uint8Array, chunkOctets = 1024 * 1024, udpPorts?: readonly number[]): Read {
  const result: Read = { datagrams: [], counts: {}, problems: [], end: undefined }
  const witness = {
    count: (name: string, by = 1) => {
      result.counts[name] = (result.counts[name] ?? 0) + by
    },
    report: (problem: Problem) => void result.problems.push(problem),
  }
  const reader = new CaptureReader(witness)
  const datagrams = new DatagramReader(reader.window, udpPorts ? { udpPorts } : {}, witness)
  for (let at = 0; at < capture.length && !reader.problem; at += chunkOctets) {
    const chunk = capture.subarray(at, at + chunkOctets)
    reader.window.room().set(chunk)
    reader.window.filled(chunk.length)
    takeFrames(reader, datagrams, result)
  }
  datagrams.finish()
  result.end = reader.finish()
  return result
}

function takeFrames(reader: CaptureReader, datagrams: DatagramReader, result: Read): void {
  const { block } = datagrams
  for (let frames = reader.next(); frames; frames = reader.next()) {
    for (let from = 0; from < frames.count; ) {
      from = datagrams.read(frames, from)
      for (let index = 0; index < block.count; index++) {
        const octets = block.octets.subarray(block.start[index]!, block.end[index]!)
        const peer = block.peers.get(block.peer[index]!)
        result.datagrams.push({ text: Buffer.from(octets).toString('latin1'), timeUs: block.timeUs[index]!, peer })
      }
    }
  }
}

export const texts = (read: Read): string[] => read.datagrams.map(({ text }) => text)

/** Small, seeded, good enough to mutate with (mulberry32). */
export function random(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}
