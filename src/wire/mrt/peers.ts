// PEER_INDEX_TABLE: who the entries of a table dump are of (RFC 6396 section 4.3.1).
import type { Problem } from '../../contract/problem.ts'
import { Cursor } from './cursor.ts'
import { type MrtRecord, mrtProblem } from './record.ts'

const IPV6 = 1
const WIDE_AS = 2
const decoder = new TextDecoder()

export interface MrtPeer {
  readonly address: string
  readonly as: number
  /** BGP identifier, dotted; undefined = the record does not say. */
  readonly id: string | undefined
}

export interface PeerIndex {
  /** BGP identifier of the collector. */
  readonly collector: string
  readonly view: string
  readonly peers: readonly MrtPeer[]
}

export function readPeerIndex({ octets, view, start, end }: MrtRecord): PeerIndex | Problem {
  const cursor = new Cursor(octets, view, start, end)
  const collector = cursor.address(4)
  const nameOctets = cursor.u16()
  const nameAt = cursor.skip(nameOctets)
  const name = cursor.cut ? '' : decoder.decode(octets.subarray(nameAt, nameAt + nameOctets))
  const count = cursor.u16()
  const peers: MrtPeer[] = []
  for (let index = 0; index < count && !cursor.cut; index++) {
    const type = cursor.u8()
    const id = cursor.address(4)
    const address = cursor.address(type & IPV6 ? 16 : 4)
    peers.push({ id, address, as: cursor.as((type & WIDE_AS) !== 0) })
  }
  if (cursor.cut)
    return mrtProblem('mrt/truncated', `a PEER_INDEX_TABLE of ${end - start} octets for ${count} peers`, '4.3.1')
  return { collector, view: name, peers }
}
