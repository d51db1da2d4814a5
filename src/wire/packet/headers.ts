// What one set of headers says: of the packet itself, or of the packet in its tunnel. NaN = not there.

import { dotted, ipv6Text } from '../../octets/address.ts'
import { ETYPE_IPV4, ETYPE_IPV6 } from './layer.ts'

/** The text of one of its addresses; '' where there is none. */
export function addressText({ family }: Headers, words: Uint32Array): string {
  const [a, b, c, d] = words as unknown as [number, number, number, number]
  return family === 4 ? dotted(a) : family === 6 ? ipv6Text(a, b, c, d) : ''
}

export class Headers {
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
  /** 0, 4 or 6. */
  family = 0
  /** IPv4: the first word. */
  readonly source = new Uint32Array(4)
  readonly destination = new Uint32Array(4)
  protocol = Number.NaN
  tos = Number.NaN
  ttl = Number.NaN
  flowLabel = Number.NaN
  /** Of the whole IP packet, its header included, as it says. */
  ipOctets = Number.NaN
  /** Of a fragment: its identification, and where it belongs, in octets. */
  fragmentId = Number.NaN
  fragmentOffset = Number.NaN
  sourcePort = Number.NaN
  destinationPort = Number.NaN
  tcpFlags = Number.NaN
  icmpType = Number.NaN
  icmpCode = Number.NaN
  /** Where the IP header starts, and the header behind it; -1 = not there. */
  ipAt = -1
  transportAt = -1

  /** EtherType of the payload: by its family where it is IP, whatever stood before it. */
  get payloadEtype(): number {
    return this.family === 4 ? ETYPE_IPV4 : this.family === 6 ? ETYPE_IPV6 : this.etype
  }

  clear(): void {
    this.macSource = this.macDestination = this.etype = this.vlan = this.innerVlan = this.cos = Number.NaN
    this.family = 0
    this.protocol = this.tos = this.ttl = this.flowLabel = this.ipOctets = Number.NaN
    this.fragmentId = this.fragmentOffset = Number.NaN
    this.sourcePort = this.destinationPort = this.tcpFlags = this.icmpType = this.icmpCode = Number.NaN
    this.ipAt = this.transportAt = -1
  }
}
