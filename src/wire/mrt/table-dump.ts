// TABLE_DUMP and TABLE_DUMP_V2: entries of a table (RFC 6396 sections 4.2 and 4.3, ADD-PATH RFC 8050 section 4).
import type { Problem } from '../../contract/problem.ts'
import * as families from '../bgp/families.ts'
import { Cursor } from './cursor.ts'
import { nlriOctets } from './nlri-octets.ts'
import type { MrtPeer, PeerIndex } from './peers.ts'
import { type MrtRecord, mrtProblem } from './record.ts'
import type { RibEntry } from './rib-update.ts'

const { AFI_IPV4, AFI_IPV6, familyOf, SAFI_MULTICAST, SAFI_UNICAST } = families

export const PEER_INDEX_TABLE = 1
const GENERIC = 0

interface TableKind {
  /** GENERIC = the record says it. */
  readonly family: number
  readonly addPath: boolean
}

const table = (afi: number, safi: number, addPath: boolean): TableKind => ({ family: familyOf(afi, safi), addPath })

/** By subtype of TABLE_DUMP_V2. */
export const TABLES: { readonly [subtype: number]: TableKind } = {
  2: table(AFI_IPV4, SAFI_UNICAST, false),
  3: table(AFI_IPV4, SAFI_MULTICAST, false),
  4: table(AFI_IPV6, SAFI_UNICAST, false),
  5: table(AFI_IPV6, SAFI_MULTICAST, false),
  6: { family: GENERIC, addPath: false },
  8: table(AFI_IPV4, SAFI_UNICAST, true),
  9: table(AFI_IPV4, SAFI_MULTICAST, true),
  10: table(AFI_IPV6, SAFI_UNICAST, true),
  11: table(AFI_IPV6, SAFI_MULTICAST, true),
  12: { family: GENERIC, addPath: true },
}

/** An entry, whose it is, and when it came. */
export interface TableEntry {
  readonly entry: RibEntry
  readonly peer: MrtPeer
  readonly originatedSeconds: number
}

/** Entries of a record of TABLE_DUMP_V2; what is wrong with it comes last. */
export function* readTable(record: MrtRecord, kind: TableKind, index: PeerIndex): Generator<TableEntry | Problem> {
  const { octets, view, start, end } = record
  const cursor = new Cursor(octets, view, start, end)
  // A sequence number.
  cursor.skip(4)
  let { family } = kind
  if (family === GENERIC) {
    const afi = cursor.u16()
    family = familyOf(afi, cursor.u8())
  }
  const nlriStart = cursor.at
  const nlri = cursor.cut ? undefined : nlriOctets(family, view, nlriStart, cursor.rest)
  if (nlri === undefined) {
    yield mrtProblem('mrt/truncated', `a table record of ${end - start} octets ends before its entries`, '4.3')
    return
  }
  const nlriEnd = nlriStart + nlri
  cursor.skip(nlri)
  const count = cursor.u16()
  for (let number = 0; number < count; number++) {
    const peerIndex = cursor.u16()
    const originatedSeconds = cursor.u32()
    const pathId = kind.addPath ? cursor.u32() : undefined
    const attributesOctets = cursor.u16()
    const attributesStart = cursor.skip(attributesOctets)
    if (cursor.cut) {
      yield mrtProblem('mrt/truncated', `a table record says ${count} entries, entry ${number + 1} is cut`, '4.3.4')
      return
    }
    const peer = index.peers[peerIndex]
    const attributesEnd = attributesStart + attributesOctets
    const entry = { octets, view, family, nlriStart, nlriEnd, pathId, attributesStart, attributesEnd, wide: true }
    if (peer) yield { entry, peer, originatedSeconds }
    else
      yield mrtProblem(
        'mrt/unknown-peer',
        `an entry of peer ${peerIndex}; the table has ${index.peers.length}`,
        '4.3.4',
      )
  }
}

/** Scratch for the NLRI of TABLE_DUMP, which has the address in full and the length behind it. */
const nlri = new Uint8Array(17)

/** The entry of a record of TABLE_DUMP, whose subtype is the AFI. */
export function readOldTable(record: MrtRecord): TableEntry | Problem {
  const { octets, view, start, end, subtype: afi } = record
  if (afi !== AFI_IPV4 && afi !== AFI_IPV6) return mrtProblem('mrt/unknown-subtype', `TABLE_DUMP of AFI ${afi}`, '4.2')
  const addressOctets = afi === AFI_IPV4 ? 4 : 16
  const cursor = new Cursor(octets, view, start, end)
  // View and sequence number.
  cursor.skip(4)
  const prefixAt = cursor.skip(addressOctets)
  const bits = cursor.u8()
  // A status of no meaning.
  cursor.skip(1)
  const originatedSeconds = cursor.u32()
  const address = cursor.address(addressOctets)
  const as = cursor.u16()
  const attributesOctets = cursor.u16()
  const attributesStart = cursor.skip(attributesOctets)
  if (cursor.cut) return mrtProblem('mrt/truncated', `a TABLE_DUMP record of ${end - start} octets is cut`, '4.2')
  if (bits > 8 * addressOctets)
    return mrtProblem('mrt/corrupt', `a TABLE_DUMP record of a prefix of ${bits} bits`, '4.2')
  const copy = withNlri(record, prefixAt, bits)
  const shift = copy.start - start
  return {
    peer: { address, as, id: undefined },
    originatedSeconds,
    entry: {
      octets: copy.octets,
      view: copy.view,
      family: familyOf(afi, SAFI_UNICAST),
      nlriStart: copy.start - copy.nlriOctets,
      nlriEnd: copy.start,
      pathId: undefined,
      attributesStart: attributesStart + shift,
      attributesEnd: attributesStart + attributesOctets + shift,
      wide: false,
    },
  }
}

/** The record's octets with the NLRI, as an UPDATE has it, before them. */
function withNlri({ octets, start, end }: MrtRecord, prefixAt: number, bits: number) {
  const prefixOctets = (bits + 7) >> 3
  nlri[0] = bits
  nlri.set(octets.subarray(prefixAt, prefixAt + prefixOctets), 1)
  const nlriOctets = 1 + prefixOctets
  const copy = new Uint8Array(nlriOctets + end - start)
  copy.set(nlri.subarray(0, nlriOctets))
  copy.set(octets.subarray(start, end), nlriOctets)
  return { octets: copy, view: new DataView(copy.buffer), start: nlriOctets, nlriOctets }
}
