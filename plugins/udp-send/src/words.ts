// Structures of the kernel: words of 64 bits.
import { isLittle } from './calls.ts'

/** A word of 64 bits at a place; addresses and lengths stay below 2^53. */
export function putWord(words: Uint32Array, at: number, value: number): void {
  const index = at >>> 2
  words[index + (isLittle ? 0 : 1)] = value
  words[index + (isLittle ? 1 : 0)] = value / 0x1_0000_0000
}

/** struct mmsghdr: name, its length, iovec, how many, control, its length, flags; then the octets of the message, and padding. */
export const MESSAGE_OCTETS = 64
export const NAME_OCTETS_AT = 8
export const PIECES_AT = 16
export const PIECE_COUNT_AT = 24
export const CONTROL_AT = 32
export const CONTROL_OCTETS_AT = 40
export const LENGTH_AT = 56
/** struct iovec. */
export const PIECE_OCTETS = 16
/** Room for struct sockaddr_in6. */
export const NAME_OCTETS = 32
