// The routes of table dumps as the UPDATE that would announce them, so that they are read as any others are.
//
// IPv4 unicast stands outside the multiprotocol attributes; of other families MP_REACH_NLRI is there with the next hop
// alone (RFC 6396 section 4.3.4), or whole, as some collectors write it.
import { EXTENDED_LENGTH, OPTIONAL, TRANSITIVE } from '../bgp/attributes/attribute.ts'
import { MP_REACH_NLRI, MP_UNREACH_NLRI } from '../bgp/attributes/scan.ts'
import { ATTRIBUTE_ROWS } from '../bgp/attributes/table.ts'
import { afiOf, IPV4_UNICAST, safiOf } from '../bgp/families.ts'
import { NLRI_READERS } from '../bgp/nlri/families.ts'
import type { BgpProblem } from '../bgp/notification.ts'
import { PLAIN_SESSION, type SessionState } from '../bgp/session-state.ts'
import { readUpdate, type Update } from '../bgp/update.ts'

const KIND_BITS = OPTIONAL | TRANSITIVE
const MAX_ATTRIBUTES = 65_535

const PLAIN: SessionState = { ...PLAIN_SESSION, monitored: true }
const NARROW: SessionState = { ...PLAIN, as4: false }
const ADD_PATH: SessionState = { ...PLAIN, addPath: new Set(NLRI_READERS.keys()) }

const body = new Uint8Array(2 * (MAX_ATTRIBUTES + 1) + 1024)
const bodyView = new DataView(body.buffer)

export interface RibEntry {
  readonly octets: Uint8Array
  readonly view: DataView
  readonly family: number
  /** The NLRI without a path identifier. */
  readonly nlriStart: number
  readonly nlriEnd: number
  readonly pathId: number | undefined
  readonly attributesStart: number
  readonly attributesEnd: number
  /** AS numbers have four octets. */
  readonly wide: boolean
}

/** Reads one entry of a table; undefined when its attributes are cut or too long to be an UPDATE's. */
export function readRibEntry(entry: RibEntry): Update | BgpProblem | undefined {
  const { octets, family, nlriStart, nlriEnd, pathId, attributesStart, attributesEnd, wide } = entry
  if (attributesEnd - attributesStart + nlriEnd - nlriStart > MAX_ATTRIBUTES - 64) return undefined
  let at = 4
  if (family === IPV4_UNICAST && !hasReach(entry)) {
    body.set(octets.subarray(attributesStart, attributesEnd), at)
    at += attributesEnd - attributesStart
    bodyView.setUint16(2, at - 4)
    mendFlags(4, at)
    at = putNlri(entry, at)
  } else {
    const end = putMultiprotocol(entry, at)
    if (end === undefined) return undefined
    at = end
    bodyView.setUint16(2, at - 4)
  }
  const state = pathId !== undefined ? ADD_PATH : wide ? PLAIN : NARROW
  return readUpdate(body, bodyView, 0, at, state)
}

function putNlri({ octets, nlriStart, nlriEnd, pathId }: RibEntry, at: number): number {
  if (pathId !== undefined) {
    bodyView.setUint32(at, pathId)
    at += 4
  }
  body.set(octets.subarray(nlriStart, nlriEnd), at)
  return at + nlriEnd - nlriStart
}

/** One after another: the header of the attribute at `at`, and where it ends. */
class AttributeWalk {
  code = 0
  start = 0
  valueStart = 0
  end = 0

  begin(at: number): void {
    this.end = at
  }

  /** False at the end, or when what comes is cut. */
  next({ octets, view, attributesEnd }: RibEntry): boolean {
    const at = this.end
    if (attributesEnd - at < 3) return false
    const wide = ((octets[at] as number) & EXTENDED_LENGTH) !== 0
    if (wide && attributesEnd - at < 4) return false
    const valueStart = at + (wide ? 4 : 3)
    const end = valueStart + (wide ? view.getUint16(at + 2) : (octets[at + 2] as number))
    if (end > attributesEnd) return false
    this.code = octets[at + 1] as number
    this.start = at
    this.valueStart = valueStart
    this.end = end
    return true
  }
}

const walk = new AttributeWalk()

function hasReach(entry: RibEntry): boolean {
  walk.begin(entry.attributesStart)
  while (walk.next(entry)) if (walk.code === MP_REACH_NLRI) return true
  return false
}

/** The other attributes, then MP_REACH_NLRI with next hop and NLRI; where they end. */
function putMultiprotocol(entry: RibEntry, from: number): number | undefined {
  const { octets, family } = entry
  let at = from
  let hopStart = 0
  let hopEnd = 0
  walk.begin(entry.attributesStart)
  while (walk.next(entry)) {
    const { code, start, valueStart, end } = walk
    if (code === MP_REACH_NLRI) [hopStart, hopEnd] = nextHopOf(octets, valueStart, end)
    else if (code !== MP_UNREACH_NLRI) {
      body.set(octets.subarray(start, end), at)
      at += end - start
    }
  }
  if (walk.end !== entry.attributesEnd) return undefined
  mendFlags(from, at)
  const head = at
  body[at] = 0x80 | EXTENDED_LENGTH
  body[at + 1] = MP_REACH_NLRI
  bodyView.setUint16(at + 4, afiOf(family))
  body[at + 6] = safiOf(family)
  body[at + 7] = hopEnd - hopStart
  at += 8
  body.set(octets.subarray(hopStart, hopEnd), at)
  at += hopEnd - hopStart
  body[at++] = 0
  at = putNlri(entry, at)
  bodyView.setUint16(head + 2, at - head - 4)
  return at
}

/**
 * Gives attributes in body[from..to) that are neither well-known nor optional, which nothing can be, the flags that they
 * have on the wire: BIRD writes such a NEXT_HOP into its tables.
 */
function mendFlags(from: number, to: number): void {
  for (let at = from; to - at >= 3; ) {
    const flags = body[at] as number
    const wide = (flags & EXTENDED_LENGTH) !== 0
    if ((flags & KIND_BITS) === 0) body[at] = flags | (ATTRIBUTE_ROWS[body[at + 1] as number]?.flags ?? 0)
    at += wide ? 4 + bodyView.getUint16(at + 2) : 3 + (body[at + 2] as number)
  }
}

/** The next hop in an MP_REACH_NLRI of either form: a length that fits the rest says that it is the short one. */
function nextHopOf(octets: Uint8Array, start: number, end: number): readonly [number, number] {
  if (end > start && start + 1 + (octets[start] as number) === end) return [start + 1, end]
  const hop = start + 4
  const hopEnd = hop + (octets[start + 3] ?? 0)
  return hop < end && hopEnd <= end ? [hop, hopEnd] : [start, start]
}
