// What AS-external and NSSA LSAs have in common: the type of the metric, forwarding address and tag (RFC 2328 section
// A.4.5, RFC 3101 section 2.4, RFC 5340 section A.4.7).
import { type Attribute, wholeOctets } from '../igp/objects.ts'
import { ROUTE_TYPE, type Said, sayPrefix } from './said.ts'

const IGP_FLAGS = 1152
const TAGS = 1153
const FORWARDING_ADDRESS = 1156
/** P: given on by the border router of the NSSA (RFC 9552 section 5.3.3.1). */
const PROPAGATED: Attribute = { type: IGP_FLAGS, octets: Uint8Array.of(0x10) }

export interface External {
  readonly prefix: string
  readonly metric: number
  /** The metric is more than any way inside (type 2). */
  readonly isType2: boolean
  readonly isNssa: boolean
  readonly isPropagated: boolean
  /** Undefined: the router itself. */
  readonly forwardingAddress: Uint8Array | undefined
  /** 0: none. */
  readonly tag: number
}

export function sayExternal(said: Said, external: External): void {
  const { prefix, metric, isType2, isNssa, isPropagated, forwardingAddress, tag } = external
  const types = isNssa ? [ROUTE_TYPE.nssa1, ROUTE_TYPE.nssa2] : [ROUTE_TYPE.external1, ROUTE_TYPE.external2]
  const attributes: Attribute[] = []
  if (isNssa && isPropagated) attributes.push(PROPAGATED)
  if (tag !== 0) attributes.push({ type: TAGS, octets: wholeOctets(tag, 4) })
  if (forwardingAddress?.some(octet => octet !== 0)) {
    attributes.push({ type: FORWARDING_ADDRESS, octets: forwardingAddress })
  }
  sayPrefix(said, said.lsa.advertisingRouter, types[isType2 ? 1 : 0] as number, prefix, metric, attributes)
}
