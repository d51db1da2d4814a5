// What the headers of a packet say. One object is filled again for each packet; NaN = not there.

export class Packet {
  /** 48-bit numbers. */
  macSource = Number.NaN
  macDestination = Number.NaN
  /** Of the payload, behind VLAN tags. */
  etype = Number.NaN
  vlan = Number.NaN
  /** Of the second tag (QinQ). */
  innerVlan = Number.NaN
  /** Priority code point of the first tag. */
  cos = Number.NaN
  /** MPLS labels, top first. */
  labels: number[] = []
  /** 0, 4 or 6. */
  family = 0
  /** IPv4: the first word. */
  readonly source = new Uint32Array(4)
  readonly destination = new Uint32Array(4)
  protocol = Number.NaN
  tos = Number.NaN
  ttl = Number.NaN
  flowLabel = Number.NaN
  /** Of the whole IP packet, its header included. */
  ipOctets = Number.NaN
  sourcePort = Number.NaN
  destinationPort = Number.NaN
  tcpFlags = Number.NaN
  icmpType = Number.NaN
  icmpCode = Number.NaN
  /** Where the payload of the last header that was understood starts. */
  payload = 0

  clear(): void {
    this.macSource = this.macDestination = this.etype = this.vlan = this.innerVlan = this.cos = Number.NaN
    if (this.labels.length > 0) this.labels = []
    this.family = 0
    this.protocol = this.tos = this.ttl = this.flowLabel = this.ipOctets = Number.NaN
    this.sourcePort = this.destinationPort = this.tcpFlags = this.icmpType = this.icmpCode = Number.NaN
    this.payload = 0
  }
}
