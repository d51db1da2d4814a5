// Frames as blocks of a capture, read into records.
import { ALL_FIELDS, type Needs } from '../../../src/contract/component.ts'
import type { Host } from '../../../src/contract/host.ts'
import type { NetRecord } from '../../../src/contract/record.ts'
import { FrameTable } from '../../../src/wire/capture/block.ts'
import { FLOW_LIFETIMES, type FlowLifetimes } from '../../../src/wire/packet/flow-lifetimes.ts'
import { FlowRows } from '../../../src/wire/packet/flow-rows.ts'
import { NO_INTERFACE, type PacketOptions } from '../../../src/wire/packet/frame-reader.ts'
import { PacketRows, type PacketSink } from '../../../src/wire/packet/packet-rows.ts'
import { hex } from './frames.ts'

export const START_S = 1_700_000_000
export interface Captured {
  /** Seconds after the start. */
  readonly at?: number
  readonly frame: Uint8Array
  readonly linkType?: number
  readonly wireOctets?: number
}

export const OPTIONS: PacketOptions = { compat: false, inner: false, renormalize: false, sampleRate: 1, seed: 1 }

export class Packets {
  readonly counts = new Map<string, number>()
  readonly codes: string[] = []
  readonly #sink: PacketSink

  constructor(options: Partial<PacketOptions> = {}, lifetimes?: Partial<FlowLifetimes>, wanted: Needs = ALL_FIELDS) {
    const host: Host = {
      signal: new AbortController().signal,
      reloads: 0,
      count: (name, by = 1) => this.counts.set(name, (this.counts.get(name) ?? 0) + by),
      report: problem => this.codes.push(problem.code),
      watch: () => {},
    }
    const packets = { ...OPTIONS, ...options }
    this.#sink = lifetimes
      ? new FlowRows(packets, { ...FLOW_LIFETIMES, ...lifetimes }, host, wanted)
      : new PacketRows(packets, host, wanted)
  }

  /** Records that came out by now. */
  take(...captured: readonly Captured[]): NetRecord[] {
    const octets = Buffer.concat(captured.map(({ frame }) => frame))
    const table = new FrameTable(octets, new DataView(octets.buffer, octets.byteOffset, octets.length))
    let at = 0
    for (const { at: seconds = 0, frame, linkType = 1, wireOctets = frame.length } of captured) {
      table.add(at, at + frame.length, wireOctets, (START_S + seconds) * 1e6, linkType)
      at += frame.length
    }
    return [...records(this.#sink.take(table, NO_INTERFACE)), ...records(this.#sink.flush())]
  }

  tick(seconds: number): NetRecord[] {
    return records(this.#sink.tick((START_S + seconds) * 1e6))
  }

  finish(): NetRecord[] {
    return records(this.#sink.finish())
  }
}

function records(batches: Iterable<{ records: NetRecord[] }>): NetRecord[] {
  const all: NetRecord[] = []
  for (const batch of batches) all.push(...batch.records)
  return all
}

const MACS = '020000000002 020000000001'
const two = (number: number): string => number.toString(16).padStart(2, '0')
const four = (number: number): string => number.toString(16).padStart(4, '0')

/** A frame of TCP from host `from` to host `to` (10.0.0.x), ports 1000 + the host. */
export function tcpFrame(from: number, to: number, flags: number, payload = 0): Uint8Array {
  const ip = `4500${four(40 + payload)} 0001 4000 4006 0000 0a0000${two(from)} 0a0000${two(to)}`
  const tcp = `${four(1000 + from)} ${four(1000 + to)} 00000001 00000001 50${two(flags)} 0200 0000 0000`
  return hex(MACS, '0800', ip, tcp, '00'.repeat(payload))
}
export function udpFrame(from: number, to: number, payload = 0): Uint8Array {
  const ip = `4500${four(28 + payload)} 0001 4000 4011 0000 0a0000${two(from)} 0a0000${two(to)}`
  return hex(
    MACS,
    '0800',
    ip,
    `${four(1000 + from)} ${four(1000 + to)} ${four(8 + payload)} 0000`,
    '00'.repeat(payload),
  )
}
