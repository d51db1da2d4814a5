// Communities as octets, from the texts that netally writes.
import type { Value } from '../../../contract/record.ts'
import { administratorOctets } from '../administrator.ts'

const WELL_KNOWN: { readonly [name: string]: number } = {
  internet: 0,
  'no-export': 0xffff_ff01,
  'no-advertise': 0xffff_ff02,
  'local-AS': 0xffff_ff03,
}
const SUBTYPES: { readonly [name: string]: number } = { RT: 2, SoO: 3 }

/** 32 bits of a standard community; undefined when the text is none. */
export function communityNumber(value: Value): number | undefined {
  if (typeof value !== 'string') return undefined
  const known = WELL_KNOWN[value]
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

/** RFC 4360, 5668: route targets and sites of origin; all others where they are in hex. */
export function extendedCommunityOctets(value: Value): Uint8Array | undefined {
  if (typeof value !== 'string') return undefined
  if (/^0x[0-9a-f]{16}$/.test(value)) return Uint8Array.from(Buffer.from(value.slice(2), 'hex'))
  const [, name = '', administrator = '', text = ''] = /^(RT|SoO):([\d.]+):(\d+)$/.exec(value) ?? []
  const subtype = SUBTYPES[name]
  if (subtype === undefined) return undefined
  const type = administrator.includes('.') ? 1 : Number(administrator) < 2 ** 16 ? 0 : 2
  return administratorOctets((type << 8) | subtype, type, administrator, text)
}
