// Answers of the looking glass as lines of JSON.
import type { NetRecord } from '../../contract/record.ts'
import { type Prefix, parsePrefix, prefixText } from '../../lookup/prefix.ts'
import { OctetBuffer } from '../../octets/buffer.ts'
import { jsonText, parsedRecord } from '../../stream/json.ts'
import type { Peer } from './peers.ts'
import { findRoutes, queryOf, type RibQuery } from './query.ts'
import type { Rib } from './rib.ts'
import { rowHead, writeRow } from './row-text.ts'

/** What is asked: routes, or the peers. */
export type Question = RibQuery | 'peers'

const LINE_FEED = 10

/** Octets of an answer at a time. */
const FULL_OCTETS = 1 << 16

/** Lines of the answer, some at a time; each piece holds until the next one is asked for. */
export function* answer(rib: Rib, question: Question, mostRows: number): Generator<Uint8Array> {
  const out = new OctetBuffer(2 * FULL_OCTETS)
  let rows = 0
  for (const _row of question === 'peers' ? peerLines(rib, out) : routeLines(rib, question, out)) {
    out.reserve(1)
    out.octets[out.length++] = LINE_FEED
    if (++rows >= mostRows) {
      out.appendText(`${jsonText({ event_type: 'lglass_cut', results: rows })}\n`)
      break
    }
    if (out.length < FULL_OCTETS) continue
    yield out.written()
    out.length = 0
  }
  if (out.length > 0) yield out.written()
}

function* routeLines(rib: Rib, query: RibQuery, out: OctetBuffer): Generator<void> {
  const { table } = rib
  const heads = new Map<string, Uint8Array>()
  const headOf = (peer: Peer, key: string, scope: Parameters<typeof rowHead>[3]): Uint8Array => {
    const head = heads.get(key) ?? rowHead({}, 'lglass', peer, scope)
    heads.set(key, head)
    return head
  }
  for (const { route, peer, scope } of findRoutes(rib, query)) {
    writeRow(out, headOf(peer, `${peer.id} ${scope.id}`, scope), table, scope.afi, {
      prefix: table.prefix(route),
      path: table.path(route),
      attributes: table.attributes(route),
      own: table.own(route),
    })
    yield
  }
}

function* peerLines(rib: Rib, out: OctetBuffer): Generator<void> {
  for (const session of rib.peers.sessions.values()) {
    const peers = session.peers.size > 0 ? [...session.peers] : [undefined]
    for (const peer of peers) {
      const record: NetRecord = { ...(peer?.record ?? session.names), event_type: 'lglass' }
      out.appendText(jsonText({ ...record, entries: peer ? rib.table.count(peer.id) : 0 }))
      yield
    }
  }
}

const prefixOf = (prefix: Prefix | undefined): NetRecord => (prefix ? { prefix: prefixText(prefix) } : {})

/** A question as one line, as a socket takes it. */
export function questionText(question: Question): string {
  if (question === 'peers') return `${jsonText({ peers: true })}\n`
  const { prefix, match, peer, originAs, rd } = question
  const record: NetRecord = { ...prefixOf(prefix), match }
  if (peer !== undefined) record.peer = peer
  if (originAs !== undefined) record.origin_as = originAs
  if (rd !== undefined) record.rd = rd
  return `${jsonText(record)}\n`
}

/** Undefined when the text is no question. */
export function parseQuestion(text: string): Question | undefined {
  const record = parsedRecord(text)
  if (!record) return undefined
  return record.peers === true ? 'peers' : queryOf(record, parsePrefix)
}
