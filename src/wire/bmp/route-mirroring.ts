// Route mirroring: BGP messages as the router got them, and why (RFC 7854 section 4.7).
import { readTlvs, type Tlv } from './tlv.ts'

const BGP_MESSAGE = 0
const INFORMATION = 1
const CODES: readonly string[] = ['Errored PDU', 'Messages Lost']

export interface Mirrored {
  /** BGP messages, octets[start..end) each. */
  readonly messages: readonly Tlv[]
  /** What the router says of them. */
  readonly information: readonly string[]
  /** Octets at the end that are no TLV. */
  readonly rest: number
}

export function readMirroring(view: DataView, start: number, end: number): Mirrored {
  const { tlvs, rest } = readTlvs(view, start, end, false)
  const messages: Tlv[] = []
  const information: string[] = []
  for (const tlv of tlvs) {
    if (tlv.pen !== undefined) continue
    if (tlv.type === BGP_MESSAGE) messages.push(tlv)
    else if (tlv.type === INFORMATION && tlv.end - tlv.start === 2) {
      const code = view.getUint16(tlv.start)
      information.push(CODES[code] ?? `code ${code}`)
    }
  }
  return { messages, information, rest }
}
