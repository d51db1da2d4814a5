// Communities as octets, from the texts that netally writes.
import type { Value } from '../../../contract/record.ts'
import { WELL_KNOWN } from '../../../fields/communities.ts'
import { parseExtendedCommunity } from './extended-community.ts'

const BY_NAME: ReadonlyMap<string, number> = new Map([...WELL_KNOWN].map(([number, name]) => [name, number]))

/** 32 bits of a standard community; undefined when the text is none. */
export function communityNumber(value: Value): number | undefined {
  if (typeof value !== 'string') return undefined
  const known = BY_NAME.get(value)
  if (known !== undefined) return known
  const parts = /^(\d{1,5}):(\d{1,5})$/.exec(value)
  if (!parts) return undefined
  const [high, low] = [Number(parts[1]), Number(parts[2])]
  return high <= 0xffff && low <= 0xffff ? high * 65_536 + low : undefined
}

function octetsOf(octets: number, put: (view: DataView) => void): Uint8Array {
  const view = new DataView(new ArrayBuffer(octets))
  put(view)
  return new Uint8Array(view.buffer)
}

export function communityOctets(value: Value): Uint8Array | undefined {
  const number = communityNumber(value)
  return number === undefined ? undefined : octetsOf(4, view => view.setUint32(0, number))
}

/** RFC 8092. */
export function largeCommunityOctets(value: Value): Uint8Array | undefined {
  const parts = typeof value === 'string' ? /^(\d+):(\d+):(\d+)$/.exec(value) : null
  const numbers = parts?.slice(1).map(Number)
  if (!numbers?.every(number => number < 2 ** 32)) return undefined
  return octetsOf(12, view => numbers.forEach((number, index) => void view.setUint32(4 * index, number)))
}

/** RFC 4360. */
export function extendedCommunityOctets(value: Value): Uint8Array | undefined {
  return typeof value === 'string' ? parseExtendedCommunity(value) : undefined
}
