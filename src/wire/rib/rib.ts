// A routing table kept from a stream of BGP and BMP records (log, dump), whatever made them.
import type { Batch, NetRecord } from '../../contract/record.ts'
import { LineBatch } from '../../fields/batch.ts'
import { NO_PREFIX } from '../../lookup/route-prefixes.ts'
import { MAX_ROUTES, RouteTable } from '../../lookup/route-table.ts'
import { parsedRecord } from '../../stream/json.ts'
import { Lines } from './lines.ts'
import * as member from './members.ts'
import { keepEvent, type Peer, Peers, type Session, SPEAKER_NAMES } from './peers.ts'
import { RouteLine } from './route-line.ts'
import { type Scope, Scopes } from './scopes.ts'

/** Counts a record under `merged` or `dropped/<reason>`. */
type Count = (name: string, by?: number) => void

interface Common {
  readonly peer: Peer
  readonly scope: Scope
  /** Texts that a route uses, or used before a line that repeats it: they are still there. */
  readonly attributes: number
  readonly own: number
}

export class Rib {
  readonly table: RouteTable
  readonly peers = new Peers()
  readonly scopes = new Scopes()
  /** Newest receive time of a record, Unix ms; 0 = none yet. */
  clockMs = 0
  /** `seq` of the last record that had one. */
  seq = 0
  /** Records that changed something. */
  changes = 0
  readonly #count: Count
  readonly #line = new RouteLine()
  readonly #lines = new Lines(this.#line)
  /** What the last route that was taken has in common with lines that repeat it. */
  #common: Common | undefined
  #batch: Batch | undefined
  #next = 0
  #merged = 0
  /**
   * Sessions whose end was the last that was heard, when those are held: the end of all input closes every session, and
   * the table that is asked for then is the one before.
   */
  readonly #closing = new Set<Session>()
  holdsCloses = false

  constructor(count: Count, limit = MAX_ROUTES) {
    this.#count = count
    this.table = new RouteTable(limit)
  }

  /** Takes all records of a batch. */
  take(batch: Batch): void {
    this.begin(batch)
    this.advance(() => false)
  }

  begin(batch: Batch): void {
    this.#batch = batch
    this.#next = 0
    this.#common = undefined
    this.#lines.open(batch)
  }

  /** Takes records up to one at whose time `isDue`; false when there is one, which is then the next. */
  advance(isDue: (timeMs: number, isDump: boolean) => boolean): boolean {
    const line = this.#line
    for (; this.#next < this.#lines.count; this.#next++) {
      if (!this.#lines.read(this.#next)) continue
      // Here, not where it is applied: a line at which a dump is due is read again, and repeats itself.
      if (!line.repeats) this.#common = undefined
      if (line.timeMs > this.clockMs) {
        if (isDue(line.timeMs, line.event === member.DUMP || line.event >= member.DUMP_INIT)) return this.#end(false)
        this.clockMs = line.timeMs
      }
      if (line.seq > 0) this.seq = line.seq
      const dropped = this.#apply()
      if (dropped) this.#count(`dropped/${dropped}`)
      else this.#merged++
    }
    return this.#end(true)
  }

  #end(done: boolean): boolean {
    if (this.#merged > 0) this.#count('merged', this.#merged)
    this.changes += this.#merged
    this.#merged = 0
    // A reader of lines has a clock for silent inputs, which knows no other time of these records.
    if (this.#batch instanceof LineBatch) {
      const { clock } = this.#batch.context
      clock.nowMs = Math.max(clock.nowMs, this.clockMs)
    }
    return done
  }

  /** Empties the tables of sessions whose close was held: something came after it. */
  settle(): void {
    for (const session of this.#closing) this.#close(session)
    this.#closing.clear()
  }

  /** The input is over. Where every session closed with it, their tables stay; a single one that closed last is gone. */
  finish(): void {
    const open = [...this.peers.sessions.values()].filter(({ restored }) => !restored)
    if (open.some(session => !this.#closing.has(session))) this.settle()
  }

  #heldClose(session: Session): void {
    if (this.holdsCloses) this.#closing.add(session)
    else this.#close(session)
  }

  /** Why the record was dropped, undefined when it was not. */
  #apply(): string | undefined {
    const line = this.#line
    const { event, bmpMessage } = line
    if (this.#closing.size > 0 && event !== member.CLOSE) this.settle()
    if (this.#common) return this.#repeat(this.#common)
    if (event >= member.OPEN || bmpMessage === member.OTHER_MESSAGE) return this.#event()
    const isWithdrawal = line.logType === member.WITHDRAW
    if (line.logType === member.END_OF_RIB) return this.#endOfRib()
    if (line.family === 0 && line.nlri.isEmpty) return 'no-route'
    const peer = this.peers.of(line.peer)
    if (!peer) return line.peer.isEmpty ? 'no-peer' : 'too-many-peers'
    const scope = this.scopes.of(line.scope)
    if (!scope) return 'too-many-tables'
    if (isWithdrawal) return this.#withdraw(peer, scope)
    return this.#update(peer, scope)
  }

  #update(peer: Peer, scope: Scope): string | undefined {
    const { texts } = this.table
    const { attributes: shared, own: single } = this.#line
    const attributes = texts.intern(shared.octets, shared.view, shared.from, shared.to)
    if (attributes < 0) return 'table-full'
    const own = texts.intern(single.octets, single.view, single.from, single.to)
    if (own < 0) {
      texts.release(attributes)
      return 'table-full'
    }
    return this.#set({ peer, scope, attributes, own })
  }

  /** A route that has its texts with the one before. */
  #repeat(common: Common): string | undefined {
    const { texts } = this.table
    texts.retain(common.attributes)
    texts.retain(common.own)
    return this.#set(common)
  }

  /** Takes over a use of the texts. */
  #set(common: Common): string | undefined {
    const { table } = this
    const { peer, scope, attributes, own } = common
    this.#common = undefined
    const prefix = this.#destination(scope.id, true)
    if (prefix === 0) {
      table.texts.release(attributes)
      table.texts.release(own)
      return 'table-full'
    }
    if (!table.set(peer.id, prefix, this.#line.pathId, common)) return 'table-full'
    this.#common = common
    return undefined
  }

  #endOfRib(): undefined {
    const peer = this.peers.of(this.#line.peer)
    if (peer) peer.isComplete = true
  }

  #withdraw(peer: Peer, scope: Scope): undefined {
    const prefix = this.#destination(scope.id, false)
    if (prefix !== 0) this.table.remove(peer.id, prefix, this.#line.pathId)
  }

  /** Id of the line's destination; 0 when it is not there and not to be made, or there is no room. */
  #destination(scope: number, make: boolean): number {
    const { prefixes, texts } = this.table
    const { family, words, length, nlri } = this.#line
    if (family !== 0) {
      const a = words[0] as number
      const b = words[1] as number
      const c = words[2] as number
      const d = words[3] as number
      return make ? prefixes.make(scope, a, b, c, d, length) : prefixes.find(scope, a, b, c, d, length)
    }
    const text = texts.intern(nlri.octets, nlri.view, nlri.from, nlri.to)
    if (text < 0) return 0
    if (make) return this.table.makeText(scope, text)
    const known = prefixes.find(scope, text, 0, 0, 0, NO_PREFIX)
    texts.release(text)
    return known
  }

  #event(): string | undefined {
    const record = parsedRecord(this.#lines.text(this.#next))
    if (!record) return 'no-route'
    if (SPEAKER_NAMES.every(name => record[name] === undefined)) return 'no-peer'
    const { event } = this.#line
    if (event === member.CLOSE) this.#heldClose(this.peers.session(record))
    else if (event === member.OPEN || event === member.DUMP_INIT) this.#open(record)
    else if (event === member.DUMP_CLOSE) this.peers.session(record).dumpsEnded++
    else return this.#message(record)
    if (event === member.DUMP_INIT) this.peers.session(record).dumpsBegun++
    return undefined
  }

  /** A session begins, or a dump of it: what was known of it is no longer so. */
  #open(record: NetRecord): void {
    const session = this.peers.session(record)
    this.#empty(session)
    session.events.clear()
    session.opened = record
    for (const peer of session.peers) peer.isComplete = false
    for (const other of [...this.peers.sessions.values()]) {
      if (other !== session && other.restored && other.address === session.address && other.isBmp === session.isBmp)
        this.#close(other)
    }
    session.restored = this.peers.restoring
  }

  #empty(session: Session): void {
    if ([...session.peers].some(({ id }) => this.table.count(id) > 0))
      this.table.removeWhere(peer => this.peers.get(peer)?.session === session)
  }

  #close(session: Session): void {
    this.#empty(session)
    this.peers.close(session)
  }

  /** A BMP message that is no route. */
  #message(record: NetRecord): string | undefined {
    const session = this.peers.session(record)
    const type = record.bmp_msg_type
    if (type === 'peer_down') this.#peerDown(session, record)
    if (type === 'term' || type === 'route_mirror') return undefined
    const { seq: _seq, event_type: _type, timestamp_arrival: _arrival, timestamp_event, timestamp, ...rest } = record
    const time = timestamp_event ?? timestamp
    const kept = keepEvent(session, time === undefined ? rest : { timestamp_event: time, ...rest })
    return kept ? undefined : 'too-many-events'
  }

  #peerDown(session: Session, record: NetRecord): void {
    const isGone = this.gone(session, record)
    if ([...session.peers].some(({ id }) => this.table.count(id) > 0)) this.table.removeWhere(isGone)
  }

  /** Which routes a peer_down takes away: those of its Loc-RIB instance, or those of all its other tables; of one RD where it has one. */
  gone(session: Session, record: NetRecord): (peer: number, scope: number) => boolean {
    const isLocal = record.peer_type === 3 || record.is_loc === 1
    const down = new Set<number>()
    for (const { id, record: known } of session.peers) {
      const same = known.peer_ip === record.peer_ip && (known.pd ?? null) === (record.pd ?? null)
      if (same && (known.is_loc === 1) === isLocal && this.table.count(id) > 0) down.add(id)
    }
    const rd = record.rd ?? null
    return (peer, scope) => {
      if (!down.has(peer)) return false
      const known = this.scopes.get(scope)
      return (known?.rdOrigin === 'bmp' ? known.rd : null) === rd
    }
  }
}
