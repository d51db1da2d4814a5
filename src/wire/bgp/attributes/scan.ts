// A first walk over path attributes: where MP_REACH_NLRI and MP_UNREACH_NLRI are, and the others in one piece.
// The pair holds routes, the others are the same for many UPDATEs and so are looked up by their octets (cache.ts).
import { EXTENDED_LENGTH } from './attribute.ts'
import { fail, type Outcome } from './policy.ts'

export const MP_REACH_NLRI = 14
export const MP_UNREACH_NLRI = 15
const MP_FLAGS = 0x80
const FLAG_BITS = 0xc0

export interface Range {
  readonly start: number
  readonly end: number
}

export interface Scanned {
  readonly reach: Range | undefined
  readonly unreach: Range | undefined
  /** The other attributes: in the message itself, or copied together; valid until the next scan. */
  readonly octets: Uint8Array
  readonly view: DataView
  readonly start: number
  readonly end: number
}

const together = new Uint8Array(65536)
const togetherView = new DataView(together.buffer)

/**
 * Walks octets[start..end). An attribute that goes beyond the end makes the rest unreadable: the routes that can be
 * read count as withdrawn (RFC 7606 section 4). Attributes up to there are in the result.
 */
export function scanAttributes(
  octets: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  outcome: Outcome,
): Scanned {
  let reach: Range | undefined
  let unreach: Range | undefined
  let pieceStart = start
  let copied = 0
  let at = start
  while (at < end) {
    const flags = octets[at] as number
    const code = octets[at + 1] as number
    const headOctets = flags & EXTENDED_LENGTH ? 4 : 3
    const from = at + headOctets
    const next = from > end ? from : from + (headOctets === 4 ? view.getUint16(at + 2) : (octets[at + 2] as number))
    if (next > end) {
      overrunProblem(outcome, code, end - at)
      end = at
      break
    }
    if (code === MP_REACH_NLRI || code === MP_UNREACH_NLRI) {
      if ((flags & FLAG_BITS) !== MP_FLAGS) flagsProblem(outcome, code, flags)
      const range = { start: from, end: next }
      if (code === MP_REACH_NLRI ? reach : unreach) twiceProblem(outcome, code)
      else if (code === MP_REACH_NLRI) reach = range
      else unreach = range
      together.set(octets.subarray(pieceStart, at), copied)
      copied += at - pieceStart
      pieceStart = next
    }
    at = next
  }
  if (!reach && !unreach) return { reach, unreach, octets, view, start, end }
  if (pieceStart < end) {
    together.set(octets.subarray(pieceStart, end), copied)
    copied += end - pieceStart
  }
  return { reach, unreach, octets: together, view: togetherView, start: 0, end: copied }
}

function overrunProblem(outcome: Outcome, code: number, octets: number): void {
  const problem = {
    code: 'bgp/attribute-length',
    message: `attribute ${code} goes beyond the end of the attributes, ${octets} octets from its start`,
    reference: 'RFC 7606 section 4',
  }
  fail(outcome, 'treat-as-withdraw', problem, 5)
}

function flagsProblem(outcome: Outcome, code: number, flags: number): void {
  const problem = {
    code: 'bgp/attribute-flags',
    message: `attribute ${code} has flags 0x${flags.toString(16)}`,
    reference: 'RFC 7606 section 3',
  }
  fail(outcome, 'treat-as-withdraw', problem, 4)
}

function twiceProblem(outcome: Outcome, code: number): void {
  const problem = {
    code: 'bgp/attribute-twice',
    message: `attribute ${code} is there twice`,
    reference: 'RFC 7606 section 3',
  }
  fail(outcome, 'session-reset', problem, 1)
}
