// LSAs of OSPFv3 as objects (RFC 5340 section A.4).
import { ipv4Address, ipv4Prefix, ipv6Prefix } from '../bgp/nlri/prefix-text.ts'
import { sayExternal } from './external.ts'
import { readInformation } from './information.ts'
import { LSA3 } from './lsa.ts'
import { BODY, CUT, metric24, sayNetwork } from './network.ts'
import { isStub, nodeFlags } from './node-flags.ts'
import {
  interfaceText,
  pseudonodeId,
  type ReadLsa,
  ROUTE_TYPE,
  type Said,
  sayAsbr,
  sayLink,
  sayNode,
  sayPrefix,
} from './said.ts'

const LINK_OCTETS = 16
const POINT_TO_POINT = 1
const TRANSIT = 2
const EXTERNAL_TYPE_2 = 0x04
const EXTERNAL_FORWARDING = 0x02
const EXTERNAL_TAG = 0x01
/** Options of prefixes (RFC 5340 section A.4.1.1). */
const NO_UNICAST = 0x01
const PROPAGATED = 0x08

interface PrefixAt {
  readonly prefix: string
  readonly options: number
  /** The 16 bits behind length and options. */
  readonly more: number
  readonly next: number
}

/** A prefix: length, options, 16 bits, address in words of four octets (RFC 5340 section A.4.1). */
function prefixAt({ lsa: { octets, view }, family }: Said, at: number): PrefixAt | undefined {
  if (at + 4 > octets.length) return undefined
  const length = octets[at] as number
  const next = at + 4 + 4 * ((length + 31) >> 5)
  if (length > (family === 4 ? 32 : 128) || next > octets.length) return undefined
  const text = family === 4 ? ipv4Prefix(octets, at + 4, length) : ipv6Prefix(octets, at + 4, length)
  return { prefix: text, options: octets[at + 1] as number, more: view.getUint16(at + 2), next }
}

const router: ReadLsa = said => {
  const { octets, view, advertisingRouter } = said.lsa
  if (octets.length < BODY + 4) return CUT
  const options = octets[BODY + 3] as number
  sayNode(said, advertisingRouter, nodeFlags(octets[BODY] as number, options), isStub(options))
  let at = BODY + 4
  for (; at + LINK_OCTETS <= octets.length; at += LINK_OCTETS) {
    const [near, far] = [view.getUint32(at + 4), view.getUint32(at + 8)]
    const neighbor = ipv4Address(octets, at + 12)
    const type = octets[at] as number
    if (type !== POINT_TO_POINT && type !== TRANSIT) continue
    const to = type === TRANSIT ? pseudonodeId(neighbor, interfaceText(far)) : neighbor
    sayLink(said, advertisingRouter, to, view.getUint16(at + 2), { link_local_id: near, link_remote_id: far })
  }
  return at === octets.length ? undefined : CUT
}

const transit: ReadLsa = said => (sayNetwork(said) === undefined ? CUT : undefined)

const interAreaPrefix: ReadLsa = said => {
  const { octets, view, advertisingRouter } = said.lsa
  const found = octets.length < BODY + 8 ? undefined : prefixAt(said, BODY + 4)
  if (!found) return CUT
  if (found.options & NO_UNICAST) return undefined
  sayPrefix(said, advertisingRouter, ROUTE_TYPE.inter, found.prefix, metric24(view, BODY))
  return undefined
}

const interAreaRouter: ReadLsa = said => {
  const { octets, view } = said.lsa
  if (octets.length < BODY + 12) return CUT
  sayAsbr(said, { router: ipv4Address(octets, BODY + 8), metric: metric24(view, BODY + 4) })
  return undefined
}

const external =
  (isNssa: boolean): ReadLsa =>
  said => {
    const { octets, view } = said.lsa
    const found = octets.length < BODY + 8 ? undefined : prefixAt(said, BODY + 4)
    if (!found) return CUT
    const flags = octets[BODY] as number
    const forwardingOctets = flags & EXTERNAL_FORWARDING ? 16 : 0
    const tagAt = found.next + forwardingOctets
    if (tagAt + (flags & EXTERNAL_TAG ? 4 : 0) > octets.length) return CUT
    if (found.options & NO_UNICAST) return undefined
    sayExternal(said, {
      prefix: found.prefix,
      metric: metric24(view, BODY),
      isType2: (flags & EXTERNAL_TYPE_2) !== 0,
      isNssa,
      isPropagated: (found.options & PROPAGATED) !== 0,
      forwardingAddress:
        forwardingOctets > 0 ? octets.subarray(found.next, found.next + (said.family === 4 ? 4 : 16)) : undefined,
      tag: flags & EXTERNAL_TAG ? view.getUint32(tagAt) : 0,
    })
    return undefined
  }

/** Prefixes of a router, or of a network (RFC 5340 section A.4.10). */
const intraAreaPrefix: ReadLsa = said => {
  const { octets, view } = said.lsa
  if (octets.length < BODY + 12) return CUT
  const owner = ipv4Address(octets, BODY + 8)
  const isOfNetwork = view.getUint16(BODY + 2) === LSA3.network
  const node = isOfNetwork ? pseudonodeId(owner, ipv4Address(octets, BODY + 4)) : owner
  let at = BODY + 12
  for (let left = view.getUint16(BODY); left > 0; left--) {
    const found = prefixAt(said, at)
    if (!found) return CUT
    if (!(found.options & NO_UNICAST)) sayPrefix(said, node, ROUTE_TYPE.intra, found.prefix, found.more)
    at = found.next
  }
  return undefined
}

export const READERS_3: { readonly [type: number]: ReadLsa } = {
  [LSA3.router]: router,
  [LSA3.network]: transit,
  [LSA3.interAreaPrefix]: interAreaPrefix,
  [LSA3.interAreaRouter]: interAreaRouter,
  [LSA3.external]: external(false),
  [LSA3.nssa]: external(true),
  [LSA3.intraAreaPrefix]: intraAreaPrefix,
  [LSA3.informationArea]: readInformation,
  [LSA3.informationAs]: readInformation,
}
