// What fills a set behind its last record (RFC 7011 section 3.3.1): zeros, fewer than a record has.
import { ROWS } from '../../fields/column.ts'
import type { Layout } from './layout.ts'

/** Whether all is zero behind the last record of a set in octets[at..end). A record that reaches beyond leaves no padding. */
export function isPaddedByZeros(layout: Layout, octets: Uint8Array, at: number, end: number): boolean {
  while (layout.walk(octets, at, end, ROWS) === ROWS) at = layout.next
  return octets.subarray(layout.next, end).every(octet => octet === 0)
}
