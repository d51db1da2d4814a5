// NOTIFICATION messages and what calls for one (RFC 4271 sections 4.5 and 6, RFC 4486, 7313, 8203, 8538, 9003, 9234).
import type { Problem } from '../../contract/problem.ts'

/** What a NOTIFICATION says. */
export interface Notification {
  readonly code: number
  readonly subcode: number
  readonly data: Uint8Array
}

/** A failure that ends the session with this NOTIFICATION. */
export interface BgpProblem extends Problem {
  readonly notification: Notification
}

export const MESSAGE_HEADER_ERROR = 1
export const OPEN_ERROR = 2
export const UPDATE_ERROR = 3
export const HOLD_TIMER_EXPIRED = 4
export const STATE_MACHINE_ERROR = 5
export const CEASE = 6
export const ROUTE_REFRESH_ERROR = 7

interface ErrorRow {
  readonly name: string
  readonly subcodes: { readonly [subcode: number]: string }
}

/** The IANA registry of error codes and subcodes. */
export const NOTIFICATION_ERRORS: { readonly [code: number]: ErrorRow } = {
  1: {
    name: 'Message Header Error',
    subcodes: { 1: 'Connection Not Synchronized', 2: 'Bad Message Length', 3: 'Bad Message Type' },
  },
  2: {
    name: 'OPEN Message Error',
    subcodes: {
      1: 'Unsupported Version Number',
      2: 'Bad Peer AS',
      3: 'Bad BGP Identifier',
      4: 'Unsupported Optional Parameter',
      6: 'Unacceptable Hold Time',
      7: 'Unsupported Capability',
      11: 'Role Mismatch',
    },
  },
  3: {
    name: 'UPDATE Message Error',
    subcodes: {
      1: 'Malformed Attribute List',
      2: 'Unrecognized Well-known Attribute',
      3: 'Missing Well-known Attribute',
      4: 'Attribute Flags Error',
      5: 'Attribute Length Error',
      6: 'Invalid ORIGIN Attribute',
      8: 'Invalid NEXT_HOP Attribute',
      9: 'Optional Attribute Error',
      10: 'Invalid Network Field',
      11: 'Malformed AS_PATH',
    },
  },
  4: { name: 'Hold Timer Expired', subcodes: {} },
  5: {
    name: 'Finite State Machine Error',
    subcodes: {
      1: 'Receive Unexpected Message in OpenSent State',
      2: 'Receive Unexpected Message in OpenConfirm State',
      3: 'Receive Unexpected Message in Established State',
    },
  },
  6: {
    name: 'Cease',
    subcodes: {
      1: 'Maximum Number of Prefixes Reached',
      2: 'Administrative Shutdown',
      3: 'Peer De-configured',
      4: 'Administrative Reset',
      5: 'Connection Rejected',
      6: 'Other Configuration Change',
      7: 'Connection Collision Resolution',
      8: 'Out of Resources',
      9: 'Hard Reset',
      10: 'BFD Down',
    },
  },
  7: { name: 'ROUTE-REFRESH Message Error', subcodes: { 1: 'Invalid Message Length' } },
  8: { name: 'Send Hold Timer Expired', subcodes: {} },
}

/** `Cease / Administrative Shutdown`; numbers where the registry has no name. */
export function notificationText(code: number, subcode: number): string {
  const row = NOTIFICATION_ERRORS[code]
  const error = row?.name ?? `error ${code}`
  if (subcode === 0) return error
  return `${error} / ${row?.subcodes[subcode] ?? `subcode ${subcode}`}`
}

/** `bgp/bad-message-length` and the like: named after the subcode. */
export function notificationCode(code: number, subcode: number): string {
  const row = NOTIFICATION_ERRORS[code]
  const name = row?.subcodes[subcode] ?? row?.name ?? `error-${code}`
  return `bgp/${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`
}

export function bgpProblem(
  code: number,
  subcode: number,
  message: string,
  data: Uint8Array = new Uint8Array(0),
): BgpProblem {
  return {
    code: notificationCode(code, subcode),
    message,
    reference: 'RFC 4271 section 6',
    notification: { code, subcode, data },
  }
}

/** True for what a BGP parser returns instead of its result. */
export function isBgpProblem(value: object): value is BgpProblem {
  return 'notification' in value && 'message' in value
}

/** The body of a NOTIFICATION in octets[start..end). */
export function readNotification(octets: Uint8Array, start: number, end: number): Notification | BgpProblem {
  if (end - start < 2)
    return bgpProblem(MESSAGE_HEADER_ERROR, 2, `a NOTIFICATION body of ${end - start} octets has no code`)
  return { code: octets[start] as number, subcode: octets[start + 1] as number, data: octets.slice(start + 2, end) }
}

const decoder = new TextDecoder()

/** The operator's words in a Cease of administrative shutdown or reset (RFC 9003), '' when there are none. */
export function shutdownText(notification: Notification): string {
  const { code, subcode, data } = notification
  if (code !== CEASE || (subcode !== 2 && subcode !== 4)) return ''
  const length = data[0] ?? 0
  return length > 0 && length < data.length ? decoder.decode(data.subarray(1, 1 + length)) : ''
}
