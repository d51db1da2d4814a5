// Two connections of the same two speakers: one must go (RFC 4271 section 6.8).
import { parseDotted } from '../../octets/address.ts'
import { type BgpProblem, bgpProblem, CEASE } from '../../wire/bgp/notification.ts'
import type { BgpPeer } from './peer.ts'

const COLLISION = 7

/**
 * What ends `newer`, whose OPEN has come, because of another session with the same speaker; where that other session is
 * the one to go, its problem is set.
 */
export function collision(newer: BgpPeer, peers: Iterable<BgpPeer>): BgpProblem | undefined {
  for (const other of peers) {
    if (other === newer || !isSameSpeaker(other, newer)) continue
    const problem = bgpProblem(CEASE, COLLISION, 'the peer has another session')
    if (other.session.state === 'established') return problem
    if (other.session.state !== 'open-confirm') continue
    // Both are young: the one that the speaker with the higher identifier opened stays.
    const oursStays = id(newer.session.ourRouterId) > id(newer.session.theirs?.routerId)
    if (newer.isOurs === oursStays) other.problem = problem
    else return problem
  }
  return undefined
}

/** The same identifier at the same address. Another address is another session of it (IPv4 and IPv6). */
function isSameSpeaker(one: BgpPeer, other: BgpPeer): boolean {
  return one.address === other.address && one.session.theirs?.routerId === other.session.theirs?.routerId
}

const id = (routerId: string | undefined): number => parseDotted(routerId ?? '') >>> 0
