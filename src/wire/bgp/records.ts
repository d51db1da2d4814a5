// Routes of UPDATEs as records: one a route, in one wide form of columns, so that a batch holds whatever comes.
//
// The values of a session and of an UPDATE stand together in the form and are the same objects for all its routes: the
// JSON writer copies their text. Routes with rare keys (EVPN, FlowSpec, BGP-LS, unknown attributes) are plain records.
import { type Batch, type NetRecord, RECORDS_PER_BATCH, recordBatch, type Value } from '../../contract/record.ts'
import { ColumnBatch, EVERY_ROW, type Form } from '../../fields/batch.ts'
import { ABSENT, type Column, makeColumn, type NumberColumn, putValue, type ValueColumn } from '../../fields/column.ts'
import { fieldOf } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'
import type { Attributes } from './attributes/decode.ts'
import type { Route, RouteSet } from './route.ts'
import type { Update } from './update.ts'

/** Numbers records of all sessions of a process. */
export interface Sequence {
  next: number
}

/** What the routes of one message have in common beside the message itself. */
export interface Envelope {
  /** One value for each name that RouteRecords was made with; undefined leaves the key out. Times in seconds. */
  readonly values: readonly (Value | undefined)[]
  /** BMP: the peer distinguisher, for routes that have no route distinguisher of their own. */
  readonly rd?: string | undefined
}

export type LogType = 'update' | 'withdraw' | 'delete' | 'end-of-rib'

/** Attribute keys of the wide form, in order; bgp_nexthop stands before them. */
const ATTRIBUTE_KEYS = [
  'as_path',
  'comms',
  'ecomms',
  'lcomms',
  'origin',
  'local_pref',
  'med',
  'aigp',
  'psid_li',
  'otc',
  'atomic_aggregate',
  'aggregator_as',
  'aggregator_ip',
  'originator_id',
  'cluster_list',
] as const

/** Keys that tell one route of a peer from another, where they are there; a table keeps one route for each combination. */
export const ROUTE_KEYS: readonly string[] = [
  'afi',
  'safi',
  'rd',
  'ip_prefix',
  'as_path_id',
  'evpn_route_type',
  'evpn_esi',
  'evpn_ethernet_tag',
  'evpn_mac',
  'evpn_ip',
  'evpn_originator',
  'flowspec',
  'rtc_origin_as',
  'rtc_target',
  'nlri_unknown',
  'nlri_type',
  'proto',
  'bgp_ls_instance',
  'local_asn',
  'local_confed_asn',
  'local_bgp_ls_id',
  'local_area_id',
  'local_igp_rtr_id',
  'local_bgp_rtr_id',
  'remote_asn',
  'remote_confed_asn',
  'remote_bgp_ls_id',
  'remote_area_id',
  'remote_igp_rtr_id',
  'remote_bgp_rtr_id',
  'local_addr_v4',
  'neigh_addr_v4',
  'local_addr_v6',
  'neigh_addr_v6',
  'link_local_id',
  'link_remote_id',
  'multi_topology_ids',
  'ospf_route_type',
  'ip_reach',
  'srv6_sid',
]

interface Slot {
  readonly field: Field
  readonly column: Column
}

function slot(name: string, context: boolean): Slot {
  const field = { ...fieldOf(name), context }
  return { field, column: makeColumn(field) }
}

/** Puts a value into rows from..to-1. */
function fill({ field, column }: Slot, from: number, to: number, value: Value | undefined): void {
  if (column.lane === 'value') {
    column.values.fill(value, from, to)
    return
  }
  putValue(field, column, from, value)
  if (to - from < 2) return
  if (column.lane === 'number') {
    const number = column.numbers[from] as number
    if (number === Number.POSITIVE_INFINITY)
      for (let row = from + 1; row < to; row++) putValue(field, column, row, value)
    else column.numbers.fill(number, from + 1, to)
    return
  }
  const family = column.family[from] as number
  if (family === 255) for (let row = from + 1; row < to; row++) putValue(field, column, row, value)
  else column.family.fill(family, from + 1, to)
  if (family === 4) for (let row = from + 1; row < to; row++) column.words[4 * row] = column.words[4 * from] as number
  else if (family === 6)
    for (let row = from + 1; row < to; row++) column.words.copyWithin(4 * row, 4 * from, 4 * from + 4)
}

/** Turns UPDATEs into batches. One for each source: batches share their columns, each is valid until the next is asked for. */
export class RouteRecords {
  readonly #names: readonly string[]
  readonly #sequence: Sequence
  readonly #seq = slot('seq', false)
  readonly #logType = slot('log_type', true)
  readonly #envelope: readonly Slot[]
  readonly #family = [slot('afi', true), slot('safi', true)] as const
  readonly #nextHop = slot('bgp_nexthop', true)
  readonly #attributes = ATTRIBUTE_KEYS.map(name => slot(name, true))
  readonly #prefix = slot('ip_prefix', false)
  readonly #pathId = slot('as_path_id', false)
  readonly #rd = slot('rd', false)
  readonly #rdOrigin = slot('rd_origin', false)
  readonly #label = slot('mpls_label', false)
  readonly #form: Form
  readonly #columns: readonly Column[]
  /** Rows in the columns. */
  #count = 0
  #plain: NetRecord[] = []
  #nowMs = 0

  /** `envelope` names the keys that Envelope.values fills, e.g. timestamp, peer_ip_src, peer_tcp_port, event_type. */
  constructor(envelope: readonly string[], sequence: Sequence) {
    this.#names = envelope
    this.#sequence = sequence
    this.#envelope = envelope.map(name => slot(name, true))
    const common = [this.#logType, ...this.#envelope, ...this.#family, this.#nextHop, ...this.#attributes]
    const own = [this.#prefix, this.#pathId, this.#rd, this.#rdOrigin, this.#label]
    const slots = [this.#seq, ...common, ...own]
    this.#form = { fields: slots.map(({ field }) => field) }
    this.#columns = slots.map(({ column }) => column)
  }

  /** Records of an UPDATE: withdrawn routes, announced routes, the end of the RIB. Yields the batches that got full. */
  *update(update: Update, envelope: Envelope, nowMs: number): Generator<Batch> {
    this.#nowMs = nowMs
    for (const set of update.withdrawn) yield* this.#routes(set, 'withdraw', undefined, envelope)
    for (const set of update.announced) yield* this.#routes(set, 'update', update.attributes, envelope)
    if (update.endOfRib) {
      const { afi, safi } = update.endOfRib
      yield* this.#add(this.#head('end-of-rib', envelope, afi, safi))
    }
  }

  /** A record of another kind in its place among the routes; `seq` is put before its keys. */
  *record(record: NetRecord, nowMs: number): Generator<Batch> {
    this.#nowMs = nowMs
    yield* this.#add({ seq: this.#sequence.next++, ...record })
  }

  /** What was not yielded so far, when the input is silent or ends. */
  flush(): Batch | undefined {
    if (this.#plain.length > 0) {
      const batch = recordBatch(this.#plain, this.#nowMs)
      this.#plain = []
      return batch
    }
    if (this.#count === 0) return undefined
    const batch = new ColumnBatch(this.#form, this.#columns, EVERY_ROW, this.#count, this.#nowMs)
    this.#count = 0
    return batch
  }

  *#routes(set: RouteSet, logType: LogType, attributes: Attributes | undefined, envelope: Envelope): Generator<Batch> {
    const { routes } = set
    let from = 0
    while (from < routes.length) {
      const plain = attributes?.extra !== undefined || routes[from]?.fields !== undefined
      if (plain) {
        yield* this.#add(this.#plainRecord(set, routes[from++] as Route, logType, attributes, envelope))
        continue
      }
      if (this.#plain.length > 0 || this.#count === RECORDS_PER_BATCH) yield this.flush() as Batch
      let to = from
      const room = Math.min(routes.length, from + RECORDS_PER_BATCH - this.#count)
      while (to < room && routes[to]?.fields === undefined) to++
      this.#fill(set, from, to, logType, attributes, envelope)
      from = to
    }
  }

  /** Routes from..to-1 into the columns, where there is room for them. */
  #fill(
    set: RouteSet,
    from: number,
    to: number,
    logType: LogType,
    attributes: Attributes | undefined,
    envelope: Envelope,
  ): void {
    const first = this.#count
    const end = first + to - from
    fill(this.#logType, first, end, logType)
    for (let index = 0; index < this.#envelope.length; index++) {
      fill(this.#envelope[index] as Slot, first, end, envelope.values[index])
    }
    fill(this.#family[0], first, end, set.afi)
    fill(this.#family[1], first, end, set.safi)
    fill(this.#nextHop, first, end, set.nextHop)
    const values = attributes?.values
    for (let index = 0; index < ATTRIBUTE_KEYS.length; index++) {
      fill(this.#attributes[index] as Slot, first, end, values?.[ATTRIBUTE_KEYS[index] as string])
    }
    const seq = (this.#seq.column as NumberColumn).numbers
    const prefixes = (this.#prefix.column as ValueColumn).values
    const pathIds = (this.#pathId.column as NumberColumn).numbers
    const rds = (this.#rd.column as ValueColumn).values
    const rdOrigins = (this.#rdOrigin.column as ValueColumn).values
    const labels = (this.#label.column as NumberColumn).numbers
    const { routes } = set
    for (let row = first, index = from; row < end; row++, index++) {
      const route = routes[index] as Route
      const rd = route.rd ?? envelope.rd
      seq[row] = this.#sequence.next++
      prefixes[row] = route.prefix
      pathIds[row] = route.pathId ?? ABSENT
      rds[row] = rd
      rdOrigins[row] = rd === undefined ? undefined : route.rd === undefined ? 'bmp' : 'bgp'
      labels[row] = attributes === undefined ? ABSENT : (route.label ?? ABSENT)
    }
    this.#count = end
  }

  #head(logType: LogType, envelope: Envelope, afi: number, safi: number): NetRecord {
    const record: NetRecord = { seq: this.#sequence.next++, log_type: logType }
    this.#names.forEach((name, index) => {
      const value = envelope.values[index]
      if (value !== undefined) record[name] = value
    })
    record.afi = afi
    record.safi = safi
    return record
  }

  #plainRecord(
    set: RouteSet,
    route: Route,
    logType: LogType,
    attributes: Attributes | undefined,
    envelope: Envelope,
  ): NetRecord {
    const record = this.#head(logType, envelope, set.afi, set.safi)
    if (set.nextHop !== undefined) record.bgp_nexthop = set.nextHop
    for (const name of ATTRIBUTE_KEYS) {
      const value = attributes?.values[name]
      if (value !== undefined) record[name] = value
    }
    Object.assign(record, attributes?.extra)
    if (route.prefix !== undefined) record.ip_prefix = route.prefix
    if (route.pathId !== undefined) record.as_path_id = route.pathId
    const rd = route.rd ?? envelope.rd
    if (rd !== undefined) {
      record.rd = rd
      record.rd_origin = route.rd === undefined ? 'bmp' : 'bgp'
    }
    if (route.label !== undefined && attributes) record.mpls_label = route.label
    return Object.assign(record, route.fields)
  }

  *#add(record: NetRecord): Generator<Batch> {
    if (this.#count > 0 || this.#plain.length === RECORDS_PER_BATCH) yield this.flush() as Batch
    this.#plain.push(record)
  }
}
