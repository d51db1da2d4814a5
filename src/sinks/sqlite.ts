// sink-sqlite: records to a table of a database file, sums of the same key and bin added up.
import type { DatabaseSync } from 'node:sqlite'
import { ALL_FIELDS, type Needs, type Sink } from '../contract/component.ts'
import type { Host } from '../contract/host.ts'
import { isProblem, ProblemError } from '../contract/problem.ts'
import type { Batch, NetRecord } from '../contract/record.ts'
import { fieldOfKey, fieldsOf } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'
import { BinTrigger } from './bin-trigger.ts'
import { wallClock } from './delivery/clock.ts'
import { FieldSample } from './field-sample.ts'
import { type NamePattern, namePattern } from './name-pattern.ts'
import { PLACE_FIELDS, type Place, Placement } from './placement.ts'
import { openDatabase } from './sqlite/open.ts'
import { SQLITE_DEFAULTS, type SqliteOptions } from './sqlite/options.ts'
import { problem } from './sqlite/problems.ts'
import { Rows } from './sqlite/rows.ts'
import type { Table } from './sqlite/table.ts'
import { Writer } from './sqlite/writer.ts'

/** Rows wait no longer than this for their transaction. */
const COMMIT_MS = 1000

function tablePattern({ table, everyMs, localTime }: SqliteOptions): NamePattern {
  const made = namePattern(table, { everyMs, localTime })
  if (isProblem(made)) throw new ProblemError(made)
  const sample = made.render(0, [])
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(sample) && !/^sqlite_/i.test(sample) && made.fields.length === 0) return made
  throw problem(
    'usage/bad-table',
    `"${table}" cannot name a table`,
    'use letters, digits, _ and the time variables %Y %m %d %H %M ...',
  )
}

interface Held {
  readonly binMs: number
  readonly stampUs: number
  readonly record: NetRecord
}

class SqliteSink {
  readonly #options: SqliteOptions
  readonly #host: Host
  readonly #database: DatabaseSync
  readonly #pattern: NamePattern
  readonly #placement: Placement
  readonly #place: Place = { binMs: 0, stampUs: Number.NaN, values: [], marker: undefined }
  readonly #sample = new FieldSample()
  /** Records of the sample, with the bins they belong to. */
  #held: Held[] = []
  #writer: Writer | undefined
  #rows: Rows | undefined
  /** The batch that #rows is at. */
  #begun: Batch | undefined
  /** The table of the last record, and its bin. */
  #table: Table | undefined
  #tableBinMs = 0
  #timer: NodeJS.Timeout | undefined
  #committing: Promise<void> | undefined
  #isDue = false
  #failure: unknown
  /** Records of the batch at hand that nothing has yet. */
  #notTaken = 0
  readonly #trigger: BinTrigger | undefined
  /** Rows that wait for their transaction, by stamp_inserted in microseconds; NaN = without. */
  readonly #waiting = new Map<number, number>()

  constructor(options: SqliteOptions, pattern: NamePattern, database: DatabaseSync, host: Host) {
    this.#options = options
    this.#pattern = pattern
    this.#database = database
    this.#host = host
    this.#placement = new Placement(
      { pattern, everyMs: options.everyMs, localTime: options.localTime, byStamp: false },
      host,
    )
    const { trigger } = options
    const waiting = () => this.#held.length + (this.#writer?.pending ?? 0)
    this.#trigger = trigger && new BinTrigger(trigger, host, wallClock, waiting)
    if (options.fields) this.#declare(options.fields.flatMap(fieldsOf))
  }

  async take(batch: Batch): Promise<void> {
    this.#notTaken = batch.count
    await this.#committing
    if (this.#failure) throw this.#failure
    if (batch.count === 0) return this.#tick(batch)
    const picked = this.#placement.pick(batch)
    this.#notTaken = picked.count
    this.#begun = undefined
    for (let index = 0; index < picked.count; index++) {
      this.#placement.place(picked, picked.rows[index] as number, batch, this.#place)
      if (this.#putNow(batch, index)) this.#wrote(this.#place.stampUs)
      else await this.#put(batch.records[index] as NetRecord)
      this.#notTaken--
    }
    if (!this.#writer) this.#placement.passed(batch)
    if (this.#isDue) await this.#writer?.commit()
    this.#isDue = false
    await this.#trigger?.keepUp()
    this.#timer ??= setTimeout(() => this.#due(), COMMIT_MS)
  }

  #wrote(stampUs: number): void {
    if (this.#trigger) this.#waiting.set(stampUs, 1 + (this.#waiting.get(stampUs) ?? 0))
  }

  #committed(trigger: BinTrigger): void {
    for (const [stampUs, rows] of this.#waiting) trigger.add(stampUs, rows)
    this.#waiting.clear()
    trigger.stored()
  }

  /** The common case, without a promise a record: same table, no new field, room in the transaction. */
  #putNow(batch: Batch, index: number): boolean {
    const rows = this.#rows
    const table = this.#table
    if (!rows || !table || this.#place.binMs !== this.#tableBinMs || this.#place.marker) return false
    if (this.#writer?.isFull !== false) return false
    if (this.#begun !== batch) rows.begin(batch)
    this.#begun = batch
    return rows.put(table, index)
  }

  async #put(record: NetRecord): Promise<void> {
    if (this.#place.marker) {
      this.#host.count('dropped/filtered')
      return
    }
    const { binMs, stampUs } = this.#place
    if (!this.#writer && !this.#sample.take(record, this.#placement.clockMs)) await this.#fix()
    if (!this.#writer) this.#held.push({ binMs, stampUs, record })
    else await this.#write(this.#writer, { binMs, stampUs, record })
  }

  async #write(writer: Writer, { binMs, stampUs, record }: Held): Promise<void> {
    if (!this.#options.fields) {
      for (const name in record) if (!writer.isKnown(name)) await writer.addField(fieldOfKey(name))
    }
    if (writer.isFull) await writer.commit()
    this.#table = await writer.table(this.#pattern.render(binMs, []))
    this.#tableBinMs = binMs
    this.#rows?.putRecord(this.#table, record)
    this.#wrote(stampUs)
  }

  #declare(fields: readonly Field[]): Writer {
    const key = this.#options.key?.flatMap(fieldsOf)
    this.#writer = new Writer(this.#database, this.#options, fields, key, this.#host)
    this.#rows = new Rows(this.#writer, this.#options.fields !== undefined)
    const trigger = this.#trigger
    if (trigger) this.#writer.onCommit = () => this.#committed(trigger)
    return this.#writer
  }

  /** The fields are those seen so far; what was held is written. */
  async #fix(): Promise<void> {
    const writer = this.#declare(this.#sample.fields)
    while (this.#held.length > 0) {
      await this.#write(writer, this.#held[0] as Held)
      this.#held.shift()
    }
  }

  /** The clock went on without records. */
  async #tick(heartbeat: Batch): Promise<void> {
    this.#placement.passed(heartbeat)
    if (!this.#writer && this.#sample.isOld(this.#placement.clockMs)) await this.#fix()
    await this.#writer?.commit()
  }

  /** Rows have waited long enough. A batch at hand is finished first, a batch that comes waits for the commit. */
  #due(): void {
    this.#timer = undefined
    this.#isDue = this.#notTaken > 0
    if (this.#isDue) return
    this.#committing = this.#writer?.commit().catch(error => {
      this.#failure = error
    })
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#committing
    if (this.#failure) throw this.#failure
    if (!this.#writer && this.#held.length > 0) await this.#fix()
    await this.#writer?.commit()
    this.#database.close()
    await this.#trigger?.end()
  }

  async fail(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#committing
    const lost = this.#notTaken + this.#held.length + (this.#writer?.pending ?? 0)
    if (lost > 0) this.#host.count('dropped/not-written', lost)
    this.#database.close()
    await this.#trigger?.end().catch(() => {})
  }
}

function needs({ fields }: SqliteOptions): Needs {
  if (!fields) return ALL_FIELDS
  const names = [...fields.flatMap(fieldsOf), ...PLACE_FIELDS].map(({ name }) => name)
  return { fields: [...new Set(names)], rest: false }
}

export const sqlite: Sink<SqliteOptions> = {
  needs,
  async drain(input, options, host) {
    const pattern = tablePattern(options)
    const sink = new SqliteSink(options, pattern, await openDatabase(options.file, options.wal), host)
    try {
      for await (const batch of input) await sink.take(batch)
      await sink.end()
    } catch (error) {
      await sink.fail()
      throw error
    }
  },
}

export { SQLITE_DEFAULTS, type SqliteOptions }
