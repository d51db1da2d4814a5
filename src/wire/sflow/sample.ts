// One flow sample, or one discarded packet. The same object is filled again for each; NaN = not there.
import type { Value } from '../../contract/record.ts'
import { Packet } from '../packet/packet.ts'
import type { TunnelPorts } from '../packet/tunnel-ports.ts'
import { Address } from './xdr.ts'

/** Interface numbers are an ifIndex, a reason why the packet was dropped, or how many interfaces it left by. */
export const AS_IFINDEX = 0
export const AS_REASON = 1
export const AS_COUNT = 2

export class Sample {
  readonly packet: Packet
  sequence = 0
  sourceClass = 0
  sourceIndex = 0
  samplingRate = 0
  pool = 0
  drops = 0
  inputForm = 0
  input = 0
  outputForm = 0
  output = 0
  discardReason = Number.NaN
  /** Of the frame on the wire. */
  frameOctets = Number.NaN
  /** What sfacctd counts: the frame's length, or the IP packet's where no frame is told of. */
  bytes = Number.NaN
  /** From the IP header on. */
  ipOctets = Number.NaN
  vlanIn = Number.NaN
  vlanOut = Number.NaN
  priorityIn = Number.NaN
  readonly nextHop = new Address()
  readonly bgpNextHop = new Address()
  readonly mplsNextHop = new Address()
  readonly natSource = new Address()
  readonly natDestination = new Address()
  natSourcePort = Number.NaN
  natDestinationPort = Number.NaN
  maskSource = Number.NaN
  maskDestination = Number.NaN
  asSource = Number.NaN
  asDestination = Number.NaN
  peerAsSource = Number.NaN
  peerAsDestination = Number.NaN
  localPref = Number.NaN
  pseudowire = Number.NaN
  queue = Number.NaN
  queueDepth = Number.NaN
  transitNs = Number.NaN
  /** Offset of the packet in the tunnel, in the sampled header. */
  innerOffset = Number.NaN
  vni = Number.NaN
  /** Where the sampled header stands in the datagram. */
  headerAt = 0
  headerEnd = 0
  /** Fields that few samples have, by their name. */
  others: { [field: string]: Value } | undefined

  constructor(tunnelPorts?: TunnelPorts) {
    this.packet = new Packet(tunnelPorts)
  }

  clear(): void {
    this.packet.clear()
    this.discardReason = this.frameOctets = this.bytes = this.ipOctets = Number.NaN
    this.vlanIn = this.vlanOut = this.priorityIn = Number.NaN
    this.nextHop.family = this.bgpNextHop.family = this.mplsNextHop.family = 0
    this.natSource.family = this.natDestination.family = 0
    this.natSourcePort = this.natDestinationPort = this.maskSource = this.maskDestination = Number.NaN
    this.asSource = this.asDestination = this.peerAsSource = this.peerAsDestination = this.localPref = Number.NaN
    this.pseudowire = this.queue = this.queueDepth = this.transitNs = Number.NaN
    this.innerOffset = this.vni = Number.NaN
    this.headerAt = this.headerEnd = 0
    this.others = undefined
  }

  put(field: string, value: Value): void {
    this.others ??= {}
    this.others[field] = value
  }
}
