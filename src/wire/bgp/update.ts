// UPDATE messages: attributes, announced and withdrawn routes (RFC 4271 section 4.3, RFC 4760), errors as RFC 7606 has them.
import { cachedAttributes } from './attributes/cache.ts'
import { type Attributes, NO_ATTRIBUTES } from './attributes/decode.ts'
import { cleanOutcome, fail, type Outcome, type UpdateProblem } from './attributes/policy.ts'
import { type Range, scanAttributes } from './attributes/scan.ts'
import { AFI_IPV4, familyOf, IPV4_UNICAST, SAFI_UNICAST } from './families.ts'
import { NLRI_READERS } from './nlri/families.ts'
import { readNextHop } from './nlri/next-hop.ts'
import { ipv4Unicast } from './nlri/unicast.ts'
import { type BgpProblem, bgpProblem, UPDATE_ERROR } from './notification.ts'
import type { Route, RouteSet } from './route.ts'
import type { SessionState } from './session-state.ts'

export interface Update {
  /** Of all announced routes. */
  readonly attributes: Attributes
  readonly announced: readonly RouteSet[]
  readonly withdrawn: readonly RouteSet[]
  /** The UPDATE ends the initial routes of a family (RFC 4724 section 2). */
  readonly endOfRib: { readonly afi: number; readonly safi: number } | undefined
  /** Errors that did not end the session, with what was done about them. */
  readonly problems: readonly UpdateProblem[]
}

interface Draft {
  readonly octets: Uint8Array
  readonly view: DataView
  readonly state: SessionState
  readonly outcome: Outcome
  readonly announced: RouteSet[]
  readonly withdrawn: RouteSet[]
}

const NO_PROBLEMS: readonly UpdateProblem[] = []

/**
 * Reads the body in octets[start..end) (HEADER_OCTETS after the start of the message); `view` is over the same buffer as
 * `octets`, from the same offset. A BgpProblem is an error that ends the session; errors that RFC 7606 handles otherwise
 * are in `problems`.
 */
export function readUpdate(
  octets: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  state: SessionState,
): Update | BgpProblem {
  if (end - start < 4) return bgpProblem(UPDATE_ERROR, 1, `an UPDATE body of ${end - start} octets`)
  const withdrawnEnd = start + 2 + view.getUint16(start)
  if (withdrawnEnd + 2 > end) return bgpProblem(UPDATE_ERROR, 1, 'withdrawn routes go beyond the UPDATE')
  const attributesEnd = withdrawnEnd + 2 + view.getUint16(withdrawnEnd)
  if (attributesEnd > end) return bgpProblem(UPDATE_ERROR, 1, 'path attributes go beyond the UPDATE')
  const draft: Draft = { octets, view, state, outcome: cleanOutcome(), announced: [], withdrawn: [] }
  if (withdrawnEnd > start + 2) readClassic(draft, start + 2, withdrawnEnd, true, undefined)
  const attributes = readAttributes(draft, withdrawnEnd + 2, attributesEnd, end > attributesEnd)
  if (attributesEnd < end) readClassic(draft, attributesEnd, end, false, attributes.nextHop)
  return finish(draft, attributes, end - start)
}

/** Routes outside the multiprotocol attributes: IPv4 unicast. */
function readClassic(draft: Draft, start: number, end: number, withdraw: boolean, nextHop: string | undefined): void {
  const routes: Route[] = []
  const context = { addPath: draft.state.addPath.has(IPV4_UNICAST), withdraw, vni: false }
  const what = ipv4Unicast(draft.octets, draft.view, start, end, context, routes, () => {})
  if (what !== undefined) unreadable(draft.outcome, withdraw ? 'withdrawn routes' : 'NLRI', what, 10)
  const set = { afi: AFI_IPV4, safi: SAFI_UNICAST, nextHop, routes }
  if (withdraw) draft.withdrawn.push(set)
  else draft.announced.push(set)
}

function unreadable(outcome: Outcome, where: string, what: string, subcode: number): void {
  const problem = { code: 'bgp/nlri', message: `${where}: ${what}`, reference: 'RFC 7606 sections 3 and 5.3' }
  fail(outcome, 'session-reset', problem, subcode)
}

function readAttributes(draft: Draft, start: number, end: number, classic: boolean): Attributes {
  if (start === end) {
    if (classic) missing(draft, 'ORIGIN')
    return NO_ATTRIBUTES
  }
  const { outcome } = draft
  const scanned = scanAttributes(draft.octets, draft.view, start, end, outcome)
  const { attributes, outcome: own } = cachedAttributes(
    scanned.octets,
    scanned.view,
    scanned.start,
    scanned.end,
    draft.state.as4,
  )
  for (const problem of own.problems) outcome.problems.push(problem)
  outcome.withdraw ||= own.withdraw
  outcome.reset ??= own.reset
  if (scanned.unreach) readUnreach(draft, scanned.unreach)
  if (scanned.reach) readReach(draft, scanned.reach, attributes.vni)
  if (classic || scanned.reach) {
    const { origin, as_path } = attributes.values
    if (origin === undefined) missing(draft, 'ORIGIN')
    if (as_path === undefined) missing(draft, 'AS_PATH')
    if (classic && attributes.nextHop === undefined) missing(draft, 'NEXT_HOP')
  }
  return attributes
}

/** RFC 7606 section 3 (d). An attribute that was malformed is missing as well: once is enough. */
function missing({ outcome, state }: Draft, name: string): void {
  if (outcome.withdraw || state.monitored) return
  const problem = { code: 'bgp/attribute-missing', message: `${name} is missing`, reference: 'RFC 7606 section 3' }
  fail(outcome, 'treat-as-withdraw', problem, 3)
}

function readReach(draft: Draft, { start, end }: Range, vni: boolean): void {
  const { octets, view, outcome } = draft
  const bad = (what: string) => unreadable(outcome, 'MP_REACH_NLRI', what, 9)
  if (end - start < 5) {
    bad(`its length is ${end - start}`)
    return
  }
  const afi = view.getUint16(start)
  const safi = view.getUint8(start + 2)
  const nextHopOctets = view.getUint8(start + 3)
  // A reserved octet follows the next hop.
  const from = start + 4 + nextHopOctets + 1
  // What a next hop looks like in a family that is not read is not known either.
  const known = NLRI_READERS.has(familyOf(afi, safi))
  const nextHop = from > end ? undefined : known ? readNextHop(octets, start + 4, nextHopOctets) : ''
  if (nextHop === undefined) {
    bad(`a next hop of ${nextHopOctets} octets`)
    return
  }
  const routes = readRoutes(draft, afi, safi, from, end, { withdraw: false, vni })
  draft.announced.push({ afi, safi, nextHop: nextHop === '' ? undefined : nextHop, routes })
}

function readUnreach(draft: Draft, { start, end }: Range): void {
  const { view, outcome } = draft
  if (end - start < 3) {
    unreadable(outcome, 'MP_UNREACH_NLRI', `its length is ${end - start}`, 9)
    return
  }
  const afi = view.getUint16(start)
  const safi = view.getUint8(start + 2)
  const routes = readRoutes(draft, afi, safi, start + 3, end, { withdraw: true, vni: false })
  draft.withdrawn.push({ afi, safi, nextHop: undefined, routes })
}

function readRoutes(
  { octets, view, state, outcome }: Draft,
  afi: number,
  safi: number,
  start: number,
  end: number,
  how: { readonly withdraw: boolean; readonly vni: boolean },
): Route[] {
  const routes: Route[] = []
  if (start === end) return routes
  const family = familyOf(afi, safi)
  const reader = NLRI_READERS.get(family)
  const where = `routes of AFI ${afi} SAFI ${safi}`
  if (!reader) {
    fail(
      outcome,
      'attribute-discard',
      { code: 'bgp/unknown-family', message: `${where}: netally does not read them` },
      9,
    )
    return routes
  }
  const skip = (reason: string) =>
    fail(outcome, 'attribute-discard', { code: 'bgp/nlri-skipped', message: `${where}: ${reason}` }, 9)
  const what = reader(octets, view, start, end, { addPath: state.addPath.has(family), ...how }, routes, skip)
  if (what !== undefined) unreadable(outcome, where, what, 9)
  return routes
}

const LABEL_FIELDS = new Set(['mpls_label_stack', 'evpn_vni', 'evpn_label2', 'evpn_vni2'])

/** Announced routes that count as withdrawn, without what only an announcement says. */
function asWithdrawn({ afi, safi, routes }: RouteSet): RouteSet {
  const bare = routes.map(route => {
    const fields = Object.entries(route.fields ?? {}).filter(([name]) => !LABEL_FIELDS.has(name))
    return { ...route, label: undefined, fields: fields.length > 0 ? Object.fromEntries(fields) : undefined }
  })
  return { afi, safi, nextHop: undefined, routes: bare }
}

function finish(draft: Draft, attributes: Attributes, octets: number): Update | BgpProblem {
  const { announced, withdrawn, outcome } = draft
  if (outcome.reset) return outcome.reset
  const problems = outcome.problems.length > 0 ? outcome.problems : NO_PROBLEMS
  if (outcome.withdraw) {
    const all = [...withdrawn, ...announced.map(asWithdrawn)]
    return { attributes: NO_ATTRIBUTES, announced: [], withdrawn: all, endOfRib: undefined, problems }
  }
  return { attributes, announced, withdrawn, endOfRib: endOfRib(draft, octets), problems }
}

/** An UPDATE with nothing in it, or with an MP_UNREACH_NLRI without routes and nothing else (RFC 4724 section 2). */
function endOfRib({ announced, withdrawn, outcome }: Draft, octets: number): Update['endOfRib'] {
  if (octets === 4) return { afi: AFI_IPV4, safi: SAFI_UNICAST }
  const only = withdrawn[0]
  if (announced.length > 0 || withdrawn.length !== 1 || !only || only.routes.length > 0) return undefined
  // Routes that could not be read are not the end of anything.
  return outcome.problems.length === 0 ? { afi: only.afi, safi: only.safi } : undefined
}
