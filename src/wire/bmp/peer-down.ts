// Peer down: why (RFC 7854 section 4.9, RFC 9069 section 5.3).
import type { Problem } from '../../contract/problem.ts'
import type { NetRecord } from '../../contract/record.ts'
import { EXTENDED_MESSAGE_OCTETS, HEADER_OCTETS, NOTIFICATION, readHeader } from '../bgp/message.ts'
import { isBgpProblem, notificationText, readNotification, shutdownText } from '../bgp/notification.ts'
import { bmpProblem } from './message.ts'
import { putTlv, readTlvs, type TlvNames } from './tlv.ts'

const INFORMATION: TlvNames = { prefix: 'bmp_peer_down_info', names: { 3: 'vrf_table_name' } }
/** pmacct knows no TLV of a peer down by name. */
const PMACCT_INFORMATION: TlvNames = { ...INFORMATION, names: {} }

interface Reason {
  readonly text: string
  /** What follows the reason. */
  readonly data?: 'notification' | 'event'
}

const REASONS: { readonly [reason: number]: Reason } = {
  0: { text: 'Reserved' },
  1: { text: 'The local system closed the session', data: 'notification' },
  2: { text: 'The local system closed the session without a notification message', data: 'event' },
  3: { text: 'The remote system closed the session', data: 'notification' },
  4: { text: 'The remote system closed the session without a notification message' },
  5: { text: 'Info for this peer will no longer be sent for configuration reasons' },
  6: { text: 'Local system closed, TLV data follows' },
}

export interface PeerDown {
  readonly fields: NetRecord
  /** What the NOTIFICATION says: pmacct does not print it. */
  readonly notification: NetRecord
  readonly problem: Problem | undefined
}

/** The body behind the per-peer header. Version 3 has TLVs with reason 6 only, version 4 always. */
export function readPeerDown(
  octets: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  version: number,
  compat: boolean,
): PeerDown | Problem {
  if (end - start < 1) return bmpProblem('bmp/truncated', 'a peer down without a reason', '4.9')
  const reason = view.getUint8(start)
  const row = REASONS[reason]
  const fields: NetRecord = { reason_type: reason, reason_str: row?.text ?? `reason ${reason}` }
  const notification: NetRecord = {}
  let at = start + 1
  let problem: Problem | undefined
  if (row?.data === 'event') {
    if (end - at < 2) return bmpProblem('bmp/truncated', 'a peer down of reason 2 without its event', '4.9')
    fields.reason_loc_code = view.getUint16(at)
    at += 2
  } else if (row?.data === 'notification') {
    const read = readClosing(octets, view, at, end, notification)
    if (typeof read === 'number') at = read
    else problem = read
  }
  if (!problem && (version > 3 || reason === 6)) {
    const { tlvs, rest } = readTlvs(view, at, end, false)
    for (const tlv of tlvs) putTlv(fields, octets, tlv, compat ? PMACCT_INFORMATION : INFORMATION)
    if (rest > 0) problem = bmpProblem('bmp/tlv', `${rest} octets at the end of a peer down are no TLV`, '4.4')
  }
  return { fields, notification, problem }
}

/** The NOTIFICATION at `at`; where it ends. */
function readClosing(octets: Uint8Array, view: DataView, at: number, end: number, into: NetRecord): number | Problem {
  const bad = (what: string) => bmpProblem('bmp/notification', `the NOTIFICATION in a peer down: ${what}`, '4.9')
  const header = readHeader(view, at, end - at, EXTENDED_MESSAGE_OCTETS)
  if (!header) return bad('it is cut')
  if (isBgpProblem(header)) return bad(header.message)
  if (header.type !== NOTIFICATION) return bad(`it is a message of type ${header.type}`)
  const read = readNotification(octets, at + HEADER_OCTETS, at + header.length)
  if (isBgpProblem(read)) return bad(read.message)
  into.notification_code = read.code
  into.notification_subcode = read.subcode
  into.notification_str = notificationText(read.code, read.subcode)
  const text = shutdownText(read)
  if (text !== '') into.shutdown_message = text
  return at + header.length
}
