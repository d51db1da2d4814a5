// LSAs of OSPFv2 as objects (RFC 2328 section A.4, RFC 3101 section 2.4).
import { ipv4Address, ipv4Prefix } from '../bgp/nlri/prefix-text.ts'
import { sayExternal } from './external.ts'
import { LSA2 } from './lsa.ts'
import { BODY, CUT, metric24, sayNetwork } from './network.ts'
import { isStub, nodeFlags } from './node-flags.ts'
import { readOpaque } from './opaque.ts'
import {
  linkEnds,
  pseudonodeId,
  type ReadLsa,
  ROUTE_TYPE,
  type Said,
  sayAsbr,
  sayLink,
  sayNode,
  sayPrefix,
} from './said.ts'

const LINK_OCTETS = 12
const SUMMARY_OCTETS = 28
const EXTERNAL_OCTETS = 36
const PROPAGATE_OPTION = 0x08
const TYPE_2 = 0x80
const NO_PREFIX = 'its mask has holes'

/** The network at `at`, with the mask at `maskAt`; undefined: the mask has holes. */
function network({ lsa: { octets, view } }: Said, at: number, maskAt: number): string | undefined {
  const mask = view.getUint32(maskAt)
  const length = Math.clz32(~mask)
  const isMask = mask === (length === 0 ? 0 : (-1 << (32 - length)) >>> 0)
  return isMask ? ipv4Prefix(octets, at, length) : undefined
}

type SayLink = (said: Said, at: number, metric: number) => string | undefined

const LINKS: { readonly [type: number]: SayLink } = {
  1: (said, at, metric) => {
    const { octets, view, advertisingRouter } = said.lsa
    sayLink(said, advertisingRouter, ipv4Address(octets, at), metric, linkEnds(octets, view, at + 4))
    return undefined
  },
  2: (said, at, metric) => {
    const { octets, view, advertisingRouter } = said.lsa
    const address = ipv4Address(octets, at)
    const designated = said.designatedOf(address)
    if (designated === undefined) return undefined
    sayLink(said, advertisingRouter, pseudonodeId(designated, address), metric, linkEnds(octets, view, at + 4))
    return undefined
  },
  3: (said, at, metric) => {
    const prefix = network(said, at, at + 4)
    if (prefix === undefined) return NO_PREFIX
    sayPrefix(said, said.lsa.advertisingRouter, ROUTE_TYPE.intra, prefix, metric)
    return undefined
  },
}

const router: ReadLsa = said => {
  const { octets, view, advertisingRouter, options } = said.lsa
  if (octets.length < BODY + 4) return CUT
  sayNode(said, advertisingRouter, nodeFlags(octets[BODY] as number), isStub(options))
  const count = view.getUint16(BODY + 2)
  let at = BODY + 4
  for (let index = 0; index < count; index++) {
    if (at + LINK_OCTETS > octets.length) return `${count} links are said, and ${index} are there`
    const wrong = LINKS[octets[at + 8] as number]?.(said, at, view.getUint16(at + 10))
    if (wrong) return wrong
    // Metrics of types of service, which nobody has (RFC 2328 section A.4.2).
    at += LINK_OCTETS + 4 * (octets[at + 9] as number)
  }
  return undefined
}

const transit: ReadLsa = said => {
  const pseudonode = sayNetwork(said)
  if (pseudonode === undefined) return CUT
  const prefix = network(said, 4, BODY)
  if (prefix === undefined) return NO_PREFIX
  sayPrefix(said, pseudonode, ROUTE_TYPE.intra, prefix, 0)
  return undefined
}

const summary: ReadLsa = said => {
  const { octets, view, advertisingRouter } = said.lsa
  if (octets.length < SUMMARY_OCTETS) return CUT
  const prefix = network(said, 4, BODY)
  if (prefix === undefined) return NO_PREFIX
  sayPrefix(said, advertisingRouter, ROUTE_TYPE.inter, prefix, metric24(view, BODY + 4))
  return undefined
}

const asbrSummary: ReadLsa = said => {
  const { octets, view, id } = said.lsa
  if (octets.length < SUMMARY_OCTETS) return CUT
  sayAsbr(said, { router: id, metric: metric24(view, BODY + 4) })
  return undefined
}

const external =
  (isNssa: boolean): ReadLsa =>
  said => {
    const { octets, view, options } = said.lsa
    if (octets.length < EXTERNAL_OCTETS) return CUT
    const prefix = network(said, 4, BODY)
    if (prefix === undefined) return NO_PREFIX
    sayExternal(said, {
      prefix,
      metric: metric24(view, BODY + 4),
      isType2: ((octets[BODY + 4] as number) & TYPE_2) !== 0,
      isNssa,
      isPropagated: (options & PROPAGATE_OPTION) !== 0,
      forwardingAddress: octets.subarray(BODY + 8, BODY + 12),
      tag: view.getUint32(BODY + 12),
    })
    return undefined
  }

export const READERS_2: { readonly [type: number]: ReadLsa } = {
  [LSA2.router]: router,
  [LSA2.network]: transit,
  [LSA2.summary]: summary,
  [LSA2.asbrSummary]: asbrSummary,
  [LSA2.external]: external(false),
  [LSA2.nssa]: external(true),
  [LSA2.opaqueArea]: readOpaque,
  [LSA2.opaqueAs]: readOpaque,
}
