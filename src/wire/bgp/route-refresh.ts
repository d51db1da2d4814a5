// ROUTE-REFRESH messages (RFC 2918; with begin and end of the refresh, RFC 7313).
import { ROUTE_REFRESH, writeMessage } from './message.ts'
import { type BgpProblem, bgpProblem, ROUTE_REFRESH_ERROR } from './notification.ts'

export const REFRESH_REQUEST = 0
export const REFRESH_BEGIN = 1
export const REFRESH_END = 2

export interface RouteRefresh {
  readonly afi: number
  readonly safi: number
  /** REFRESH_REQUEST, REFRESH_BEGIN, REFRESH_END; others are to be ignored. */
  readonly subtype: number
}

/** The body in octets[start..end). Outbound route filters (RFC 5291) after the first four octets are not read. */
export function readRouteRefresh(view: DataView, start: number, end: number): RouteRefresh | BgpProblem {
  const octets = end - start
  const subtype = octets >= 4 ? view.getUint8(start + 2) : 0
  if (octets < 4 || ((subtype === REFRESH_BEGIN || subtype === REFRESH_END) && octets !== 4)) {
    return bgpProblem(ROUTE_REFRESH_ERROR, 1, `a ROUTE-REFRESH body of ${octets} octets`)
  }
  return { afi: view.getUint16(start), subtype, safi: view.getUint8(start + 3) }
}

export function writeRouteRefresh(afi: number, safi: number, subtype = REFRESH_REQUEST): Uint8Array {
  return writeMessage(ROUTE_REFRESH, Uint8Array.of(afi >> 8, afi & 255, subtype, safi))
}
