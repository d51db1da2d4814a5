// Flags of a router as BGP-LS has them (RFC 9552 section 5.3.1.1).
import type { Attribute } from '../igp/objects.ts'

const NODE_FLAGS = 1024
/** Bits of the flags of router LSAs (RFC 2328 section A.4.2, RFC 5340 section A.4.3), and of BGP-LS. */
const BORDER = 0x01
const EXTERNAL = 0x02
const LS_EXTERNAL = 0x20
const LS_BORDER = 0x10
const LS_ROUTER = 0x08
const LS_V6 = 0x04
/** Options of OSPFv3 (RFC 5340 section A.2). */
const ROUTER_OPTION = 0x10
const V6_OPTION = 0x01
/** Of both versions: AS-external LSAs come here (RFC 2328 section A.2, RFC 5340 section A.2). */
const EXTERNAL_OPTION = 0x02

export function nodeFlags(flags: number, options = 0): Attribute[] {
  const bits =
    (flags & EXTERNAL ? LS_EXTERNAL : 0) |
    (flags & BORDER ? LS_BORDER : 0) |
    (options & ROUTER_OPTION ? LS_ROUTER : 0) |
    (options & V6_OPTION ? LS_V6 : 0)
  return bits === 0 ? [] : [{ type: NODE_FLAGS, octets: Uint8Array.of(bits) }]
}

export const isStub = (options: number): boolean => (options & EXTERNAL_OPTION) === 0
