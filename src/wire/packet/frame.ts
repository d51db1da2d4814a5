// A captured frame with what its headers say. One object is filled again for each.

import type { NetRecord } from '../../contract/record.ts'
import type { Headers } from './headers.ts'
import { inspect } from './inspect/inspect.ts'
import { Packet } from './packet.ts'
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

/** The headers that count. */
export const headersOf = ({ packet }: Frame, inner: boolean): Headers => (inner ? packet.here : packet.outer)
