// Options of the enrich operator from its flags.
import type { Host } from '../contract/host.ts'
import { isProblem, type Problem, ProblemError } from '../contract/problem.ts'
import type { Stream } from '../contract/record.ts'
import { WELL_KNOWN } from '../fields/communities.ts'
import { fieldsOf } from '../fields/dictionary.ts'
import { type Prefix, parsePrefix } from '../lookup/prefix.ts'
import { readBgpAgentMap, readBmpAgentMap } from '../maps/agent-map.ts'
import { readFlowToRdMap } from '../maps/flow-to-rd-map.ts'
import { readNetworksFile } from '../maps/networks-file.ts'
import { readPeerDstIpMap } from '../maps/peer-dst-ip-map.ts'
import { readPeerSrcAsMap, readSrcLocalPrefMap, readSrcMedMap } from '../maps/source-maps.ts'
import { durationSeconds } from '../operators/aggregate/bins.ts'
import { ATTRIBUTES } from '../operators/enrich/attributes.ts'
import { type Conditioning, communityPattern } from '../operators/enrich/conditioning.ts'
import { LONGEST_AS, LONGEST_NET, METHOD, METHOD_WORDS, type Policy } from '../operators/enrich/methods.ts'
import type { EnrichOptions } from '../operators/enrich/options.ts'
import type { Readable } from '../operators/enrich/reloaded.ts'
import type { WaitFor } from '../operators/enrich/side.ts'
import type { SourceMethod } from '../operators/enrich/source-values.ts'
import { openGeoFiles } from './geoip-file.ts'
import { words } from './parsed.ts'
import { rpkiInput } from './rpki-input.ts'
import { sideInput } from './side-input.ts'

interface Parsed {
  readonly [flag: string]: unknown
}

/** Records that are not older were received now. */
const LIVE_MS = 10_000
const BLACKHOLE = '65535:666'
const NAMED_COMMUNITIES: ReadonlySet<string> = new Set(WELL_KNOWN.values())
/** Words for what the RPKI says of the source, and what stands for them. */
const RPKI_FIELDS: ReadonlySet<string> = new Set(['roa', 'roa_src', 'roa_dst', 'aspa', 'aspa_src', 'aspa_dst'])
const RPKI_SOURCE = 'roa_src'

const wrong = (flag: string, message: string, hint: string): ProblemError =>
  new ProblemError({ code: `usage/bad-${flag}`, message, hint })

/** Throws a ProblemError. */
export async function enrichOptions(parsed: Parsed, host: Host): Promise<EnrichOptions> {
  const streams = (flag: string): Stream[] => ((parsed[flag] ?? []) as string[]).map(path => sideInput(path, host))
  const maps = await readMaps(parsed)
  const as = policy('as', parsed, defaultMethod(parsed))
  const holdSeconds = durationSeconds(String(parsed['hold-time']))
  if (holdSeconds === undefined)
    throw wrong(
      'hold-time',
      `--hold-time "${String(parsed['hold-time'])}" is no time`,
      'write a number and a unit: 60s',
    )
  const options: EnrichOptions = {
    bgp: streams('bgp'),
    bmp: streams('bmp'),
    bgpLs: streams('bgp-ls'),
    igp: streams('igp'),
    rpki: typeof parsed.rpki === 'string' ? await rpkiInput(parsed.rpki, host) : undefined,
    providerAs: new Set((parsed['provider-as'] ?? []) as number[]),
    geoip: await openGeoFiles((parsed.geoip ?? []) as string[]),
    as,
    net: policy('net', parsed, (parsed['bgp-ls'] ?? parsed.igp) ? 'longest' : defaultMethod(parsed)),
    peerSrcAs: (parsed['peer-src-as'] ?? (maps.peerSrcAsMap ? 'map' : 'netflow')) as SourceMethod,
    sourceFields: sourceFields(parsed.src),
    srcLocalPref: maps.srcLocalPrefMap ? 'map' : undefined,
    srcMed: maps.srcMedMap ? 'map' : undefined,
    ...maps,
    ...tableOptions(parsed),
    conditioning: conditioning(parsed),
    waitFor: parsed['wait-for'] as WaitFor | undefined,
    holdRecords: Number(parsed.hold),
    holdMs: holdSeconds * 1000,
    isLive: nowMs => nowMs > Date.now() - LIVE_MS,
  }
  check(options, parsed)
  return options
}

function tableOptions(parsed: Parsed) {
  return {
    networksMask: Number(parsed['networks-mask']),
    networksFirst: parsed['networks-first'] === true,
    networksFilter: parsed['networks-filter'] === true,
    hostWithoutNet: parsed['host-without-net'] === true,
    useRouterId: parsed['router-id'] !== false,
    useIpNextHop: parsed['ip-next-hop'] === true,
    vpnFallback: parsed['vpn-fallback'] === true,
    followDefault: Number(parsed['follow-default']),
    follow: { inside: prefixes('follow-next-hop', parsed), external: parsed['follow-external'] === true },
    innerFirst: parsed['inner-first'] === true,
    pduPeerAs: parsed['pdu-peer-as'] === true,
    why: parsed.why === true,
  }
}

function prefixes(flag: string, parsed: Parsed): Prefix[] {
  return words(parsed[flag]).map(text => {
    const prefix = parsePrefix(text)
    if (prefix) return prefix
    throw wrong(flag, `--${flag} "${text}" is no prefix`, 'write 192.0.2.0/24,2001:db8::/32')
  })
}

function defaultMethod({ bgp, bmp, networks, 'networks-mask': mask }: Parsed): string {
  const hasRoutes = bgp !== undefined || bmp !== undefined
  if (networks !== undefined) return hasRoutes ? 'longest' : 'file'
  return hasRoutes ? 'bgp' : Number(mask) > 0 ? 'netflow,mask' : 'netflow'
}

function policy(flag: 'as' | 'net', parsed: Parsed, otherwise: string): Policy {
  const chosen = words(parsed[flag] ?? otherwise)
  if (chosen.length === 1 && (chosen[0] === 'longest' || chosen[0] === 'fallback'))
    return { longest: true, methods: flag === 'as' ? LONGEST_AS : LONGEST_NET }
  const methods = chosen.map(word => {
    const method = METHOD_WORDS[word]
    const isNetOnly = method === METHOD.mask || method === METHOD.igp
    if (method !== undefined && !(flag === 'as' && isNetOnly && parsed.as !== undefined)) return method
    const known = `netflow, file, bgp, bmp, longest${flag === 'net' ? ', mask, igp (or bgp-ls)' : ''}`
    throw wrong(
      flag,
      `--${flag} "${word}" is no source`,
      `write one of ${known}; or several, the first that knows counts`,
    )
  })
  return { longest: false, methods: [...new Set(methods)] }
}

/** Fields of attributes of the source; words are pmacct's (std_comm) or fields (comms). */
function sourceFields(value: unknown): string[] {
  if (value === 'all') return [...ATTRIBUTES.map(({ src }) => src), RPKI_SOURCE]
  return words(value).map(word => {
    const names = fieldsOf(word).map(({ name }) => name)
    if (names.some(name => RPKI_FIELDS.has(name))) return RPKI_SOURCE
    const attribute = ATTRIBUTES.find(({ dst, src }) => names.includes(dst) || names.includes(src))
    if (attribute) return attribute.src
    throw wrong(
      'src',
      `--src "${word}" is no attribute`,
      `write all, or some of ${ATTRIBUTES.map(({ dst }) => dst).join(', ')}, roa`,
    )
  })
}

/** As routes have it: `64496:666`, or a name that pmacct prints. */
function blackholeOf(word: string): string {
  if (word === 'blackhole') return BLACKHOLE
  if (/^\d+:\d+$/.test(word) || NAMED_COMMUNITIES.has(word)) return word
  throw wrong('blackhole', `--blackhole "${word}" is no community`, 'write 64496:666,blackhole')
}

function conditioning(parsed: Parsed): Conditioning {
  const patterns = (flag: string) => words(parsed[flag]).map(communityPattern)
  return {
    radius: Number(parsed['as-path-radius']),
    comms: patterns('std-comm'),
    ecomms: patterns('ext-comm'),
    lcomms: patterns('lrg-comm'),
    commsToAs: patterns('std-comm-to-as'),
    lcommsToAs: patterns('lrg-comm-to-as'),
    skipSubAs: parsed['skip-sub-as'] === true,
    ownAs: Number(parsed['own-as']),
    blackhole: new Set(words(parsed.blackhole).map(blackholeOf)),
  }
}

async function readable<Table extends object>(
  path: unknown,
  read: (path: string) => Promise<Table | Problem>,
): Promise<Readable<Table> | undefined> {
  if (typeof path !== 'string') return undefined
  const table = await read(path)
  if (isProblem(table)) throw new ProblemError(table)
  return { table, read: () => read(path) }
}

async function readMaps(parsed: Parsed) {
  return {
    networks: await readable(parsed.networks, readNetworksFile),
    bgpAgentMap: await readable(parsed['bgp-agent-map'], readBgpAgentMap),
    bmpAgentMap: await readable(parsed['bmp-agent-map'], readBmpAgentMap),
    rdMap: await readable(parsed['flow-to-rd-map'], readFlowToRdMap),
    nextHopMap: await readable(parsed['peer-dst-ip-map'], readPeerDstIpMap),
    peerSrcAsMap: await readable(parsed['peer-src-as-map'], readPeerSrcAsMap),
    srcLocalPrefMap: await readable(parsed['src-local-pref-map'], readSrcLocalPrefMap),
    srcMedMap: await readable(parsed['src-med-map'], readSrcMedMap),
  }
}

/** A source that is asked and not given would be a silent zero. */
function check(
  { as, net, bgp, bmp, bgpLs, igp, networks, peerSrcAs, peerSrcAsMap }: EnrichOptions,
  parsed: Parsed,
): void {
  const hasRoutes = bgp.length + bmp.length > 0
  for (const [flag, { methods, longest }] of [
    ['as', as],
    ['net', net],
  ] as const) {
    if (longest) continue
    if (methods.includes(METHOD.routes) && !hasRoutes)
      throw wrong(flag, `--${flag} asks for routes, and there are none`, 'give --bgp SRC or --bmp SRC')
    if (methods.includes(METHOD.file) && !networks)
      throw wrong(flag, `--${flag} asks for a networks file, and there is none`, 'give --networks FILE')
    if (methods.includes(METHOD.igp) && bgpLs.length + igp.length === 0)
      throw wrong(flag, `--${flag} asks for prefixes of the IGP, and there are none`, 'give --igp SRC')
    if (methods.includes(METHOD.mask) && Number(parsed['networks-mask']) === 0)
      throw wrong(flag, `--${flag} mask has no length`, 'give --networks-mask BITS')
  }
  if (peerSrcAs === 'map' && !peerSrcAsMap)
    throw wrong('peer-src-as', '--peer-src-as map has no map', 'give --peer-src-as-map FILE')
  if ((peerSrcAs === 'bgp' || words(parsed.src).length > 0) && !hasRoutes)
    throw wrong(
      'peer-src-as',
      'attributes of the source are of routes, and there are none',
      'give --bgp SRC or --bmp SRC',
    )
}
