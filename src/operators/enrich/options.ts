// What enrich is told.
import type { Stream } from '../../contract/record.ts'
import type { MapOf } from '../../maps/map-of.ts'
import type { NetworksTable } from '../../maps/networks-file.ts'
import type { SourceValue } from '../../maps/source-maps.ts'
import { AS_IT_IS, type Conditioning } from './conditioning.ts'
import type { FollowOptions } from './follow-next-hop.ts'
import type { GeoSource } from './geoip.ts'
import { METHOD, type Policy } from './methods.ts'
import type { Readable } from './reloaded.ts'
import type { RpkiInput } from './rpki-source.ts'
import type { WaitFor } from './side.ts'
import type { SourceMethod } from './source-values.ts'
import type { Candidate } from './views.ts'

export interface EnrichOptions {
  readonly bgp: readonly Stream[]
  readonly bmp: readonly Stream[]
  /** Link-state records whose prefixes are wanted. */
  readonly bgpLs: readonly Stream[]
  /** The same, and ways through the topology that they make. */
  readonly igp: readonly Stream[]
  readonly rpki: RpkiInput | undefined
  /** Neighbours whose routes come down to us: their paths may go up and down. None = all are taken for such. */
  readonly providerAs: ReadonlySet<number>
  readonly geoip: readonly GeoSource[]
  readonly as: Policy
  readonly net: Policy
  readonly peerSrcAs: SourceMethod
  readonly srcLocalPref: SourceMethod | undefined
  readonly srcMed: SourceMethod | undefined
  /** Attributes of the route to the source that are filled (fields). */
  readonly sourceFields: readonly string[]
  readonly bgpAgentMap?: Readable<MapOf<readonly Candidate[]>> | undefined
  readonly bmpAgentMap?: Readable<MapOf<readonly Candidate[]>> | undefined
  readonly rdMap?: Readable<MapOf<string>> | undefined
  readonly nextHopMap?: Readable<MapOf<string>> | undefined
  readonly peerSrcAsMap?: Readable<MapOf<SourceValue>> | undefined
  readonly srcLocalPrefMap?: Readable<MapOf<SourceValue>> | undefined
  readonly srcMedMap?: Readable<MapOf<SourceValue>> | undefined
  readonly networks?: Readable<NetworksTable> | undefined
  readonly networksMask: number
  readonly networksFirst: boolean
  readonly networksFilter: boolean
  readonly hostWithoutNet: boolean
  readonly useRouterId: boolean
  readonly useIpNextHop: boolean
  readonly vpnFallback: boolean
  readonly followDefault: number
  readonly follow: FollowOptions
  readonly pduPeerAs: boolean
  readonly innerFirst: boolean
  readonly conditioning: Conditioning
  readonly why: boolean
  readonly waitFor: WaitFor | undefined
  readonly holdRecords: number
  readonly holdMs: number
  /** Whether records of this receive time come from a network now, and not from a capture. */
  readonly isLive: (nowMs: number) => boolean
}

const NETFLOW: Policy = { longest: false, methods: [METHOD.netflow] }

export const ENRICH_DEFAULTS: EnrichOptions = {
  bgp: [],
  bmp: [],
  bgpLs: [],
  igp: [],
  rpki: undefined,
  providerAs: new Set(),
  geoip: [],
  as: NETFLOW,
  net: NETFLOW,
  peerSrcAs: 'netflow',
  srcLocalPref: undefined,
  srcMed: undefined,
  sourceFields: [],
  networksMask: 0,
  networksFirst: false,
  networksFilter: false,
  hostWithoutNet: false,
  useRouterId: true,
  useIpNextHop: false,
  vpnFallback: false,
  followDefault: 0,
  follow: { inside: [], external: false },
  pduPeerAs: false,
  innerFirst: false,
  conditioning: AS_IT_IS,
  why: false,
  waitFor: undefined,
  holdRecords: 1_000_000,
  holdMs: 60_000,
  isLive: () => false,
}
