// MRT records to the records of routes (RFC 6396, RFC 8050).
import type { Host } from '../../contract/host.ts'
import { isProblem, type Problem } from '../../contract/problem.ts'
import type { Batch } from '../../contract/record.ts'
import { EXTENDED_MESSAGE_OCTETS, HEADER_OCTETS, readHeader, UPDATE } from '../bgp/message.ts'
import { type BgpProblem, isBgpProblem } from '../bgp/notification.ts'
import { RouteRecords, type Sequence } from '../bgp/records.ts'
import { readUpdate, type Update } from '../bgp/update.ts'
import { BGP4MP_KINDS, ESTABLISHED, readSessionMessage, type SessionMessage, stateOfKind } from './bgp4mp.ts'
import { type PeerIndex, readPeerIndex } from './peers.ts'
import * as mrt from './record.ts'
import { MRT_ENVELOPE, mrtEnvelope } from './records.ts'
import { readRibEntry } from './rib-update.ts'
import { PEER_INDEX_TABLE, readOldTable, readTable, TABLES, type TableEntry } from './table-dump.ts'

const NOTHING: readonly Batch[] = []

type Witness = Pick<Host, 'count' | 'report'>

export interface MrtDecoderOptions {
  /** pmacct's exact records: nothing that it does not print. */
  readonly compat?: 'pmacct' | undefined
}

/** Reads the records of files, one after another. */
export class MrtDecoder {
  readonly #compat: boolean
  readonly #witness: Witness
  readonly #records: RouteRecords
  #index: PeerIndex | undefined

  constructor(options: MrtDecoderOptions, witness: Witness, sequence: Sequence = { next: 0 }) {
    this.#compat = options.compat === 'pmacct'
    this.#witness = witness
    this.#records = new RouteRecords(MRT_ENVELOPE, sequence)
  }

  /** A file begins: the peers of the one before are not its own. */
  begin(): void {
    this.#index = undefined
  }

  /** One whole record, octets[start..end), that recordOctets found; `view` is over the same octets. */
  decode(octets: Uint8Array, view: DataView, start: number, end: number): Iterable<Batch> {
    const record = mrt.readRecord(octets, view, start, end)
    if (isProblem(record)) this.#report(record)
    else if (record.type === mrt.TABLE_DUMP_V2) return this.#table(record)
    else if (record.type === mrt.TABLE_DUMP) return this.#oldTable(record)
    else if (record.type === mrt.BGP4MP) return this.#session(record)
    else this.#unknown(record)
    return NOTHING
  }

  /** What was not yielded so far. */
  flush(): Batch | undefined {
    return this.#records.flush()
  }

  *#table(record: mrt.MrtRecord): Generator<Batch> {
    const kind = TABLES[record.subtype]
    this.#witness.count('mrt/table-dump-v2')
    if (record.subtype === PEER_INDEX_TABLE) {
      const read = readPeerIndex(record)
      if (isProblem(read)) this.#report(read)
      else this.#index = read
    } else if (!kind) this.#unknown(record)
    else if (!this.#index) {
      this.#report(
        mrt.mrtProblem('mrt/no-peers', 'a table record before any PEER_INDEX_TABLE: its peers are not known', '4.3'),
      )
    } else {
      for (const read of readTable(record, kind, this.#index)) {
        if (isProblem(read)) this.#report(read)
        else for (const batch of this.#entry(record, read)) yield batch
      }
    }
  }

  *#oldTable(record: mrt.MrtRecord): Generator<Batch> {
    this.#witness.count('mrt/table-dump')
    const read = readOldTable(record)
    if (isProblem(read)) this.#report(read)
    else for (const batch of this.#entry(record, read)) yield batch
  }

  /** What an entry says; undefined when it cannot be read. */
  #updateOf({ entry, peer }: TableEntry): Update | undefined {
    const update = readRibEntry(entry)
    if (update) return this.#isGood(update, peer.address) ? update : undefined
    const message = `an entry of peer ${peer.address}: its attributes are cut or too long`
    this.#report(mrt.mrtProblem('mrt/attributes', message, '4.3.4'))
    return undefined
  }

  /** Takes an entry; the batches that got full. */
  #entry({ timeUs }: mrt.MrtRecord, read: TableEntry): Iterable<Batch> {
    const update = this.#updateOf(read)
    // Of one family, as the entry was made to be (rib-update.ts); none where the route counts as withdrawn.
    const set = update?.announced[0]
    if (!update || !set) return NOTHING
    const envelope = mrtEnvelope(read.peer, 'dump', timeUs, read.originatedSeconds, this.#compat)
    // A table of another family than IPv4 unicast may have its next hop in NEXT_HOP all the same.
    const whole = set.nextHop === undefined ? { ...set, nextHop: update.attributes.nextHop } : set
    return this.#records.table(whole, update.attributes, envelope, Math.floor(timeUs / 1000))
  }

  *#session(record: mrt.MrtRecord): Generator<Batch> {
    const kind = BGP4MP_KINDS[record.subtype]
    this.#witness.count('mrt/bgp4mp')
    if (!kind) {
      this.#unknown(record)
      return
    }
    const read = readSessionMessage(record, kind)
    if (isProblem(read)) this.#report(read)
    else if (read.change) yield* this.#stateChange(record, read)
    else yield* this.#message(record, read, stateOfKind(kind))
  }

  *#stateChange({ timeUs }: mrt.MrtRecord, { peer, change }: SessionMessage): Generator<Batch> {
    const wasUp = change?.from === ESTABLISHED
    const isUp = change?.to === ESTABLISHED
    if (wasUp === isUp) return
    const record = {
      timestamp: timeUs / 1e6,
      peer_ip_src: peer.address,
      event_type: isUp ? 'log_init' : 'log_close',
      ...(this.#compat ? {} : { peer_as: peer.as }),
    }
    yield* this.#records.record(record, Math.floor(timeUs / 1000))
  }

  *#message(
    record: mrt.MrtRecord,
    { peer, start, end }: SessionMessage,
    state: ReturnType<typeof stateOfKind>,
  ): Generator<Batch> {
    const { octets, view, timeUs } = record
    const header = readHeader(view, start, end - start, EXTENDED_MESSAGE_OCTETS)
    if (!header) {
      this.#report(
        mrt.mrtProblem('mrt/truncated', `a BGP message of peer ${peer.address} is cut at ${end - start} octets`, '4.4'),
      )
    } else if (isBgpProblem(header)) this.#about(peer.address, header)
    else if (header.type === UPDATE) {
      const update = readUpdate(octets, view, start + HEADER_OCTETS, start + header.length, state)
      if (!this.#isGood(update, peer.address)) return
      const envelope = mrtEnvelope(peer, 'log', timeUs, undefined, this.#compat)
      yield* this.#records.update(update, envelope, Math.floor(timeUs / 1000))
    }
  }

  /** Tells what is wrong with an update; whether something can be read in it. */
  #isGood(update: Update | BgpProblem, peer: string): update is Update {
    if (isBgpProblem(update)) {
      this.#witness.count('mrt/unreadable-update')
      this.#about(peer, update)
      return false
    }
    for (const problem of update.problems) this.#about(peer, problem)
    return true
  }

  #about(peer: string, problem: Problem): void {
    this.#report({ ...problem, message: `peer ${peer}: ${problem.message}` })
  }

  #unknown({ type, subtype }: mrt.MrtRecord): void {
    this.#witness.count('mrt/unknown-type')
    const message = `records of type ${type}, subtype ${subtype} are not read`
    this.#witness.report({ ...mrt.mrtProblem('mrt/unknown-type', message, '4'), note: true })
  }

  #report(problem: Problem): void {
    this.#witness.report(problem)
  }
}
