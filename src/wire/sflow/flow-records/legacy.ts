// Flow samples of sFlow versions 2 and 4 (RFC 3176): parts have no lengths, so what is unknown ends the datagram.
import type { Sample } from '../sample.ts'
import type { UnknownStructures } from '../unknown.ts'
import type { Xdr } from '../xdr.ts'
import { routing, switching, url, user } from './extended.ts'
import { gateway } from './gateway.ts'
import { sampledHeader, sampledIp } from './header.ts'

type Reader = (xdr: Xdr, sample: Sample, version: number) => void

const PACKET_DATA: { readonly [type: number]: Reader } = {
  1: (xdr, sample) => sampledHeader(xdr, sample, false),
  2: (xdr, sample) => sampledIp(4, xdr, sample),
  3: (xdr, sample) => sampledIp(6, xdr, sample),
}
const EXTENDED: { readonly [type: number]: Reader } = {
  1: switching,
  2: routing,
  3: (xdr, sample, version) => gateway(version, xdr, sample),
  4: user,
  5: (xdr, sample, version) => url(version, xdr, sample),
}
/** More are none. */
const PARTS = 16

/** Reads what follows the interfaces; false when the rest of the datagram cannot be read. */
export function legacyParts(xdr: Xdr, sample: Sample, version: number, unknown: UnknownStructures): boolean {
  const type = xdr.unsigned()
  const read = PACKET_DATA[type]
  if (!read) {
    if (!xdr.broken) unknown.add('flow', type)
    return false
  }
  read(xdr, sample, version)
  for (let left = xdr.unsigned(), parts = 0; left > 0 && !xdr.broken; left--, parts++) {
    const kind = xdr.unsigned()
    const part = parts < PARTS ? EXTENDED[kind] : undefined
    if (!part) {
      if (!xdr.broken) unknown.add('flow', kind)
      return false
    }
    part(xdr, sample, version)
  }
  return !xdr.broken
}
