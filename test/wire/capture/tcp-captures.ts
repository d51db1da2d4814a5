// TCP segments as Ethernet frames.
import { textOctets } from '../../support/octet-writer.ts'
import { ethernet, join } from './captures.ts'

export const FIN = 1
export const SYN = 2
export const RST = 4
export const ACK = 16

export interface TcpEnd {
  readonly address: string
  readonly port: number
}

export interface TcpSegment {
  readonly sequence: number
  readonly acknowledged?: number
  readonly flags?: number
  readonly payload?: Uint8Array
}

export function tcpFrame(from: TcpEnd, to: TcpEnd, segment: TcpSegment): Buffer {
  const { sequence, acknowledged, payload = new Uint8Array(0) } = segment
  const header = Buffer.alloc(20)
  header.writeUInt16BE(from.port, 0)
  header.writeUInt16BE(to.port, 2)
  header.writeUInt32BE(sequence >>> 0, 4)
  header.writeUInt32BE((acknowledged ?? 0) >>> 0, 8)
  header[12] = 5 << 4
  header[13] = (segment.flags ?? 0) | (acknowledged === undefined ? 0 : ACK)
  const octets = join(header, payload)
  const six = from.address.includes(':')
  const ip = Buffer.alloc(six ? 8 : 12)
  if (six) {
    ip[0] = 0x60
    ip.writeUInt16BE(octets.length, 4)
    ip[6] = 6
    ip[7] = 64
  } else {
    ip[0] = 0x45
    ip.writeUInt16BE(20 + octets.length, 2)
    ip[8] = 64
    ip[9] = 6
  }
  const size = six ? 16 : 4
  const addresses = [textOctets(from.address, size), textOctets(to.address, size)]
  return ethernet(six ? '86dd' : '0800', join(ip, ...addresses, octets))
}

/** The frames of a connection that `from` opens: what each side says in turns, in segments of at most `size` octets. */
export function conversation(
  from: TcpEnd,
  to: TcpEnd,
  said: readonly (readonly ['from' | 'to', Uint8Array])[],
  size = 1400,
): Buffer[] {
  const sequences = { from: 1000, to: 0xffff_fff0 }
  const ends = { from, to }
  const other = { from: 'to', to: 'from' } as const
  const frames: Buffer[] = []
  const send = (side: 'from' | 'to', payload: Uint8Array, flags = 0) => {
    const acknowledged = flags === SYN && side === 'from' ? {} : { acknowledged: sequences[other[side]] }
    const segment = { sequence: sequences[side], payload, flags, ...acknowledged }
    frames.push(tcpFrame(ends[side], ends[other[side]], segment))
    sequences[side] += payload.length + (flags & (SYN | FIN) ? 1 : 0)
  }
  const nothing = new Uint8Array(0)
  send('from', nothing, SYN)
  send('to', nothing, SYN)
  for (const [side, octets] of said) {
    for (let at = 0; at < octets.length; at += size) send(side, octets.subarray(at, at + size))
  }
  send('from', nothing, FIN)
  send('to', nothing, FIN)
  return frames
}
