// What two OPENs agreed on, as far as reading messages depends on it.
import type { Capabilities } from './capabilities.ts'

export interface SessionState {
  /** AS numbers in AS_PATH and AGGREGATOR have four octets. */
  readonly as4: boolean
  /** Families (families.ts) whose NLRI carry path identifiers. */
  readonly addPath: ReadonlySet<number>
  /** Families that may have an IPv6 next hop (RFC 8950); informational, the next hop's length decides. */
  readonly extendedNextHop: ReadonlySet<number>
  /** Messages may have 65535 octets (RFC 8654). */
  readonly extendedMessage: boolean
  /** A monitored router's routes (BMP, MRT), which it has already judged: one without NEXT_HOP or ORIGIN is no withdrawal. */
  readonly monitored?: boolean
}

/** Without an OPEN to go by: four-octet AS numbers, no path identifiers. */
export const PLAIN_SESSION: SessionState = {
  as4: true,
  addPath: new Set(),
  extendedNextHop: new Set(),
  extendedMessage: true,
}

export const ADD_PATH_RECEIVE = 1
export const ADD_PATH_SEND = 2

/** The state for messages that `theirs` sends to `ours`. */
export function negotiate(ours: Capabilities, theirs: Capabilities): SessionState {
  const wanted = new Set(ours.addPath.filter(row => row.mode & ADD_PATH_RECEIVE).map(row => row.family))
  const nextHops = new Set(ours.extendedNextHop.map(row => row.family))
  return {
    as4: ours.as4 !== undefined && theirs.as4 !== undefined,
    addPath: new Set(
      theirs.addPath.filter(row => row.mode & ADD_PATH_SEND && wanted.has(row.family)).map(row => row.family),
    ),
    extendedNextHop: new Set(theirs.extendedNextHop.map(row => row.family).filter(family => nextHops.has(family))),
    extendedMessage: ours.extendedMessage && theirs.extendedMessage,
  }
}
