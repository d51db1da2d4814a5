// Routes of UPDATEs as records: one a route, in one wide form of columns, so that a batch holds whatever comes.
//
// The values of a session and of an UPDATE stand together in the form and are the same objects for all its routes: the
// JSON writer copies their text. Routes with rare keys (BGP-LS, tunnels, unknown attributes) are plain records.
import { type Batch, type NetRecord, RECORDS_PER_BATCH, recordBatch, type Value } from '../../contract/record.ts'
import { ColumnBatch, EVERY_ROW, type Form } from '../../fields/batch.ts'
import { type Column, clearColumn, type NumberColumn, type ValueColumn } from '../../fields/column.ts'
import type { Attributes } from './attributes/decode.ts'
import { AFI_BGP_LS } from './families.ts'
import type { Route, RouteSet } from './route.ts'
import { ATTRIBUTE_KEYS, ROUTE_FIELD_KEYS } from './route-keys.ts'
import { fill, type Slot, slot } from './slot.ts'
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

const NOTHING: readonly Batch[] = []
const OWN_COLUMNS: ReadonlySet<string> = new Set(ROUTE_FIELD_KEYS)

/** Whether the routes have keys that the wide form lacks: BGP-LS, and what BMP adds to a route. */
function isRare({ afi, routes }: RouteSet, attributes: Attributes | undefined): boolean {
  if (afi === AFI_BGP_LS || attributes?.extra !== undefined) return true
  for (let index = 0; index < routes.length; index++) {
    const fields = routes[index]?.fields
    if (fields !== undefined) for (const name in fields) if (!OWN_COLUMNS.has(name)) return true
  }
  return false
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
  readonly #fields = ROUTE_FIELD_KEYS.map(name => slot(name, false))
  readonly #slots: readonly Slot[]
  /** Slots that some route had a value for so far: most keys are never seen, and need not be looked for. */
  readonly #seen = new Set<Slot>()
  #form: Form = { fields: [] }
  #columns: readonly Column[] = []
  /** Rows in the columns. */
  #count = 0
  /** Some row has fields that few routes have. */
  #fieldsUsed = false
  #plain: NetRecord[] = []
  #nowMs = 0

  /** `envelope` names the keys that Envelope.values fills, e.g. timestamp, peer_ip_src, peer_tcp_port, event_type. */
  constructor(envelope: readonly string[], sequence: Sequence) {
    this.#names = envelope
    this.#sequence = sequence
    this.#envelope = envelope.map(name => slot(name, true))
    const common = [this.#logType, ...this.#envelope, ...this.#family, this.#nextHop, ...this.#attributes]
    const own = [this.#prefix, this.#pathId, this.#rd, this.#rdOrigin, this.#label, ...this.#fields]
    this.#slots = [this.#seq, ...common, ...own]
  }

  /** Records of an UPDATE: withdrawn routes, announced routes, the end of the RIB. Yields the batches that got full. */
  *update(update: Update, envelope: Envelope, nowMs: number): Generator<Batch> {
    this.#nowMs = nowMs
    const { attributes } = update
    for (const set of update.withdrawn) {
      if (!this.#take(set, 'withdraw', undefined, envelope)) yield* this.#routes(set, 'withdraw', undefined, envelope)
    }
    for (const set of update.announced) {
      if (!this.#take(set, 'update', attributes, envelope)) yield* this.#routes(set, 'update', attributes, envelope)
    }
    if (update.endOfRib) {
      const { afi, safi } = update.endOfRib
      yield* this.#add(this.#head('end-of-rib', envelope, afi, safi))
    }
  }

  /** Routes of a table, which no message announces: their records have no log_type. The batches that got full. */
  table(set: RouteSet, attributes: Attributes, envelope: Envelope, nowMs: number): Iterable<Batch> {
    this.#nowMs = nowMs
    if (this.#take(set, undefined, attributes, envelope)) return NOTHING
    return this.#routes(set, undefined, attributes, envelope)
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
    this.#widen()
    const batch = new ColumnBatch(this.#form, this.#columns, EVERY_ROW, this.#count, this.#nowMs)
    this.#count = 0
    return batch
  }

  /** Takes the routes when they are plain ones and there is room for all: nearly always. */
  #take(set: RouteSet, logType: LogType | undefined, attributes: Attributes | undefined, envelope: Envelope): boolean {
    const { routes } = set
    if (this.#plain.length > 0 || routes.length > RECORDS_PER_BATCH - this.#count) return false
    if (isRare(set, attributes)) return false
    if (routes.length > 0) this.#fill(set, 0, routes.length, logType, attributes, envelope)
    return true
  }

  /** Makes a wider form where a key came that was never there before. */
  #widen(): void {
    const before = this.#seen.size
    for (const slot of this.#slots) if (slot.used) this.#seen.add(slot)
    if (this.#seen.size === before) return
    const slots = this.#slots.filter(slot => this.#seen.has(slot))
    this.#form = { fields: slots.map(({ field }) => field) }
    this.#columns = slots.map(({ column }) => column)
  }

  #clear(): void {
    for (const slot of this.#slots) {
      if (slot.used) clearColumn(slot.column, RECORDS_PER_BATCH)
      slot.used = false
    }
    this.#fieldsUsed = false
  }

  *#routes(
    set: RouteSet,
    logType: LogType | undefined,
    attributes: Attributes | undefined,
    envelope: Envelope,
  ): Generator<Batch> {
    const { routes } = set
    if (isRare(set, attributes)) {
      for (const route of routes) yield* this.#add(this.#plainRecord(set, route, logType, attributes, envelope))
      return
    }
    for (let from = 0; from < routes.length; ) {
      if (this.#plain.length > 0 || this.#count === RECORDS_PER_BATCH) yield this.flush() as Batch
      const to = Math.min(routes.length, from + RECORDS_PER_BATCH - this.#count)
      this.#fill(set, from, to, logType, attributes, envelope)
      from = to
    }
  }

  /** Routes from..to-1 into the columns, where there is room for them. */
  #fill(
    set: RouteSet,
    from: number,
    to: number,
    logType: LogType | undefined,
    attributes: Attributes | undefined,
    envelope: Envelope,
  ): void {
    const first = this.#count
    const end = first + to - from
    if (first === 0) this.#clear()
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
    this.#fillOwn(set.routes, from, first, end, attributes !== undefined, envelope)
    this.#count = end
  }

  /** What each route has for itself. */
  #fillOwn(
    routes: readonly Route[],
    from: number,
    first: number,
    end: number,
    announced: boolean,
    envelope: Envelope,
  ): void {
    this.#seq.used = true
    this.#prefix.used = true
    const seq = (this.#seq.column as NumberColumn).numbers
    const prefixes = (this.#prefix.column as ValueColumn).values
    for (let row = first, index = from; row < end; row++, index++) {
      const route = routes[index] as Route
      seq[row] = this.#sequence.next++
      prefixes[row] = route.prefix
      const { pathId } = route
      const rd = route.rd ?? envelope.rd
      const label = announced ? route.label : undefined
      if (pathId !== undefined || this.#pathId.used) fill(this.#pathId, row, row + 1, pathId)
      if (label !== undefined || this.#label.used) fill(this.#label, row, row + 1, label)
      if (rd !== undefined || this.#rd.used) {
        fill(this.#rd, row, row + 1, rd)
        fill(this.#rdOrigin, row, row + 1, rd === undefined ? undefined : route.rd === undefined ? 'bmp' : 'bgp')
      }
      if (route.fields !== undefined || this.#fieldsUsed) this.#fillFields(route.fields, row)
    }
  }

  #fillFields(fields: NetRecord | undefined, row: number): void {
    this.#fieldsUsed = true
    for (let index = 0; index < ROUTE_FIELD_KEYS.length; index++) {
      fill(this.#fields[index] as Slot, row, row + 1, fields?.[ROUTE_FIELD_KEYS[index] as string])
    }
  }

  #head(logType: LogType | undefined, envelope: Envelope, afi: number, safi: number): NetRecord {
    const record: NetRecord = { seq: this.#sequence.next++ }
    if (logType !== undefined) record.log_type = logType
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
    logType: LogType | undefined,
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
