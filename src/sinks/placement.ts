// Which file a record belongs to: by its bin, else by the clock of the records, and by the values in the name.

import type { Host } from '../contract/host.ts'
import type { Batch, Value } from '../contract/record.ts'
import { CLOCK_FIELDS, clockUs } from '../fields/clock.ts'
import { type Column, type NumberColumn, takeValue } from '../fields/column.ts'
import { fieldOf } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'
import { type Picked, picker } from '../fields/picker.ts'
import { intervalStart } from './calendar.ts'
import type { NamePattern } from './name-pattern.ts'

/** Fields read beside those of the name, by position. */
export const PLACE_FIELDS: readonly Field[] = [fieldOf('stamp_inserted'), fieldOf('event_type'), ...CLOCK_FIELDS]
const [STAMP, EVENT, CLOCK] = [0, 1, 2] as const

export interface PlacementOptions {
  readonly pattern: NamePattern
  readonly everyMs: number
  readonly localTime: boolean
  /** Without an interval or a time in the name: each bin is a file of its own (tables on a terminal). */
  readonly byStamp: boolean
}

/** A marker without a time belongs to the interval that is open. */
export const NEWEST = -1

/** Where one row of a batch goes. */
export interface Place {
  /** NEWEST = the interval that is open. */
  binMs: number
  /** The record's own bin, Unix us; NaN = it has none. */
  stampUs: number
  values: readonly (Value | undefined)[]
  /** A marker of the stage before, which opens or closes an interval. */
  marker: 'purge_init' | 'purge_close' | undefined
}

export class Placement {
  /** Newest record time, Unix ms; 0 = none yet. */
  clockMs = 0
  /** Whether the newest record had a bin of its own. */
  stamped = false
  readonly #options: PlacementOptions
  readonly #host: Host
  readonly #pick: (batch: Batch) => Picked
  readonly #stepMs: number
  /** The interval of the last time looked up. */
  #fromMs = 0
  #untilMs = 0

  constructor(options: PlacementOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.#pick = picker([...PLACE_FIELDS, ...options.pattern.fields])
    this.#stepMs = options.everyMs || options.pattern.stepMs
  }

  /** The places of a batch's rows, in order. */
  pick(batch: Batch): Picked {
    return this.#pick(batch)
  }

  place(picked: Picked, row: number, batch: Batch, place: Place): void {
    const { columns } = picked
    const stampUs = (columns[STAMP] as NumberColumn).numbers[row] as number
    const event = takeValue(PLACE_FIELDS[EVENT] as Field, columns[EVENT] as Column, row)
    const marker = event === 'purge_init' || event === 'purge_close' ? event : undefined
    const timeMs = this.#timeOf(clockUs(columns, CLOCK, row), batch)
    place.marker = marker
    place.stampUs = stampUs
    if (marker && !Number.isFinite(stampUs)) place.binMs = NEWEST
    else {
      this.stamped = Number.isFinite(stampUs)
      place.binMs = this.binOf(this.stamped ? Math.floor(stampUs / 1000) : timeMs)
    }
    const { fields } = this.#options.pattern
    if (fields.length > 0) {
      place.values = fields.map((field, index) => takeValue(field, columns[PLACE_FIELDS.length + index] as Column, row))
    }
  }

  /** After a batch, or a heartbeat. A reader of lines has heartbeats only if its batches are asked for their time. */
  passed({ now }: Batch): void {
    this.clockMs = Math.max(this.clockMs, now)
  }

  binOf(unixMs: number): number {
    if (this.#stepMs === 0) return this.#options.byStamp && this.stamped ? unixMs : 0
    if (unixMs < this.#fromMs || unixMs >= this.#untilMs) {
      this.#fromMs = intervalStart(unixMs, this.#stepMs, this.#options.localTime)
      this.#untilMs = this.#fromMs + this.#stepMs
    }
    return this.#fromMs
  }

  /** The clock at a record, Unix ms. A record that says nothing about its time is filed under today. */
  #timeOf(timeUs: number, batch: Batch): number {
    const timeMs = Number.isFinite(timeUs) ? Math.floor(timeUs / 1000) : batch.now
    this.clockMs = Math.max(this.clockMs, timeMs)
    if (this.clockMs > 0 || this.#stepMs === 0) return this.clockMs
    this.#host.count('records_without_time')
    return Date.now()
  }
}
