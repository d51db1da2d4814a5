// How many octets the one NLRI of a RIB_GENERIC record has: entries follow it (RFC 6396 section 4.3.3).
import { AFI_BGP_LS, AFI_L2VPN, afiOf, SAFI_EVPN, SAFI_FLOWSPEC, SAFI_FLOWSPEC_VPN, safiOf } from '../bgp/families.ts'

/** From `at` on, of `available` octets; undefined when it is cut. */
export function nlriOctets(family: number, view: DataView, at: number, available: number): number | undefined {
  const octets = lengthOf(family, view, at, available)
  return octets !== undefined && octets <= available ? octets : undefined
}

function lengthOf(family: number, view: DataView, at: number, available: number): number | undefined {
  const safi = safiOf(family)
  if (afiOf(family) === AFI_BGP_LS) return available < 4 ? undefined : 4 + view.getUint16(at + 2)
  if (afiOf(family) === AFI_L2VPN && safi === SAFI_EVPN) return available < 2 ? undefined : 2 + view.getUint8(at + 1)
  if (available < 1) return undefined
  const first = view.getUint8(at)
  if (safi === SAFI_FLOWSPEC || safi === SAFI_FLOWSPEC_VPN) {
    if (first < 0xf0) return 1 + first
    return available < 2 ? undefined : 2 + (view.getUint16(at) & 0xfff)
  }
  return 1 + ((first + 7) >> 3)
}
