// What a row of the capability table is.
import type { Capabilities } from '../capabilities.ts'

export interface CapabilityRow {
  readonly code: number
  readonly name: string
  readonly reference: string
  /** Reads the value in view[start..end) into the set; false when it is malformed. */
  readonly read: (view: DataView, start: number, end: number, into: Capabilities) => boolean
  /** The values to send: none, one, or several of the same code. */
  readonly write: (from: Capabilities) => number[][]
}

export const word16 = (value: number): number[] => [(value >> 8) & 255, value & 255]

/** AFI (two octets), a reserved octet and SAFI, as some capabilities have them, or without the reserved one. */
export const afiSafi = (family: number): number[] => [...word16(family >>> 8), family & 255]

export const readFamily = (view: DataView, at: number): number => (view.getUint16(at) << 8) | view.getUint8(at + 2)
