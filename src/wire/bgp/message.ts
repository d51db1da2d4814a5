// Message framing: marker, length, type (RFC 4271 section 4.1; extended messages RFC 8654).
import { type BgpProblem, bgpProblem, MESSAGE_HEADER_ERROR } from './notification.ts'

export const OPEN = 1
export const UPDATE = 2
export const NOTIFICATION = 3
export const KEEPALIVE = 4
export const ROUTE_REFRESH = 5

export const HEADER_OCTETS = 19
export const MESSAGE_OCTETS = 4096
export const EXTENDED_MESSAGE_OCTETS = 65535
const MARKER_OCTETS = 16

/** What a message of each type has at least and at most; the upper bound without one is that of the session. */
const LENGTHS: { readonly [type: number]: { readonly name: string; readonly least: number; readonly most?: number } } =
  {
    // RFC 8654 section 4: OPEN and KEEPALIVE stay within 4096 octets even when extended messages were agreed on.
    [OPEN]: { name: 'OPEN', least: 29, most: MESSAGE_OCTETS },
    [UPDATE]: { name: 'UPDATE', least: 23 },
    [NOTIFICATION]: { name: 'NOTIFICATION', least: 21 },
    [KEEPALIVE]: { name: 'KEEPALIVE', least: HEADER_OCTETS, most: HEADER_OCTETS },
    [ROUTE_REFRESH]: { name: 'ROUTE-REFRESH', least: 23 },
  }

export function messageTypeName(type: number): string {
  return LENGTHS[type]?.name ?? `type ${type}`
}

/** The body is in octets[at + HEADER_OCTETS .. at + length). */
export interface MessageHeader {
  readonly type: number
  /** Octets of the whole message, header included. */
  readonly length: number
}

/**
 * The header at `at`, of which `available` octets are there; undefined when the message is not there in full.
 * `maxOctets` is MESSAGE_OCTETS, or EXTENDED_MESSAGE_OCTETS once both sides said so.
 */
export function readHeader(
  view: DataView,
  at: number,
  available: number,
  maxOctets: number,
): MessageHeader | BgpProblem | undefined {
  if (available < HEADER_OCTETS) return undefined
  for (let word = 0; word < MARKER_OCTETS; word += 4) {
    if (view.getUint32(at + word) !== 0xffffffff) {
      return bgpProblem(MESSAGE_HEADER_ERROR, 1, 'the marker of a message is not all ones')
    }
  }
  const length = view.getUint16(at + 16)
  const type = view.getUint8(at + 18)
  const row = LENGTHS[type]
  if (length < HEADER_OCTETS || length > Math.min(maxOctets, row?.most ?? maxOctets) || (row && length < row.least)) {
    const data = Uint8Array.of(length >> 8, length & 255)
    return bgpProblem(
      MESSAGE_HEADER_ERROR,
      2,
      `a message of ${messageTypeName(type)} with a length of ${length} octets`,
      data,
    )
  }
  if (!row) return bgpProblem(MESSAGE_HEADER_ERROR, 3, `a message of unknown type ${type}`, Uint8Array.of(type))
  return length <= available ? { type, length } : undefined
}

/** A whole message of a type around a body. */
export function writeMessage(type: number, body: Uint8Array): Uint8Array {
  const message = new Uint8Array(HEADER_OCTETS + body.length).fill(255, 0, MARKER_OCTETS)
  new DataView(message.buffer).setUint16(16, message.length)
  message[18] = type
  message.set(body, HEADER_OCTETS)
  return message
}

export function writeKeepalive(): Uint8Array {
  return writeMessage(KEEPALIVE, new Uint8Array(0))
}

export function writeNotification(code: number, subcode: number, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  return writeMessage(
    NOTIFICATION,
    Uint8Array.of(code, subcode, ...data.subarray(0, MESSAGE_OCTETS - HEADER_OCTETS - 2)),
  )
}
