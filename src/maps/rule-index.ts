// Finds the first rule that a record meets, at a cost that does not grow with the rules.
//
// Rules that ask about the same slots by exact value or by prefix form a group; a group is a hash table from what they
// ask to the rules that ask it. A prefix slot is looked up once a record: its longest prefix and those around it are the
// values to try. What a table cannot hold (negations, ranges, filters, lists) is asked of the candidates.
import type { Column } from '../fields/column.ts'
import { TupleTable } from '../lookup/tuple-table.ts'
import { type Condition, makeTest, type Places, placesOf, type Test } from './condition.ts'
import { PrefixChains } from './prefix-chains.ts'
import type { AddressSlot, NumberReader, NumberSlot, Texts } from './slot.ts'

/** Groups of one index; further kinds of rules are asked one after the other. */
const MAX_GROUPS = 64
/** Table entries that one rule may take (a product of lists); a longer list is asked of the candidates. */
const MAX_ENTRIES_PER_RULE = 64

/** What a rule needs to have to be indexed. */
export interface Indexed {
  readonly conditions: readonly Condition[]
}

interface Group {
  readonly slots: readonly SlotReader[]
  /** What a rule asks -> 2 * the rule, when one rule asks it; else 2 * a place in `lists` + 1. */
  readonly table: TupleTable
  /** Rules that ask the same, in order. */
  readonly lists: number[][]
  first: number
  last: number
}

/** A slot as the index reads it: once a record, then by value. */
interface SlotReader {
  readonly name: string
  readonly numbers: NumberReader | undefined
  readonly chains: PrefixChains | undefined
  /** Of the record being looked up: a number, or the id of the longest prefix (-1 = none). */
  value: number
}

export class RuleIndex {
  /** Per rule: what the table did not answer; few rules have any. */
  #rest = new Map<number, readonly Test[]>()
  #hasRest: Uint8Array
  #size: number
  #groups: Group[] = []
  #readers = new Map<string, SlotReader>()
  #tuples: Float64Array[] = []
  // Of the look-up that is going on:
  #columns: readonly Column[] = []
  #row = 0
  #from = 0
  #best = 0

  constructor(rules: readonly Indexed[], places: Places, texts: Texts) {
    this.#size = rules.length
    this.#hasRest = new Uint8Array(rules.length)
    const keys = rules.map(rule => tableConditions(rule.conditions))
    for (const conditions of keys) for (const condition of conditions) this.#reader(condition, places, texts)
    const groups = new Map<string, Group>()
    rules.forEach((rule, number) => {
      const name = signature(keys[number] as Condition[])
      const inTable = groups.has(name) || groups.size < MAX_GROUPS ? (keys[number] as Condition[]) : []
      this.#add(groups, inTable, number)
      const rest = rule.conditions.filter(condition => !inTable.includes(condition))
      if (rest.length === 0) return
      this.#hasRest[number] = 1
      this.#rest.set(
        number,
        rest.map(condition => makeTest(condition, places, texts)),
      )
    })
    this.#groups = [...groups.values()].sort((a, b) => a.first - b.first)
    this.#tuples = Array.from(
      { length: 1 + Math.max(0, ...this.#groups.map(group => group.slots.length)) },
      (_, width) => new Float64Array(width),
    )
    for (const reader of this.#readers.values()) reader.chains?.link()
  }

  /** The first rule, from number `from` on, that the row of the columns meets; -1 when there is none. */
  find(columns: readonly Column[], row: number, from: number): number {
    this.#columns = columns
    this.#row = row
    this.#from = from
    this.#best = this.#size
    for (const reader of this.#readers.values()) {
      reader.value = reader.chains
        ? reader.chains.longest(columns, row)
        : (reader.numbers as NumberReader)(columns, row)
    }
    for (const group of this.#groups) {
      if (group.first >= this.#best) break
      if (group.last >= from) this.#probe(group, this.#tuples[group.slots.length] as Float64Array, 0)
    }
    return this.#best < this.#size ? this.#best : -1
  }

  /** Tries every value that the record gives for slot `place` and those after it. */
  #probe(group: Group, tuple: Float64Array, place: number): void {
    const slot = group.slots[place]
    if (!slot) {
      const entry = group.table.get(tuple)
      if (entry < 0) return
      if (entry % 2 === 0) this.#askOne(entry >>> 1)
      else this.#askList(group.lists[entry >>> 1] as number[])
    } else if (!slot.chains) {
      if (Number.isNaN(slot.value)) return
      tuple[place] = slot.value
      this.#probe(group, tuple, place + 1)
    } else {
      for (let id = slot.value; id >= 0; id = slot.chains.parent(id)) {
        tuple[place] = id
        this.#probe(group, tuple, place + 1)
      }
    }
  }

  #askOne(number: number): void {
    if (number >= this.#from && number < this.#best && this.#meetsRest(number)) this.#best = number
  }

  #askList(list: readonly number[]): void {
    for (let at = this.#from === 0 ? 0 : firstFrom(list, this.#from); at < list.length; at++) {
      const number = list[at] as number
      if (number >= this.#best) return
      if (this.#meetsRest(number)) {
        this.#best = number
        return
      }
    }
  }

  #meetsRest(number: number): boolean {
    if (this.#hasRest[number] === 0) return true
    for (const test of this.#rest.get(number) as readonly Test[]) if (!test(this.#columns, this.#row)) return false
    return true
  }

  #reader(condition: Condition, places: Places, texts: Texts): SlotReader {
    const { match } = condition
    if (match.is !== 'numbers' && match.is !== 'prefixes') throw new Error(`${match.is} has no slot to index`)
    let reader = this.#readers.get(match.slot.name)
    if (!reader) {
      reader = slotReader(match.slot, placesOf(match.slot.fields, places), texts)
      this.#readers.set(match.slot.name, reader)
    }
    if (match.is === 'prefixes') for (const prefix of match.prefixes) reader.chains?.add(prefix)
    return reader
  }

  #add(groups: Map<string, Group>, conditions: readonly Condition[], number: number): void {
    const name = signature(conditions)
    let group = groups.get(name)
    if (!group) {
      const slots = conditions.map(condition => this.#readers.get(slotName(condition)) as SlotReader)
      group = { slots, table: new TupleTable(slots.length), lists: [], first: number, last: number }
      groups.set(name, group)
    }
    group.last = number
    for (const tuple of tuplesOf(conditions, group.slots)) {
      const entry = group.table.get(tuple)
      if (entry < 0) group.table.set(tuple, 2 * number)
      else if (entry % 2 === 1) appendNew(group.lists[entry >>> 1] as number[], number)
      else if (entry >>> 1 !== number) {
        group.table.set(tuple, 2 * group.lists.length + 1)
        group.lists.push([entry >>> 1, number])
      }
    }
  }
}

function appendNew(list: number[], number: number): void {
  if (list.at(-1) !== number) list.push(number)
}

function slotReader(slot: NumberSlot | AddressSlot, at: readonly number[], texts: Texts): SlotReader {
  if (slot.lane === 'number') return { name: slot.name, numbers: slot.reader(at, texts), chains: undefined, value: 0 }
  return { name: slot.name, numbers: undefined, chains: new PrefixChains(slot.reader(at)), value: 0 }
}

/** The conditions of a rule that its table answers, in the order of their slots' names. */
function tableConditions(conditions: readonly Condition[]): Condition[] {
  let entries = 1
  const chosen = conditions.filter((condition, place) => {
    const size = tableSize(condition)
    if (size === 0 || entries * size > MAX_ENTRIES_PER_RULE) return false
    // Two conditions on one slot (`vlan` and `-vlan` by another name): the second is asked.
    if (conditions.slice(0, place).some(other => tableSize(other) > 0 && slotName(other) === slotName(condition)))
      return false
    entries *= size
    return true
  })
  return chosen.sort((a, b) => (slotName(a) < slotName(b) ? -1 : 1))
}

/** Entries that a condition takes in a table; 0 = it cannot be in one. */
function tableSize({ match, negated }: Condition): number {
  if (negated) return 0
  if (match.is === 'numbers') return match.ranges.length > 0 ? 0 : match.members.length
  return match.is === 'prefixes' && !match.orNone ? match.prefixes.length : 0
}

function slotName({ match }: Condition): string {
  return match.is === 'filter' ? '' : match.slot.name
}

function signature(conditions: readonly Condition[]): string {
  return JSON.stringify(conditions.map(slotName))
}

/** Every combination of the values that the conditions allow. */
function tuplesOf(conditions: readonly Condition[], slots: readonly SlotReader[]): Float64Array[] {
  let tuples: number[][] = [[]]
  conditions.forEach((condition, place) => {
    const values = tableValues(condition, slots[place] as SlotReader)
    tuples = tuples.flatMap(tuple => values.map(value => [...tuple, value]))
  })
  return tuples.map(tuple => Float64Array.from(tuple))
}

function tableValues({ match }: Condition, slot: SlotReader): readonly number[] {
  if (match.is === 'numbers') return match.members
  return match.is === 'prefixes' ? match.prefixes.map(prefix => slot.chains?.add(prefix) as number) : []
}

/** The first place in a sorted list with a number of at least `from`. */
function firstFrom(sorted: readonly number[], from: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < from) low = middle + 1
    else high = middle
  }
  return low
}
