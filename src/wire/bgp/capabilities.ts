// Capabilities of an OPEN as data (RFC 5492), and their rows; one file a capability in capabilities/.

import { hexText } from '../../octets/address.ts'
import { multiprotocol } from './capabilities/01-multiprotocol.ts'
import { routeRefresh } from './capabilities/02-route-refresh.ts'
import { extendedNextHop } from './capabilities/05-extended-next-hop.ts'
import { extendedMessage } from './capabilities/06-extended-message.ts'
import { multipleLabels } from './capabilities/08-multiple-labels.ts'
import { role } from './capabilities/09-role.ts'
import { gracefulRestart } from './capabilities/64-graceful-restart.ts'
import { fourOctetAs } from './capabilities/65-four-octet-as.ts'
import { addPath } from './capabilities/69-add-path.ts'
import { enhancedRouteRefresh } from './capabilities/70-enhanced-route-refresh.ts'
import { longLivedGracefulRestart } from './capabilities/71-long-lived-graceful-restart.ts'
import { fqdn } from './capabilities/73-fqdn.ts'
import type { CapabilityRow } from './capabilities/capability.ts'

export interface GracefulRestart {
  /** The sender has restarted. */
  readonly restarted: boolean
  /** NOTIFICATIONs keep routes as well (RFC 8538). */
  readonly notification: boolean
  readonly restartSeconds: number
  readonly families: readonly { readonly family: number; readonly forwarding: boolean }[]
}

export interface Capabilities {
  /** Multiprotocol families, in the order in which they were said. */
  families: number[]
  routeRefresh: boolean
  enhancedRouteRefresh: boolean
  extendedMessage: boolean
  extendedNextHop: { readonly family: number; readonly nextHopAfi: number }[]
  multipleLabels: { readonly family: number; readonly count: number }[]
  /** Role of RFC 9234: 0 provider, 1 route server, 2 route server client, 3 customer, 4 peer. */
  role?: number
  gracefulRestart?: GracefulRestart
  /** The sender's AS number when it knows four-octet ones. */
  as4?: number
  /** `mode`: 1 receive, 2 send, 3 both. */
  addPath: { readonly family: number; readonly mode: number }[]
  longLivedGracefulRestart: { readonly family: number; readonly forwarding: boolean; readonly staleSeconds: number }[]
  hostName?: string
  domainName?: string
  unknown: { readonly code: number; readonly hex: string }[]
}

export const CAPABILITIES: readonly CapabilityRow[] = [
  multiprotocol,
  routeRefresh,
  extendedNextHop,
  extendedMessage,
  multipleLabels,
  role,
  gracefulRestart,
  fourOctetAs,
  addPath,
  enhancedRouteRefresh,
  longLivedGracefulRestart,
  fqdn,
]
const byCode = new Map(CAPABILITIES.map(row => [row.code, row]))

export function noCapabilities(): Capabilities {
  return {
    families: [],
    routeRefresh: false,
    enhancedRouteRefresh: false,
    extendedMessage: false,
    extendedNextHop: [],
    multipleLabels: [],
    addPath: [],
    longLivedGracefulRestart: [],
    unknown: [],
  }
}

/**
 * Adds the capabilities in octets[start..end); false when they do not fill it. A capability of a wrong length is kept
 * as unknown: a session need not fail for what the two sides would not have used.
 */
export function readCapabilities(octets: Uint8Array, start: number, end: number, into: Capabilities): boolean {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
  let at = start
  while (at < end) {
    if (end - at < 2) return false
    const code = octets[at] as number
    const from = at + 2
    at = from + (octets[at + 1] as number)
    if (at > end) return false
    if (!byCode.get(code)?.read(view, from, at, into)) into.unknown.push({ code, hex: hexText(octets, from, at) })
  }
  return true
}

/** Code, length and value of every capability. */
export function writeCapabilities(capabilities: Capabilities): number[] {
  const octets: number[] = []
  for (const row of CAPABILITIES) {
    for (const value of row.write(capabilities)) octets.push(row.code, value.length, ...value)
  }
  for (const { code, hex } of capabilities.unknown) octets.push(code, hex.length / 2, ...Buffer.from(hex, 'hex'))
  return octets
}
