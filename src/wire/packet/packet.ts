// What the headers of a packet say. One object is filled again for each packet.
import { Headers } from './headers.ts'
import { NO_TUNNEL, TUNNEL_PORTS, type TunnelPorts } from './tunnel-ports.ts'

/** More tunnels in each other are no packet: what is deeper stays payload. */
const TUNNELS = 8

export class Packet {
  readonly outer = new Headers()
  /** Of the innermost tunnel; holds when tunnels > 0. */
  readonly inner = new Headers()
  /** outer, or inner once a tunnel began: what the next layer fills. */
  here: Headers = this.outer
  /** How many tunnels the packet is in. */
  tunnels = 0
  /** The innermost tunnel's protocol, '' = none. */
  tunnelType = ''
  /** VNI, TEID, GRE key or session of the innermost tunnel. */
  tunnelId = Number.NaN
  vxlan = Number.NaN
  nvgre = Number.NaN
  /** MPLS labels, top first. */
  labels: number[] = []
  /** Addresses of an SRv6 header (RFC 8754), in its order. */
  segments: string[] = []
  /** Where the payload of the last header that was understood starts, and where it ends. */
  at = 0
  end = 0
  /** Which UDP ports are tunnels. */
  readonly tunnelPorts: TunnelPorts

  constructor(tunnelPorts: TunnelPorts = TUNNEL_PORTS) {
    this.tunnelPorts = tunnelPorts
  }

  clear(): void {
    this.outer.clear()
    this.here = this.outer
    if (this.labels.length > 0) this.labels = []
    if (this.segments.length > 0) this.segments = []
    if (this.tunnels === 0) return
    this.tunnels = 0
    this.tunnelType = ''
    this.tunnelId = this.vxlan = this.nvgre = Number.NaN
  }

  /** In no tunnel, without labels and segments: as most are. */
  get isPlain(): boolean {
    return this.tunnels === 0 && this.labels.length === 0 && this.segments.length === 0
  }

  /** A tunnel's payload follows; false when it is one too many. */
  enter(type: string, id = Number.NaN): boolean {
    if (this.tunnels >= TUNNELS) return false
    this.inner.clear()
    this.here = this.inner
    this.tunnels++
    this.tunnelType = type
    this.tunnelId = id
    return true
  }

  /** The layer code of a tunnel on these UDP ports; NO_TUNNEL where there is none. */
  tunnelOf(sourcePort: number, destinationPort: number): number {
    const code = this.tunnelPorts[destinationPort] as number
    return code === NO_TUNNEL ? (this.tunnelPorts[sourcePort] as number) : code
  }
}
