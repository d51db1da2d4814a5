// Captures of packets, for programs that make flows of them.
import { closeSync, openSync, writeSync } from 'node:fs'
import { pcapHeader, pcapRecord, udpFrame } from '../../src/wire/capture/write.ts'
import type { Row } from './sums.ts'

const PACKETS = 5000
const CONVERSATIONS = 40
const START_S = 1_767_225_600
const ETHERNET_OCTETS = 14

/** UDP packets of some conversations, over a minute; a row for each: its addresses, ports, one packet, its IP octets. */
export function writePackets(path: string, { ipv6 }: { readonly ipv6: boolean }): Row[] {
  const file = openSync(path, 'w')
  writeSync(file, pcapHeader())
  const rows = Array.from({ length: PACKETS }, (_, number): Row => {
    const conversation = (number * 7) % CONVERSATIONS
    const isIpv6 = ipv6 && conversation % 4 === 0
    const ends = {
      source: isIpv6 ? `2001:db8::${(conversation + 1).toString(16)}` : `10.0.0.${conversation + 1}`,
      destination: isIpv6 ? '2001:db8:ffff::53' : '198.51.100.53',
      sourcePort: 40_000 + conversation,
      destinationPort: 5353,
    }
    const frame = udpFrame(ends, new Uint8Array(1 + ((number * 131) % 1400)))
    writeSync(file, pcapRecord(START_S * 1e6 + number * 12_000, frame))
    return {
      ip_src: ends.source,
      ip_dst: ends.destination,
      port_src: ends.sourcePort,
      port_dst: ends.destinationPort,
      ip_proto: 'udp',
      packets: 1,
      bytes: frame.length - ETHERNET_OCTETS,
    }
  })
  closeSync(file)
  return rows
}
