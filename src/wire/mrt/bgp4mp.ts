// BGP4MP: messages and state changes of a session (RFC 6396 section 4.4, ADD-PATH RFC 8050 section 3).
import type { Problem } from '../../contract/problem.ts'
import { AFI_IPV4, AFI_IPV6 } from '../bgp/families.ts'
import { NLRI_READERS } from '../bgp/nlri/families.ts'
import { PLAIN_SESSION, type SessionState } from '../bgp/session-state.ts'
import { Cursor } from './cursor.ts'
import type { MrtPeer } from './peers.ts'
import { type MrtRecord, mrtProblem } from './record.ts'

export const ESTABLISHED = 6

interface MessageKind {
  readonly wide: boolean
  readonly isState?: true
  /** Sent by the collector itself. */
  readonly isLocal?: true
  readonly addPath?: true
}

/** By subtype. */
export const BGP4MP_KINDS: { readonly [subtype: number]: MessageKind } = {
  0: { wide: false, isState: true },
  1: { wide: false },
  4: { wide: true },
  5: { wide: true, isState: true },
  6: { wide: false, isLocal: true },
  7: { wide: true, isLocal: true },
  8: { wide: false, addPath: true },
  9: { wide: true, addPath: true },
  10: { wide: false, isLocal: true, addPath: true },
  11: { wide: true, isLocal: true, addPath: true },
}

const EVERY_FAMILY: ReadonlySet<number> = new Set(NLRI_READERS.keys())
const NO_FAMILY: ReadonlySet<number> = new Set()

/** How the messages of a kind are encoded. */
export function stateOfKind({ wide, addPath }: MessageKind): SessionState {
  return { ...PLAIN_SESSION, as4: wide, addPath: addPath ? EVERY_FAMILY : NO_FAMILY, monitored: true }
}

export interface SessionMessage {
  /** Who speaks: of a local message the collector. */
  readonly peer: MrtPeer
  /** The BGP message is octets[start..end). */
  readonly start: number
  readonly end: number
  /** States of RFC 4271 section 8.2.2, 1 Idle to 6 Established; undefined of a message. */
  readonly change: { readonly from: number; readonly to: number } | undefined
}

export function readSessionMessage(record: MrtRecord, kind: MessageKind): SessionMessage | Problem {
  const { octets, view, start, end } = record
  const cursor = new Cursor(octets, view, start, end)
  const peerAs = cursor.as(kind.wide)
  const localAs = cursor.as(kind.wide)
  // The interface index.
  cursor.skip(2)
  const afi = cursor.u16()
  if (!cursor.cut && afi !== AFI_IPV4 && afi !== AFI_IPV6) {
    return mrtProblem('mrt/corrupt', `a BGP4MP record with addresses of AFI ${afi}`, '4.4')
  }
  const addressOctets = afi === AFI_IPV6 ? 16 : 4
  const peerAddress = cursor.address(addressOctets)
  const localAddress = cursor.address(addressOctets)
  const change = kind.isState ? { from: cursor.u16(), to: cursor.u16() } : undefined
  if (cursor.cut) return mrtProblem('mrt/truncated', `a BGP4MP record of ${end - start} octets is cut`, '4.4')
  const peer = kind.isLocal ? { address: localAddress, as: localAs } : { address: peerAddress, as: peerAs }
  return { peer: { ...peer, id: undefined }, start: cursor.at, end, change }
}
