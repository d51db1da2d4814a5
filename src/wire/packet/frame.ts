// A captured frame with what its headers say. One object is filled again for each.

import type { NetRecord } from '../../contract/record.ts'
import type { Column } from '../../fields/column.ts'
import { ABSENT } from '../../fields/column.ts'
import { communityId } from './community-id.ts'
import type { Headers } from './headers.ts'
import { INSPECTED, inspect } from './inspect/inspect.ts'
import { Packet } from './packet.ts'
import { packetWriter } from './parts.ts'
import type { TunnelPorts } from './tunnel-ports.ts'

export class Frame {
  readonly packet: Packet
  view: DataView = new DataView(new ArrayBuffer(0))
  start = 0
  /** One past the last octet that was captured. */
  end = 0
  /** Capture time, whole Unix microseconds. */
  timeUs = 0
  /** Octets it had on the wire. */
  wireOctets = 0
  /** From 1, over all captures. */
  number = 0
  /** What is counted: from the IP header on. */
  bytes = 0
  ifaceIn = Number.NaN
  ifaceOut = Number.NaN
  /** One packet in so many was taken. */
  rate = 1
  #inspected: NetRecord | undefined
  #inspectedNumber = -1

  constructor(tunnelPorts?: TunnelPorts) {
    this.packet = new Packet(tunnelPorts)
  }

  /** What the application says; looked for once a frame. */
  get inspected(): NetRecord | undefined {
    if (this.#inspectedNumber !== this.number) {
      this.#inspectedNumber = this.number
      this.#inspected = inspect(this)
    }
    return this.#inspected
  }
}

export interface FrameOptions {
  /** The header in a tunnel takes the place of the outer one. */
  readonly inner: boolean
  readonly renormalize: boolean
}

export type FrameWriter = (frame: Frame, row: number) => void

type NumberOf = (frame: Frame) => number

const numbers = ({ renormalize }: FrameOptions): { readonly [field: string]: NumberOf } => ({
  timestamp_arrival: frame => frame.timeUs,
  frame_number: frame => frame.number,
  frame_bytes: frame => frame.wireOctets,
  iface_in: frame => frame.ifaceIn,
  iface_out: frame => frame.ifaceOut,
  sampling_rate: frame => (frame.rate === 1 ? ABSENT : renormalize ? 1 : frame.rate),
  packets: renormalize ? frame => frame.rate : () => 1,
  bytes: renormalize ? frame => frame.bytes * frame.rate : frame => frame.bytes,
})

/** The headers that count. */
export const headersOf = ({ packet }: Frame, inner: boolean): Headers => (inner ? packet.here : packet.outer)

/** How a field's column is filled; undefined when packets do not have the field. */
export function frameWriter(field: string, column: Column, options: FrameOptions): FrameWriter | undefined {
  const numberOf = Object.hasOwn(numbers(options), field) ? numbers(options)[field] : undefined
  if (numberOf && column.lane === 'number') {
    return (frame, row) => {
      column.numbers[row] = numberOf(frame)
    }
  }
  if (field === 'community_id' && column.lane === 'value') {
    return (frame, row) => {
      column.values[row] = communityId(headersOf(frame, options.inner))
    }
  }
  if (INSPECTED.has(field)) return inspectedWriter(field, column)
  const write = packetWriter(field, column, options.inner)
  return write && ((frame, row) => write(frame.packet, row))
}

function inspectedWriter(field: string, column: Column): FrameWriter {
  if (column.lane === 'number') {
    return (frame, row) => {
      column.numbers[row] = Number(frame.inspected?.[field] ?? ABSENT)
    }
  }
  if (column.lane !== 'value') throw new TypeError('applications say no addresses')
  return (frame, row) => {
    column.values[row] = frame.inspected?.[field]
  }
}
