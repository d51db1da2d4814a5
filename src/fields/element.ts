// How rows name the elements that fill them.
import type { Element, Encoding } from './field.ts'

/** RFC 5103: the enterprise number under which every IANA element has its reverse. */
export const REVERSE_PEN = 29305
/** pmacct's own enterprise number (tags carried by nfprobe). */
export const PMACCT_PEN = 43874

/** IANA elements (or NetFlow v9 field types) whose form the field's type says. */
export function elements(...ids: number[]): Element[] {
  return ids.map(id => ({ id, pen: 0 }))
}

export function enterprise(pen: number, ...ids: number[]): Element[] {
  return ids.map(id => ({ id, pen }))
}

export function encoded(encoding: Encoding, ...ids: number[]): Element[] {
  return ids.map(id => ({ id, pen: 0, encoding }))
}

/** The same elements in the reverse direction of a biflow (RFC 5103 section 6.1). */
export function reverse(...forward: Element[]): Element[] {
  return forward.map(element => ({ ...element, pen: REVERSE_PEN }))
}
