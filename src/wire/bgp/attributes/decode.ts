// Path attributes other than MP_REACH_NLRI and MP_UNREACH_NLRI, decoded; equal ones of many UPDATEs are one object.
import type { NetRecord } from '../../../contract/record.ts'
import { hexText } from '../../../octets/address.ts'
import { AS_TRANS } from '../open.ts'
import { mergePaths } from './as-segments.ts'
import { type AttributeRow, type Draft, EXTENDED_LENGTH, OPTIONAL, TRANSITIVE } from './attribute.ts'
import { cleanOutcome, fail, type Outcome } from './policy.ts'
import { ATTRIBUTE_ROWS } from './table.ts'

/** What the attributes of an UPDATE say about each of its routes. Never changed, shared by UPDATEs. */
export interface Attributes {
  /** Keys of the record that most routes have. */
  readonly values: NetRecord
  /** Keys that few have; undefined when there are none. */
  readonly extra: NetRecord | undefined
  /** Of the routes outside MP_REACH_NLRI. */
  readonly nextHop: string | undefined
  /** Labels of EVPN routes are VNIs. */
  readonly vni: boolean
}

export interface DecodedAttributes {
  readonly attributes: Attributes
  readonly outcome: Outcome
}

export const NO_ATTRIBUTES: Attributes = { values: {}, extra: undefined, nextHop: undefined, vni: false }

/** In which decoding an attribute was last seen: the cheap test for one that is there twice. */
const seen = new Uint32Array(256)
let decoding = 0

/** Decodes octets[start..end), whose lengths a scan has checked; `view` is over the same octets. */
export function decodeAttributes(
  octets: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  as4: boolean,
): DecodedAttributes {
  const outcome = cleanOutcome()
  const draft: Draft = {
    values: {},
    extra: {},
    nextHop: undefined,
    as4,
    as4Path: undefined,
    as4Aggregator: undefined,
    vni: false,
  }
  decoding = (decoding + 1) >>> 0 || 1
  for (let at = start; at < end; ) {
    const flags = octets[at] as number
    const code = octets[at + 1] as number
    const extended = (flags & EXTENDED_LENGTH) !== 0
    const from = at + (extended ? 4 : 3)
    at = from + (extended ? view.getUint16(at + 2) : (octets[at + 2] as number))
    if (seen[code] === decoding) {
      // Only the first counts (RFC 7606 section 3).
      fail(
        outcome,
        'attribute-discard',
        { code: 'bgp/attribute-twice', message: `attribute ${code} is there twice` },
        1,
      )
      continue
    }
    seen[code] = decoding
    const row = ATTRIBUTE_ROWS[code]
    if (!row) decodeUnknown(octets, code, flags, from, at, draft, outcome)
    else if ((flags & (OPTIONAL | TRANSITIVE)) !== row.flags) flagsProblem(row, flags, outcome)
    else {
      const what = row.decode(octets, view, from, at, draft)
      if (what !== undefined) malformed(row, what, outcome)
    }
  }
  if (!as4) merge(draft)
  const extra = Object.keys(draft.extra).length > 0 ? draft.extra : undefined
  return { attributes: { values: draft.values, extra, nextHop: draft.nextHop, vni: draft.vni }, outcome }
}

/** `bgp/as-path` and the like: the attribute is malformed. */
export const attributeCode = ({ name }: AttributeRow): string => `bgp/${name.toLowerCase().replaceAll('_', '-')}`

function malformed(row: AttributeRow, what: string, outcome: Outcome): void {
  fail(
    outcome,
    row.whenMalformed,
    { code: attributeCode(row), message: `${row.name}: ${what}`, reference: row.reference },
    5,
  )
}

function flagsProblem(row: AttributeRow, flags: number, outcome: Outcome): void {
  // Also of attributes that are discarded when their value is malformed: no specification says otherwise for the flags.
  const problem = {
    code: 'bgp/attribute-flags',
    message: `${row.name} has flags 0x${flags.toString(16)}`,
    reference: 'RFC 7606 section 3',
  }
  fail(outcome, 'treat-as-withdraw', problem, 4)
}

function decodeUnknown(
  octets: Uint8Array,
  code: number,
  flags: number,
  start: number,
  end: number,
  draft: Draft,
  outcome: Outcome,
): void {
  if ((flags & OPTIONAL) === 0) {
    const problem = {
      code: 'bgp/unrecognized-well-known-attribute',
      message: `attribute ${code} says that it is well-known, but it is not`,
      reference: 'RFC 4271 section 6.3',
    }
    fail(outcome, 'session-reset', problem, 2)
    return
  }
  draft.extra[`attr_${code}`] = hexText(octets, start, end)
}

/** RFC 6793 section 4.2.3: what a speaker of two octets passed on beside what it understood. */
function merge(draft: Draft): void {
  const { values, as4Aggregator, as4Path } = draft
  const aggregator = values.aggregator_as
  if (aggregator !== undefined && aggregator !== AS_TRANS) return
  if (aggregator === AS_TRANS && as4Aggregator) {
    values.aggregator_as = as4Aggregator.as
    values.aggregator_ip = as4Aggregator.address
  }
  if (as4Path && Array.isArray(values.as_path)) values.as_path = mergePaths(values.as_path, as4Path)
}
