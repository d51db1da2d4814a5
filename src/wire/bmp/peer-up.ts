// Peer up: both ends of the session, and the OPENs they exchanged (RFC 7854 section 4.10, RFC 9069 section 4.4,
// draft-ietf-grow-bmp-peer-up).
import type { Problem } from '../../contract/problem.ts'
import type { NetRecord } from '../../contract/record.ts'
import { EXTENDED_MESSAGE_OCTETS, OPEN, readHeader } from '../bgp/message.ts'
import { ipv4Address, ipv6Address } from '../bgp/nlri/prefix-text.ts'
import { isBgpProblem } from '../bgp/notification.ts'
import { type Open, readOpenMessage } from '../bgp/open.ts'
import { bmpProblem } from './message.ts'
import type { PeerHeader } from './peer-header.ts'
import { putTlv, readTlvs, type TlvNames } from './tlv.ts'

const FIXED_OCTETS = 20
const INFORMATION: TlvNames = {
  prefix: 'bmp_peer_up_info',
  names: { 0: 'string', 1: 'sysdescr', 2: 'sysname', 3: 'vrf_table_name', 4: 'admin_label' },
}

export interface PeerUp {
  /** What the router sent to the peer, and the peer to the router; undefined when an OPEN is malformed. */
  readonly sent: Open | undefined
  readonly received: Open | undefined
  readonly remotePort: number
  readonly fields: NetRecord
  readonly problem: Problem | undefined
}

/** The body behind the per-peer header. */
export function readPeerUp(
  octets: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  peer: PeerHeader,
): PeerUp | Problem {
  if (end - start < FIXED_OCTETS) return bmpProblem('bmp/truncated', `a peer up of ${end - start} octets`, '4.10')
  const opens = readOpens(octets, view, start + FIXED_OCTETS, end)
  if ('code' in opens) return opens
  const [sent, received] = opens.opens
  const remotePort = view.getUint16(start + 18)
  const fields: NetRecord = {
    local_ip: localAddress(octets, view, start, peer),
    local_port: view.getUint16(start + 16),
    remote_port: remotePort,
  }
  if (sent) fields.local_as = sent.as
  const { tlvs, rest } = readTlvs(view, opens.end, end, false)
  for (const tlv of tlvs) putTlv(fields, octets, tlv, INFORMATION)
  const problem =
    rest > 0 ? bmpProblem('bmp/tlv', `${rest} octets at the end of a peer up are no TLV`, '4.4') : undefined
  return { sent, received, remotePort, fields, problem: opens.problem ?? problem }
}

function localAddress(octets: Uint8Array, view: DataView, at: number, peer: PeerHeader): string {
  // Loc-RIB has no address of its own; a router that gives one says by its form which it is.
  const ipv6 = peer.ipv6 || view.getUint32(at) !== 0 || view.getUint32(at + 4) !== 0
  return ipv6 ? ipv6Address(octets, at) : ipv4Address(octets, at + 12)
}

interface Opens {
  readonly opens: readonly (Open | undefined)[]
  readonly end: number
  readonly problem: Problem | undefined
}

function readOpens(octets: Uint8Array, view: DataView, start: number, end: number): Opens | Problem {
  const opens: (Open | undefined)[] = []
  let problem: Problem | undefined
  let at = start
  for (const which of ['sent', 'received']) {
    const header = readHeader(view, at, end - at, EXTENDED_MESSAGE_OCTETS)
    const bad = (what: string) => bmpProblem('bmp/open', `the OPEN that was ${which}, in a peer up: ${what}`, '4.10')
    if (!header) return bad('it is cut')
    if (isBgpProblem(header)) return bad(header.message)
    if (header.type !== OPEN) return bad(`it is a message of type ${header.type}`)
    const open = readOpenMessage(octets, at, at + header.length)
    at += header.length
    if (isBgpProblem(open)) problem ??= bad(open.message)
    opens.push(isBgpProblem(open) ? undefined : open)
  }
  return { opens, end: at, problem }
}
