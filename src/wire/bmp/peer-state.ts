// How the UPDATEs of a peer are encoded, by the OPENs of its peer up (RFC 7854 section 5, RFC 8671 section 4, RFC 9069 section 4).
import type { Capabilities } from '../bgp/capabilities.ts'
import { negotiate, PLAIN_SESSION, type SessionState } from '../bgp/session-state.ts'
import type { PeerHeader } from './peer-header.ts'
import type { PeerUp } from './peer-up.ts'

/** What the peer sends the router, what the router sends it, and the router's own table. */
export interface PeerStates {
  readonly in: SessionState
  readonly out: SessionState
  readonly loc: SessionState
}

/** The router has judged its routes; they are told as it has them. */
export const MONITORED: SessionState = { ...PLAIN_SESSION, monitored: true }
const NOT_KNOWN: PeerStates = { in: MONITORED, out: MONITORED, loc: MONITORED }

export function statesOf({ sent, received }: PeerUp): PeerStates {
  if (!sent || !received) return NOT_KNOWN
  const ours = sent.capabilities
  const theirs = received.capabilities
  return { in: negotiate(ours, theirs), out: negotiate(theirs, ours), loc: either(ours, theirs) }
}

/** Loc-RIB has no session: its OPENs only tell the families that carry path identifiers, whatever their direction. */
function either(...capabilities: readonly Capabilities[]): SessionState {
  const addPath = new Set(capabilities.flatMap(one => one.addPath.map(row => row.family)))
  return { ...MONITORED, addPath }
}

/** For the messages of one view of a peer. The A flag decides on AS numbers: a router may convert them. */
export function stateOf(peer: PeerHeader, states: PeerStates | undefined): SessionState {
  const { addPath, extendedNextHop } = (states ?? NOT_KNOWN)[peer.rib.kind]
  return { ...MONITORED, as4: !peer.legacyAsPath, addPath, extendedNextHop }
}

/** As a message says of itself (stateless parsing TLV). */
export function statelessState(state: SessionState, said: Capabilities): SessionState {
  return {
    ...state,
    as4: state.as4 || said.as4 !== undefined,
    addPath: said.addPath.length > 0 ? new Set(said.addPath.map(row => row.family)) : state.addPath,
  }
}
