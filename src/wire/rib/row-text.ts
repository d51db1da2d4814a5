// Routes of a table as records in JSON text.
import type { NetRecord } from '../../contract/record.ts'
import { NO_PREFIX } from '../../lookup/route-prefixes.ts'
import type { RouteTable } from '../../lookup/route-table.ts'
import { writeIpv6 } from '../../octets/address-write.ts'
import type { OctetBuffer } from '../../octets/buffer.ts'
import { writeDotted, writeWord } from '../../octets/digits.ts'
import { jsonText } from '../../stream/json.ts'
import type { Peer } from './peers.ts'
import type { Scope } from './scopes.ts'

const encoder = new TextEncoder()
const PREFIX_KEY = encoder.encode(',"ip_prefix":"')
const PATH_ID_KEY = encoder.encode(',"as_path_id":')
const COMMA = 44
const QUOTE = 34
const SLASH = 47
const CLOSE_BRACE = 125
/** Octets that a row has beside its beginning and its texts, at most. */
const ROW_OCTETS = 128

const members = (record: NetRecord): string => jsonText(record).slice(1, -1)
const decoder = new TextDecoder()

/** What all routes of a peer in a scope begin with: `{...envelope, peer, event, scope`. `bmpMessage`: of a BMP peer. */
export function rowHead(
  envelope: NetRecord,
  eventType: string,
  peer: Peer,
  scope: Scope,
  bmpMessage = 'route_monitor',
): Uint8Array {
  const event: NetRecord = { event_type: eventType }
  if (peer.session.isBmp) event.bmp_msg_type = bmpMessage
  const parts = [members(envelope), decoder.decode(peer.octets), members(event), decoder.decode(scope.octets)]
  return encoder.encode(`{${parts.filter(part => part !== '').join(',')}`)
}

/** Ids of a route, as the table or a snapshot has them. */
export interface RowIds {
  prefix: number
  path: number
  attributes: number
  own: number
}

/** Appends the route as a line, without its line feed. */
export function writeRow(out: OctetBuffer, head: Uint8Array, table: RouteTable, afi: number, row: RowIds): void {
  const { texts, prefixes } = table
  const isText = prefixes.length(row.prefix) === NO_PREFIX
  const nlri = isText ? prefixes.word(row.prefix, 0) : 0
  out.reserve(head.length + texts.length(nlri) + texts.length(row.attributes) + texts.length(row.own) + ROW_OCTETS)
  const { octets, view } = out
  octets.set(head, out.length)
  let at = out.length + head.length
  if (isText) at = writeText(view, at, table, nlri)
  else at = writePrefix(octets, view, at, table, afi, row.prefix)
  if (row.path !== 0) {
    octets.set(PATH_ID_KEY, at)
    at = writeWord(view, at + PATH_ID_KEY.length, row.path)
  }
  if (row.own !== 0) at = writeText(view, at, table, row.own)
  if (row.attributes !== 0) at = writeText(view, at, table, row.attributes)
  octets[at++] = CLOSE_BRACE
  out.length = at
}

function writeText(view: DataView, at: number, { texts }: RouteTable, id: number): number {
  view.setUint8(at, COMMA)
  return texts.copy(id, view, at + 1)
}

function writePrefix(
  octets: Uint8Array,
  view: DataView,
  at: number,
  table: RouteTable,
  afi: number,
  id: number,
): number {
  const { prefixes } = table
  octets.set(PREFIX_KEY, at)
  at += PREFIX_KEY.length
  if (afi === 2) {
    at = writeIpv6(view, at, prefixes.word(id, 0), prefixes.word(id, 1), prefixes.word(id, 2), prefixes.word(id, 3))
  } else at = writeDotted(view, at, prefixes.word(id, 0))
  octets[at++] = SLASH
  at = writeWord(view, at, prefixes.length(id))
  octets[at++] = QUOTE
  return at
}
