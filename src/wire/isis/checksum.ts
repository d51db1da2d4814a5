// The checksum of LSPs: it covers from the LSP id on; the lifetime changes on the way.
import { type ChecksumPlace, isFletcherRight, putFletcher } from '../igp/checksum.ts'

const PLACE: ChecksumPlace = { coveredFrom: 12, checksumAt: 24 }

/** Whether the checksum of an LSP is right. Zero is none. */
export const isChecksumRight = (octets: Uint8Array): boolean => isFletcherRight(octets, PLACE)

/** Puts the checksum into an LSP. */
export const putChecksum = (octets: Uint8Array): void => putFletcher(octets, PLACE)
