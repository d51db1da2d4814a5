// Next hops of MP_REACH_NLRI: one or two addresses, each behind a route distinguisher in VPN families.
// Their number and kind follow from the length alone (RFC 4760, 2545, 4364, 4659, 8950).
import { addressText } from './prefix-text.ts'

interface NextHopForm {
  /** Where the first address is; an eight-octet route distinguisher, always 0, stands before it in VPN families. */
  readonly at: number
  readonly octets: 4 | 16
}

const FORMS: { readonly [length: number]: NextHopForm } = {
  4: { at: 0, octets: 4 },
  12: { at: 8, octets: 4 },
  16: { at: 0, octets: 16 },
  24: { at: 8, octets: 16 },
  // A link-local address follows the global one, and in 48 octets has a distinguisher of its own.
  32: { at: 0, octets: 16 },
  40: { at: 8, octets: 16 },
  48: { at: 8, octets: 16 },
}

/** The global next hop; '' for none at all (FlowSpec), undefined when the length fits no form. */
export function readNextHop(octets: Uint8Array, at: number, length: number): string | undefined {
  if (length === 0) return ''
  const form = FORMS[length]
  return form && addressText(octets, at + form.at, form.octets)
}
