// The OPEN that we send: everything that netally can read.
import { noCapabilities } from '../../wire/bgp/capabilities.ts'
import { AFI_IPV4, AFI_IPV6, familyOf, SAFI_LABELLED, SAFI_UNICAST, SAFI_VPN } from '../../wire/bgp/families.ts'
import { NLRI_READERS } from '../../wire/bgp/nlri/families.ts'
import { type BgpProblem, bgpProblem, OPEN_ERROR } from '../../wire/bgp/notification.ts'
import type { Open } from '../../wire/bgp/open.ts'
import { ADD_PATH_RECEIVE } from '../../wire/bgp/session-state.ts'
import type { SpeakerOptions } from './bgp-options.ts'

/** What is offered when nothing is said. */
export const ALL_FAMILIES: readonly number[] = [...NLRI_READERS.keys()]
/** IPv4 routes with IPv6 next hops (RFC 8950). */
const IPV6_NEXT_HOP = [SAFI_UNICAST, SAFI_LABELLED, SAFI_VPN].map(safi => familyOf(AFI_IPV4, safi))
/** Where the address of the session is no IPv4 address; the same as pmacct's. */
const FALLBACK_ROUTER_ID = '1.2.3.4'

/** `localAddress` is our end of the session. */
export function ourOpen(options: SpeakerOptions, as: number, localAddress: string): Open {
  const capabilities = noCapabilities()
  capabilities.families = [...options.families]
  capabilities.routeRefresh = true
  capabilities.enhancedRouteRefresh = true
  capabilities.extendedMessage = true
  capabilities.extendedNextHop = IPV6_NEXT_HOP.filter(family => options.families.includes(family)).map(family => ({
    family,
    nextHopAfi: AFI_IPV6,
  }))
  capabilities.as4 = as
  if (options.addPath) {
    capabilities.addPath = options.families.map(family => ({ family, mode: ADD_PATH_RECEIVE }))
  }
  // Without families: we keep no routes, but the peer shall say where its initial ones end (RFC 4724 section 3).
  capabilities.gracefulRestart = { restarted: false, notification: false, restartSeconds: 0, families: [] }
  if (options.role !== undefined) capabilities.role = options.role
  const routerId = options.routerId ?? (localAddress.includes(':') ? FALLBACK_ROUTER_ID : localAddress)
  return { as, holdSeconds: options.holdSeconds, routerId, capabilities }
}

/** Which roles go together (RFC 9234 section 4.2): 0 provider, 1 route server, 2 its client, 3 customer, 4 peer. */
const OTHER_ROLE: readonly number[] = [3, 2, 1, 0, 4]

/** What is wrong with the peer's OPEN in the light of ours. */
export function judgeOpen(theirs: Open, ours: Open, options: SpeakerOptions): BgpProblem | undefined {
  if (options.peerAs.size > 0 && !options.peerAs.has(theirs.as)) {
    return bgpProblem(OPEN_ERROR, 2, `AS ${theirs.as} is not one of --peer-as`)
  }
  if (theirs.as === 0) return bgpProblem(OPEN_ERROR, 2, 'AS 0')
  if (theirs.as === ours.as && theirs.routerId === ours.routerId) {
    return bgpProblem(OPEN_ERROR, 3, `the BGP identifier ${theirs.routerId} is our own; --router-id gives another`)
  }
  const [role, other] = [ours.capabilities.role, theirs.capabilities.role]
  if (role !== undefined && other !== undefined && OTHER_ROLE[role] !== other) {
    return bgpProblem(OPEN_ERROR, 11, `role ${other} does not go with our role ${role} (RFC 9234)`)
  }
  return undefined
}
