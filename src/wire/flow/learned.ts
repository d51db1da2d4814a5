// What an exporter's options records teach: names and rates by id. Looked up in the record's observation domain first, then
// among all domains of the exporter.
import { LEARNED_PER_TABLE, LEARNED_TOTAL } from './limits.ts'

/** Bits of an environment: what is known, so that a plan has only fields that can have values. */
export const KNOWS_RATES = 1
export const KNOWS_DEFAULT_RATE = 2
export const KNOWS_INTERFACES = 4
export const KNOWS_APPLICATIONS = 8
export const KNOWS_VRF_NAMES = 16
export const KNOWS_RDS = 32
export const KNOWS_ADDRESS = 64
export const KNOWS_START = 128
/** Of the message, not of the tables. */
export const HEADER_HAS_RATE = 256

/** What all tables of all exporters take together. */
export interface LearnedBudget {
  entries: number
  /** How many were left out. */
  refused: number
}

/** One table: id -> what was learned. */
export class Table<Item> {
  readonly #budget: LearnedBudget
  #items: Map<number | string, Item> | undefined

  constructor(budget: LearnedBudget) {
    this.#budget = budget
  }

  get(id: number | string): Item | undefined {
    return this.#items?.get(id)
  }
  set(id: number | string, item: Item): void {
    this.#items ??= new Map()
    if (!this.#items.has(id)) {
      if (this.#items.size >= LEARNED_PER_TABLE || this.#budget.entries >= LEARNED_TOTAL) {
        this.#budget.refused++
        return
      }
      this.#budget.entries++
    }
    this.#items.set(id, item)
  }
  clear(): void {
    this.#budget.entries -= this.#items?.size ?? 0
    this.#items = undefined
  }
}

export class Learned {
  /** Of the whole exporter; undefined in the exporter's own. */
  readonly parent: Learned | undefined
  /** KNOWS_* of all domains together are in the exporter's own. */
  bits = 0
  readonly rates: Table<number>
  readonly interfaces: Table<string>
  readonly applications: Table<string>
  readonly vrfNames: Table<string>
  readonly rds: Table<string>
  /** Rate of records that name no sampler; 0 = none. */
  defaultRate = 0
  #defaultWeight = 0
  /** IE 130 or 131 in options; family 0 = none. */
  readonly address = { words: new Uint32Array(4), family: 0, text: '' }
  /** IE 160, Unix milliseconds. */
  startMs = Number.NaN

  constructor(budget: LearnedBudget, parent?: Learned) {
    this.parent = parent
    this.rates = new Table(budget)
    this.interfaces = new Table(budget)
    this.applications = new Table(budget)
    this.vrfNames = new Table(budget)
    this.rds = new Table(budget)
  }

  /** Forgets everything, and gives back what it took. */
  clear(): void {
    for (const table of [this.rates, this.interfaces, this.applications, this.vrfNames, this.rds]) table.clear()
  }

  rate(sampler: number | string): number | undefined {
    return this.rates.get(sampler) ?? this.parent?.rates.get(sampler)
  }
  interfaceName(index: number): string | undefined {
    return this.interfaces.get(index) ?? this.parent?.interfaces.get(index)
  }
  application(id: number | string): string | undefined {
    return this.applications.get(id) ?? this.parent?.applications.get(id)
  }
  vrfName(id: number): string | undefined {
    return this.vrfNames.get(id) ?? this.parent?.vrfNames.get(id)
  }
  rd(vrf: number): string | undefined {
    return this.rds.get(vrf) ?? this.parent?.rds.get(vrf)
  }
  /** A rate without a sampler id outweighs that of sampler 0, and that the one of any other sampler. */
  setDefaultRate(rate: number, sampler: number | undefined, template: number | undefined): void {
    if (sampler === undefined && template !== undefined) return
    const weight = sampler === undefined ? 3 : sampler === 0 ? 2 : 1
    if (weight < this.#defaultWeight) return
    this.#defaultWeight = weight
    this.defaultRate = rate
  }
  /** 0 = none. */
  get anyRate(): number {
    return this.defaultRate || (this.parent?.defaultRate ?? 0)
  }
  /** NaN = not known. */
  get start(): number {
    return Number.isNaN(this.startMs) ? (this.parent?.startMs ?? Number.NaN) : this.startMs
  }
}
