// A whole table as MRT TABLE_DUMP_V2 (RFC 6396 section 4.3, RFC 8050 for path ids): the peers, then each prefix with the
// routes of all peers. IPv4 and IPv6, unicast and multicast; what else the table has is counted and left out.
import type { Host } from '../../contract/host.ts'
import { type Batch, type NetRecord, RECORDS_PER_BATCH } from '../../contract/record.ts'
import { NO_PREFIX } from '../../lookup/route-prefixes.ts'
import type { RouteGroup, RouteSnapshot } from '../../lookup/route-snapshot.ts'
import { parseDotted, parseIpv6 } from '../../octets/address.ts'
import { OctetBuffer } from '../../octets/buffer.ts'
import { parsedRecord } from '../../stream/json.ts'
import { type WrittenAttributes, writeAttributes } from './mrt-attributes.ts'
import type { Peer } from './peers.ts'
import type { Rib } from './rib.ts'
import type { Scope } from './scopes.ts'
import type { TableDump, TableRowsOptions } from './table-rows.ts'

const TABLE_DUMP_V2 = 13
const PEER_INDEX_TABLE = 1
/** Subtypes by AFI and SAFI; with path ids they are 6 higher. */
const SUBTYPES: { readonly [family: string]: number } = { '1/1': 2, '1/2': 3, '2/1': 4, '2/2': 5 }
const PATH_IDS = 6
const HEADER_OCTETS = 12
const MOST_PEERS = 0xffff
/** Texts of attributes whose octets are kept. */
const CACHED_ATTRIBUTES = 100_000

/** Octets of MRT records that stand for `count` routes. */
export interface MrtBatch extends Batch {
  readonly octets: Uint8Array
}

const NOTHING: NetRecord[] = Array.from({ length: 4 * RECORDS_PER_BATCH }, () => ({}))

/** A group being read in step with those of other peers. */
interface Cursor {
  readonly peer: number
  readonly order: Uint32Array
  at: number
}

class MrtWriter {
  readonly #rib: Rib
  readonly #snapshot: RouteSnapshot
  readonly #seconds: number
  readonly #out = new OctetBuffer(1 << 17)
  readonly #attributes = new Map<number, WrittenAttributes>()
  readonly #count: (name: string, by?: number) => void
  #sequence = 0
  #rows = 0

  constructor(rib: Rib, snapshot: RouteSnapshot, nowMs: number, count: (name: string, by?: number) => void) {
    this.#rib = rib
    this.#snapshot = snapshot
    this.#seconds = Math.floor(nowMs / 1000)
    this.#count = count
  }

  /** Begins a record; where its length is to be set. */
  #begin(subtype: number): number {
    const out = this.#out
    out.reserve(HEADER_OCTETS + 64)
    const { view, length } = out
    view.setUint32(length, this.#seconds)
    view.setUint16(length + 4, TABLE_DUMP_V2)
    view.setUint16(length + 6, subtype)
    out.length += HEADER_OCTETS
    return length + 8
  }

  #end(lengthAt: number): void {
    this.#out.view.setUint32(lengthAt, this.#out.length - lengthAt - 4)
  }

  #number(octets: 1 | 2 | 4, value: number): void {
    const out = this.#out
    out.reserve(4)
    if (octets === 1) out.view.setUint8(out.length, value)
    else if (octets === 2) out.view.setUint16(out.length, value)
    else out.view.setUint32(out.length, value)
    out.length += octets
  }

  batch(nowMs: number): MrtBatch {
    const count = this.#rows
    const octets = this.#out.written()
    this.#rows = 0
    this.#out.length = 0
    return { count, records: NOTHING.slice(0, count), now: nowMs, octets }
  }

  get isFull(): boolean {
    return this.#rows >= RECORDS_PER_BATCH
  }

  /** RFC 6396 section 4.3.1; the collector has no identifier and no view name. */
  peers(peers: readonly Peer[]): void {
    const lengthAt = this.#begin(PEER_INDEX_TABLE)
    this.#number(4, 0)
    this.#number(2, 0)
    this.#number(2, peers.length)
    const words = new Uint32Array(4)
    for (const { record, session } of peers) {
      const address = String(record.peer_ip ?? record.peer_ip_src ?? '0.0.0.0')
      const isIpv6 = parseIpv6(address, words, 0)
      // AS numbers have four octets.
      this.#number(1, isIpv6 ? 3 : 2)
      this.#number(4, Math.max(0, parseDotted(String(record.bgp_id ?? record.peer_id ?? session.opened.peer_id ?? ''))))
      if (isIpv6) for (const word of words) this.#number(4, word)
      else this.#number(4, Math.max(0, parseDotted(address)))
      this.#number(4, Number(record.peer_asn ?? record.peer_as ?? session.opened.peer_as ?? 0))
    }
    this.#end(lengthAt)
    this.#rows++
  }

  /** One prefix, with the entries of the snapshot and the peers they are of. */
  prefix(scope: Scope, prefix: number, entries: readonly { readonly peer: number; readonly entry: number }[]): void {
    const { path, attributes } = this.#snapshot
    const hasPaths = entries.some(({ entry }) => path[entry] !== 0)
    const subtype = SUBTYPES[`${scope.afi}/${scope.safi}`] as number
    const lengthAt = this.#begin(subtype + (hasPaths ? PATH_IDS : 0))
    this.#number(4, this.#sequence++)
    this.#nlri(prefix)
    this.#number(2, entries.length)
    for (const { peer, entry } of entries) {
      this.#number(2, peer)
      this.#number(4, this.#seconds)
      if (hasPaths) this.#number(4, path[entry] as number)
      const { octets, leftOut } = this.#octetsOf(attributes[entry] as number)
      if (leftOut > 0) this.#count('mrt_attributes_left_out', leftOut)
      this.#number(2, octets.length)
      this.#out.append(octets)
    }
    this.#end(lengthAt)
    this.#rows += entries.length
  }

  #nlri(prefix: number): void {
    const { prefixes } = this.#rib.table
    const length = prefixes.length(prefix)
    this.#number(1, length)
    for (let bit = 0; bit < length; bit += 8)
      this.#number(1, (prefixes.word(prefix, bit >> 5) >>> (24 - (bit & 24))) & 255)
  }

  #octetsOf(id: number): WrittenAttributes {
    let written = this.#attributes.get(id)
    if (!written) {
      if (this.#attributes.size >= CACHED_ATTRIBUTES) this.#attributes.clear()
      const text = new TextDecoder().decode(this.#rib.table.texts.octets(id))
      written = writeAttributes(parsedRecord(`{${text}}`) ?? {})
      this.#attributes.set(id, written)
    }
    return written
  }
}

function leftOut(routes: number, host: Pick<Host, 'count' | 'report'>): void {
  if (routes === 0) return
  host.count('mrt_routes_left_out', routes)
  host.report({
    code: 'dump/not-in-mrt',
    message: `${routes} routes are not in the MRT file, which has IPv4 and IPv6 unicast and multicast only`,
    hint: '--format json has all',
  })
}

/** The table as it is now, to be written while it goes on changing. */
export function dumpMrt(rib: Rib, { nowMs }: TableRowsOptions, host: Pick<Host, 'count' | 'report'>): TableDump {
  const peers = [...rib.peers.sessions.values()].flatMap(session => [...session.peers]).slice(0, MOST_PEERS)
  const ranks = new Map(peers.map(({ id }, rank) => [id, rank]))
  const snapshot = rib.table.snapshot(peer => ranks.get(peer) ?? -1)
  const written = rib.scopes.all.filter(
    ({ afi, safi, rd }) => rd === undefined && SUBTYPES[`${afi}/${safi}`] !== undefined,
  )
  const scopes = new Set(written.map(({ id }) => id))
  const size = ({ from, to }: RouteGroup): number => to - from
  const rows = snapshot.groups.filter(({ scope }) => scopes.has(scope)).reduce((sum, group) => sum + size(group), 0)
  leftOut(snapshot.prefix.length - rows, host)
  const writer = new MrtWriter(rib, snapshot, nowMs, (name, by) => host.count(name, by))
  function* batches(): Generator<MrtBatch> {
    writer.peers(peers)
    yield writer.batch(nowMs)
    for (const scope of written) {
      const cursors = snapshot.groups
        .filter(group => group.scope === scope.id)
        .map((group): Cursor => ({ peer: ranks.get(group.peer) as number, order: snapshot.order(group), at: 0 }))
      for (const { prefix, entries } of merged(rib, snapshot, cursors)) {
        writer.prefix(scope, prefix, entries)
        if (writer.isFull) yield writer.batch(nowMs)
      }
    }
    yield writer.batch(nowMs)
  }
  return { records: rows + 1, batches: batches(), release: () => snapshot.release() }
}

/** Prefixes in order, each with the entries that all peers have for it. */
function* merged(
  rib: Rib,
  { prefix }: RouteSnapshot,
  cursors: readonly Cursor[],
): Generator<{ prefix: number; entries: { peer: number; entry: number }[] }> {
  const { prefixes } = rib.table
  const next = (cursor: Cursor): number => prefix[cursor.order[cursor.at] as number] ?? 0
  const isBefore = (a: number, b: number): boolean => {
    for (let word = 0; word < 4; word++) {
      const difference = prefixes.word(a, word) - prefixes.word(b, word)
      if (difference !== 0) return difference < 0
    }
    return prefixes.length(a) < prefixes.length(b)
  }
  for (;;) {
    let first = 0
    for (const cursor of cursors) {
      const candidate = cursor.at < cursor.order.length ? next(cursor) : 0
      if (candidate !== 0 && candidate !== first && (first === 0 || isBefore(candidate, first))) first = candidate
    }
    if (first === 0) return
    const entries: { peer: number; entry: number }[] = []
    for (const cursor of cursors) {
      while (cursor.at < cursor.order.length && next(cursor) === first) {
        entries.push({ peer: cursor.peer, entry: cursor.order[cursor.at++] as number })
      }
    }
    if (prefixes.length(first) !== NO_PREFIX) yield { prefix: first, entries }
  }
}
