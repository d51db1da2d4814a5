/** IP packets in pieces. */
import { join } from './captures.ts'

/** [from, to) of what follows the IP header, as a fragment. */
export function fragment4(whole: Uint8Array, from: number, to: number, identification = 7): Buffer {
  const body = whole.subarray(20)
  const header = Buffer.from(whole.subarray(0, 20))
  const piece = body.subarray(from, to)
  header.writeUInt16BE(20 + piece.length, 2)
  header.writeUInt16BE(identification, 4)
  header.writeUInt16BE(from / 8 + (to < body.length ? 0x2000 : 0), 6)
  return join(header, piece)
}

/** The same for IPv6; `first` is the protocol number that the fragment header gives. */
export function fragment6(whole: Uint8Array, from: number, to: number, identification = 7, first = whole[6]!): Buffer {
  const body = whole.subarray(40)
  const header = Buffer.from(whole.subarray(0, 40))
  const piece = body.subarray(from, to)
  header.writeUInt16BE(8 + piece.length, 4)
  header[6] = 44
  const fragment = Buffer.alloc(8)
  fragment[0] = first
  fragment.writeUInt16BE(from + (to < body.length ? 1 : 0), 2)
  fragment.writeUInt32BE(identification, 4)
  return join(header, fragment, piece)
}
