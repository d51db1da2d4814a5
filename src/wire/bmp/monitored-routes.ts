// UPDATEs inside BMP messages: read as the peer's session encodes them, or, when that fails, as they can be read.
import type { NetRecord } from '../../contract/record.ts'
import { EXTENDED_MESSAGE_OCTETS, HEADER_OCTETS, readHeader, UPDATE } from '../bgp/message.ts'
import { NLRI_READERS } from '../bgp/nlri/families.ts'
import { type BgpProblem, bgpProblem, isBgpProblem, MESSAGE_HEADER_ERROR } from '../bgp/notification.ts'
import type { Route, RouteSet } from '../bgp/route.ts'
import type { SessionState } from '../bgp/session-state.ts'
import { readUpdate, type Update } from '../bgp/update.ts'

const EVERY_FAMILY: ReadonlySet<number> = new Set(NLRI_READERS.keys())

export interface ReadRoutes {
  readonly update: Update | BgpProblem
  /** It was not encoded as the session's state says. */
  readonly guessed: boolean
}

/** The UPDATE octets[start..end), header included. `isKnown`: the OPENs of the peer were seen. */
export function readRoutes(
  octets: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  state: SessionState,
  isKnown: boolean,
): ReadRoutes {
  const header = readHeader(view, start, end - start, EXTENDED_MESSAGE_OCTETS)
  const wrong = (subcode: number, message: string) => ({
    update: bgpProblem(MESSAGE_HEADER_ERROR, subcode, message),
    guessed: false,
  })
  if (!header) return wrong(2, `a BGP message is cut at ${end - start} octets`)
  if (isBgpProblem(header)) return { update: header, guessed: false }
  if (header.type !== UPDATE) return wrong(3, `a BGP message of type ${header.type} in place of an UPDATE`)
  const read = (how: SessionState) => readUpdate(octets, view, start + HEADER_OCTETS, start + header.length, how)
  const update = read(state)
  if (isClean(update)) return { update, guessed: false }
  for (const other of otherStates(state, isKnown)) {
    const guess = read(other)
    if (isClean(guess)) return { update: guess, guessed: true }
  }
  return { update, guessed: false }
}

const isClean = (update: Update | BgpProblem): boolean => 'problems' in update && update.problems.length === 0

const NO_FAMILY: ReadonlySet<number> = new Set()

/**
 * Routers set the A flag wrong, leave path identifiers out of tables after policy (GoBGP), and a station that came late has
 * seen no OPEN.
 */
function otherStates(state: SessionState, isKnown: boolean): readonly SessionState[] {
  const width = { ...state, as4: !state.as4 }
  if (state.addPath.size > 0) return [{ ...state, addPath: NO_FAMILY }, width]
  return isKnown ? [width] : [width, { ...state, addPath: EVERY_FAMILY }]
}

/** Whether routes of the update have route distinguishers of their own. */
export function hasDistinguishers({ announced, withdrawn }: Update): boolean {
  const own = ({ routes }: RouteSet) => routes[0]?.rd !== undefined
  return announced.some(own) || withdrawn.some(own)
}

/** The update with keys added to all its routes, and to single ones by their index from 1. */
export function marked(
  update: Update,
  fields: NetRecord | undefined,
  marks: ReadonlyMap<number, NetRecord> | undefined,
): Update {
  if (!fields && !marks) return update
  let index = 0
  const mark = (route: Route): Route => ({ ...route, fields: { ...route.fields, ...fields, ...marks?.get(++index) } })
  const markSet = (set: RouteSet): RouteSet => ({ ...set, routes: set.routes.map(mark) })
  return { ...update, withdrawn: update.withdrawn.map(markSet), announced: update.announced.map(markSet) }
}

/** pmacct prints a zero next hop where a route has none, as of a Loc-RIB. */
export function withNextHops(update: Update): Update {
  if (update.announced.every(set => set.nextHop !== undefined)) return update
  return { ...update, announced: update.announced.map(set => ({ ...set, nextHop: set.nextHop ?? '0.0.0.0' })) }
}
