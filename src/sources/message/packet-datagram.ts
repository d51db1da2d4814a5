// Datagrams with their IP and UDP headers before them (RFC 791, RFC 8200, RFC 768): the form in which pmacct's tee writes them into
// Kafka, and nfacctd reads them from there. No flow export begins like an IP packet.
import { dotted, ipv6Text } from '../../octets/address.ts'
import { udpPacket } from '../../wire/capture/write.ts'
import type { Exporter } from '../../wire/flow/options.ts'

const UDP = 17
const UDP_HEADER_OCTETS = 8
const IPV6_HEADER_OCTETS = 40

export interface PacketDatagram {
  readonly exporter: Exporter
  /** Of the payload. */
  readonly start: number
  readonly end: number
}

/** Undefined when the octets are no UDP datagram of IP. */
export function packetDatagram(octets: Uint8Array): PacketDatagram | undefined {
  const version = (octets[0] ?? 0) >> 4
  if (version !== 4 && version !== 6) return undefined
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  const udp = version === 4 ? 4 * ((octets[0] as number) & 15) : IPV6_HEADER_OCTETS
  if (udp < 20 || octets.length < udp + UDP_HEADER_OCTETS || octets[version === 4 ? 9 : 6] !== UDP) return undefined
  const end = udp + view.getUint16(udp + 4)
  if (end < udp + UDP_HEADER_OCTETS || end > octets.length) return undefined
  const address =
    version === 4
      ? dotted(view.getUint32(12))
      : ipv6Text(view.getUint32(8), view.getUint32(12), view.getUint32(16), view.getUint32(20))
  const exporter: Exporter = { address, port: view.getUint16(udp), family: version }
  return { exporter, start: udp + UDP_HEADER_OCTETS, end }
}

/** Undefined when it would be too long. */
export function packetOf(payload: Uint8Array, { address, port, family }: Exporter): Uint8Array | undefined {
  const ends = { source: address, sourcePort: port, destination: family === 4 ? '0.0.0.0' : '::', destinationPort: 0 }
  try {
    return udpPacket(ends, payload)
  } catch {
    return undefined
  }
}
