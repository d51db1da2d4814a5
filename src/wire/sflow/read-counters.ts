// A counter structure as the members of records.
import type { NetRecord, Value } from '../../contract/record.ts'
import { hexText, macText } from '../../octets/address.ts'
import type { Kind, Structure } from './counters.ts'
import type { Xdr } from './xdr.ts'

/** A list with more is cut. */
const LIST = 256
const UUID_OCTETS = 16

function uuid(xdr: Xdr): Value {
  if (!xdr.has(UUID_OCTETS)) return ''
  const { view, at } = xdr
  xdr.at += UUID_OCTETS
  const hex = hexText(new Uint8Array(view.buffer, view.byteOffset + at, UUID_OCTETS))
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function macs(xdr: Xdr): Value {
  const list: string[] = []
  for (let left = Math.min(xdr.unsigned(), LIST); left > 0 && !xdr.broken; left--) list.push(macText(xdr.mac()))
  return list
}

const READERS: { readonly [kind in Kind]: (xdr: Xdr) => Value } = {
  u: xdr => xdr.unsigned(),
  i: xdr => xdr.signed(),
  h: xdr => xdr.hyper(),
  // The shortest decimal that is the same single: 0.1, not 0.10000000149.
  f: xdr => Number(xdr.float().toPrecision(7)),
  s: xdr => xdr.text(),
  m: xdr => {
    const mac = xdr.mac()
    return Number.isNaN(mac) ? '' : macText(mac)
  },
  x: uuid,
  '[u]': xdr => xdr.list(),
  '[m]': macs,
}

function read(xdr: Xdr, members: Structure['members'], into: NetRecord): void {
  for (const [name, kind] of members) {
    // Agents of an older edition of a structure send fewer members.
    if (name === '' || xdr.at >= xdr.end) return
    const value = READERS[kind](xdr)
    if (xdr.broken) return
    if (value === '' || (typeof value === 'number' && !Number.isFinite(value))) continue
    into[name] = value
  }
}

/** One record, or one for each of the list that the structure ends with. `first` makes a record with what all have. */
export function* readCounters(xdr: Xdr, structure: Structure, first: () => NetRecord): Generator<NetRecord> {
  const common = first()
  read(xdr, structure.members, common)
  if (!structure.each) {
    yield common
    return
  }
  const count = Math.min(xdr.unsigned(), LIST)
  for (let index = 0; index < count && !xdr.broken && xdr.at < xdr.end; index++) {
    const record = { ...common }
    read(xdr, structure.each, record)
    if (!xdr.broken) yield record
  }
}
