// Which RIB of a peer a message is about, by the flags of the per-peer header.
import type { NetRecord } from '../../contract/record.ts'

export interface Rib {
  readonly kind: 'in' | 'out' | 'loc'
  /** `bmp_rib_type` and its flags as records have them. */
  readonly fields: NetRecord
}

const POST_POLICY = 0x40
const ADJ_RIB_OUT = 0x10
/** F of the Loc-RIB flags (RFC 9069 section 4.2). */
const FILTERED = 0x80

const adjacent = (name: string, post: number, direction: 'is_in' | 'is_out'): NetRecord => ({
  bmp_rib_type: name,
  is_filtered: 0,
  [direction]: 1,
  is_post: post,
})

const IN_PRE: Rib = { kind: 'in', fields: adjacent('Adj-Rib-In Pre-Policy', 0, 'is_in') }
const IN_POST: Rib = { kind: 'in', fields: adjacent('Adj-Rib-In Post-Policy', 1, 'is_in') }
const OUT_PRE: Rib = { kind: 'out', fields: adjacent('Adj-Rib-Out Pre-Policy', 0, 'is_out') }
const OUT_POST: Rib = { kind: 'out', fields: adjacent('Adj-Rib-Out Post-Policy', 1, 'is_out') }
const LOC: Rib = { kind: 'loc', fields: { bmp_rib_type: 'Loc-Rib', is_filtered: 0, is_loc: 1 } }
const LOC_FILTERED: Rib = { kind: 'loc', fields: { bmp_rib_type: 'Loc-Rib', is_filtered: 1, is_loc: 1 } }

/** Flags of peer types 0 to 2 (RFC 7854 section 4.2, RFC 8671 section 4), or those of type 3. */
export function ribOf(locRib: boolean, flags: number): Rib {
  if (locRib) return flags & FILTERED ? LOC_FILTERED : LOC
  const post = (flags & POST_POLICY) !== 0
  if (flags & ADJ_RIB_OUT) return post ? OUT_POST : OUT_PRE
  return post ? IN_POST : IN_PRE
}
