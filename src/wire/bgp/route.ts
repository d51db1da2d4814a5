// Routes as an UPDATE has them: NLRI of one family that share a next hop.
import type { NetRecord } from '../../contract/record.ts'

/** One NLRI. Values are those of the record. */
export interface Route {
  /** `ip_prefix`, "addr/len"; undefined where the family has none (EVPN types 1 to 4, FlowSpec, BGP-LS, RTC). */
  readonly prefix: string | undefined
  /** ADD-PATH identifier. */
  readonly pathId?: number | undefined
  /** Route distinguisher, `type:admin:value`. */
  readonly rd?: string | undefined
  /** The first label. */
  readonly label?: number | undefined
  /** Further keys of the record: label stack, EVPN, FlowSpec, BGP-LS, RTC. */
  readonly fields?: NetRecord | undefined
}

/** Routes of one family, all announced or all withdrawn. */
export interface RouteSet {
  readonly afi: number
  readonly safi: number
  /** `bgp_nexthop`; undefined on withdrawal and where a family has none. */
  readonly nextHop: string | undefined
  readonly routes: readonly Route[]
}

/** What an NLRI reader needs to know beside the octets. */
export interface NlriContext {
  readonly addPath: boolean
  readonly withdraw: boolean
  /** Labels of EVPN are 24-bit VNIs: the encapsulation community says VXLAN, NVGRE or GENEVE. */
  readonly vni: boolean
}

/**
 * Reads the NLRI in octets[start..end) into `routes`. The text of what is wrong when the rest cannot be read; what came
 * before stands. An NLRI with a length of its own that is malformed inside is left out and told to `skip`.
 */
export type ReadNlri = (
  octets: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  context: NlriContext,
  routes: Route[],
  skip: (what: string) => void,
) => string | undefined
