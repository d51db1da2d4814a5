// The list of resolvers that the options ask for, in the order in which they run. A new one is a file and a line here.
import type { Host } from '../../contract/host.ts'
import { TopologyState } from '../../wire/topology/state.ts'
import { attributeResolver } from './attributes.ts'
import { followResolver } from './follow-next-hop.ts'
import { geoipResolver } from './geoip.ts'
import { IgpPrefixes, igpResolver } from './igp.ts'
import { igpPathResolver } from './igp-path-resolver.ts'
import { IgpPaths } from './igp-paths.ts'
import { innerFirstResolver } from './inner-first.ts'
import { makeMatches } from './matches.ts'
import { METHOD, type Policy } from './methods.ts'
import { networksFilter, networksOf, networksResolver } from './networks.ts'
import { NextHops, nextHopResolver } from './next-hop.ts'
import type { EnrichOptions } from './options.ts'
import { originResolver } from './origins.ts'
import { pduPeerAsResolver } from './pdu-peer-as.ts'
import { PeerChoice } from './peer-choice.ts'
import type { Resolver } from './resolver.ts'
import { rdResolver } from './route-distinguisher.ts'
import { RouteFinder } from './route-finder.ts'
import { RouteInfos } from './route-info.ts'
import { RouteLookup } from './route-lookup.ts'
import { RouteSource } from './route-source.ts'
import { rpkiResolvers } from './rpki.ts'
import { RpkiSource } from './rpki-source.ts'
import type { Side } from './side.ts'
import { sourceValueResolver } from './source-values.ts'
import { subjectResolver } from './subject.ts'
import { type WhyOptions, whyResolver } from './why.ts'

export interface Enrichment {
  readonly resolvers: readonly Resolver[]
  /** Streams that must have come to the time of a flow before it is looked up. */
  readonly sides: readonly Side[]
}

/** `isWanted`: whether somebody reads the field; what nobody reads is not filled. */
export function makeEnrichment(options: EnrichOptions, host: Host, isWanted: (field: string) => boolean): Enrichment {
  const matches = makeMatches()
  const count = (name: string, by?: number) => host.count(`routes/${name.replace('dropped/', '')}`, by)
  const bgp = options.bgp.map(stream => new RouteSource(stream, count))
  const bmp = options.bmp.map(stream => new RouteSource(stream, count))
  const igp = igpSources(options, count)
  const sources = [...bgp, ...bmp]
  const rpki = options.rpki && new RpkiSource(options.rpki, name => host.count(`rpki/${name}`))
  const finder = new RouteFinder(
    options.vpnFallback,
    view => new RouteInfos(view.source.rib, options.conditioning, isWanted),
  )
  const choices = [
    ...(bgp.length > 0 ? [new PeerChoice(bgp, options.bgpAgentMap, options.useRouterId)] : []),
    ...(bmp.length > 0 ? [new PeerChoice(bmp, options.bmpAgentMap, options.useRouterId)] : []),
  ]
  const networks = options.networks && networksOf(options.networks)
  watchTables(host, sources, rpki)
  const resolvers: (Resolver | false | undefined)[] = [
    options.pduPeerAs && pduPeerAsResolver,
    options.innerFirst && innerFirstResolver(),
    subjectResolver(matches, options.innerFirst),
    options.rdMap && rdResolver(options.rdMap),
    ...(sources.length > 0 ? routeResolvers(options, sources, matches, choices, finder) : []),
    networks && networksResolver(networks, options.networksMask, matches),
    igp.length > 0 && igpResolver(igp, matches),
    ...sourceResolvers(options, matches).filter(({ fills }) => fills.some(isWanted)),
    (choosesSource(options.as) || choosesSource(options.net)) &&
      originResolver({
        as: options.as,
        net: options.net,
        matches,
        networks,
        mask: options.networksMask,
        fileFirst: options.networksFirst,
        hostWithoutNet: options.hostWithoutNet,
        isWanted,
      }),
    options.igp.length > 0 && igpPathResolver(igpPaths(igp), matches.dst),
    ...(sources.length > 0 ? filledByRoutes(options, matches, choices, finder, isWanted) : []),
    ...(rpki ? rpkiResolvers(options, rpki, sources.length > 0, matches, finder, isWanted) : []),
    options.geoip.length > 0 && geoipResolver(options.geoip, isWanted),
    options.networksFilter && networks && networksFilter(matches),
    options.why && whyResolver(whyOptions(options, matches, networks, sources.length > 0)),
  ]
  return {
    resolvers: resolvers.filter(resolver => resolver !== false && resolver !== undefined),
    sides: [...sources, ...igp, ...(rpki ? [rpki] : [])].flatMap(({ side }) => side ?? []),
  }
}

function igpSources({ bgpLs, igp }: EnrichOptions, count: (name: string, by?: number) => void): IgpPrefixes[] {
  return [
    ...bgpLs.map(stream => new IgpPrefixes(stream, count)),
    ...igp.map(stream => new IgpPrefixes(stream, count, new TopologyState())),
  ]
}

const igpPaths = (sources: readonly IgpPrefixes[]): IgpPaths[] =>
  sources.flatMap(({ topology }) => (topology ? [new IgpPaths(topology)] : []))

function whyOptions(options: EnrichOptions, matches: Matches, networks: WhyOptions['networks'], hasRoutes: boolean) {
  const [choosesAs, choosesNet] = [choosesSource(options.as), choosesSource(options.net)]
  return { matches, networks, hasRoutes, choosesAs, choosesNet }
}

const hasBlackhole = ({ conditioning }: EnrichOptions): boolean => conditioning.blackhole.size > 0
const choosesSource = ({ methods }: Policy): boolean => methods.some(method => method !== METHOD.netflow)

type Matches = ReturnType<typeof makeMatches>

function routeResolvers(
  options: EnrichOptions,
  sources: readonly RouteSource[],
  matches: Matches,
  choices: readonly PeerChoice[],
  finder: RouteFinder,
): Resolver[] {
  const nextHops = new NextHops()
  return [
    nextHopResolver(nextHops, options.useIpNextHop, options.nextHopMap),
    new RouteLookup({
      choices,
      sources,
      finder,
      matches,
      nextHops,
      followDefault: options.followDefault,
    }),
  ]
}

/** What is made of the routes that were found. */
function filledByRoutes(
  options: EnrichOptions,
  matches: Matches,
  choices: readonly PeerChoice[],
  finder: RouteFinder,
  isWanted: (field: string) => boolean,
): Resolver[] {
  const ofDestination = (field: string) => isWanted(field) && (field !== 'blackhole' || hasBlackhole(options))
  const ofSource = (field: string) => isWanted(field) && options.sourceFields.includes(field)
  const follows = options.follow.inside.length > 0 && isWanted('peer_ip_dst')
  return [
    ...(follows ? [followResolver(options.follow, choices, finder, matches)] : []),
    attributeResolver(matches, 'dst', ofDestination),
    attributeResolver(matches, 'src', ofSource),
  ]
}

/** Peer AS, local preference and MED of the source, those that are asked for. */
function sourceResolvers(options: EnrichOptions, matches: Matches): Resolver[] {
  const { peerSrcAs, srcLocalPref, srcMed, peerSrcAsMap, srcLocalPrefMap, srcMedMap } = options
  const asked = [
    { field: 'peer_as_src', method: peerSrcAs === 'netflow' ? undefined : peerSrcAs, map: peerSrcAsMap },
    { field: 'local_pref_src', method: srcLocalPref, map: srcLocalPrefMap },
    { field: 'med_src', method: srcMed, map: srcMedMap },
  ] as const
  return asked.flatMap(({ field, method, map }) =>
    method ? [sourceValueResolver({ field, method, map, matches })] : [],
  )
}

function watchTables(host: Host, sources: readonly RouteSource[], rpki: RpkiSource | undefined): void {
  if (rpki) host.watch(() => rpki.readings())
  if (sources.length === 0) return
  const sum = (of: (source: RouteSource) => number) => sources.reduce((total, source) => total + of(source), 0)
  host.watch(() => [
    { name: 'table_routes', value: sum(({ rib }) => rib.table.size) },
    { name: 'table_prefixes', value: sum(({ rib }) => rib.table.prefixes.count) },
    { name: 'table_sessions', value: sum(({ rib }) => rib.peers.sessions.size) },
  ])
}
