// Finds the first rule that a record meets, at a cost that does not grow with the rules.
//
// Rules that ask about the same slots form a group; a group is a hash table from what they ask to the rules that ask it.
// Each slot is read once a record; what it gives to try (slot-values.ts) is tried in all combinations. What a table cannot
// hold (negations, filters) is asked of the candidates.
import type { Column } from '../fields/column.ts'
import { TupleTable } from '../lookup/tuple-table.ts'
import { type Condition, makeTest, type Places, type Test } from './condition.ts'
import type { Texts } from './slot.ts'
import { type SlotValues, slotValues, tableSize } from './slot-values.ts'

/** Groups of one index; further kinds of rules are asked one after the other. */
const MAX_GROUPS = 64
/** Table entries that one rule may take (a product of lists); a longer list is asked of the candidates. */
const MAX_ENTRIES_PER_RULE = 64

/** What a rule needs to have to be indexed. */
export interface Indexed {
  readonly conditions: readonly Condition[]
}

interface Group {
  readonly slots: readonly SlotValues[]
  /** What a rule asks -> 2 * the rule, when one rule asks it; else 2 * a place in `lists` + 1. */
  readonly table: TupleTable
  /** Rules that ask the same, in order. */
  readonly lists: number[][]
  first: number
  last: number
}

export class RuleIndex {
  /** Per rule: what the table did not answer; few rules have any. */
  #rest = new Map<number, readonly Test[]>()
  #hasRest: Uint8Array
  #size: number
  #groups: Group[] = []
  #slots = new Map<string, SlotValues>()
  #tuples: Float64Array[] = []
  #read: readonly SlotValues[]
  // Of the look-up that is going on:
  #columns: readonly Column[] = []
  #row = 0
  #from = 0
  #best = 0

  constructor(rules: readonly Indexed[], places: Places, texts: Texts) {
    this.#size = rules.length
    this.#hasRest = new Uint8Array(rules.length)
    const groups = new Map<string, Group>()
    rules.forEach(({ conditions }, number) => {
      const keys = tableConditions(conditions)
      const name = signature(keys)
      const inTable = groups.has(name) || groups.size < MAX_GROUPS ? keys : []
      this.#add(groups, inTable === keys ? name : signature([]), inTable, number, places, texts)
      if (inTable.length === conditions.length) return
      this.#hasRest[number] = 1
      this.#rest.set(
        number,
        conditions
          .filter(condition => !inTable.includes(condition))
          .map(condition => makeTest(condition, places, texts)),
      )
    })
    this.#groups = [...groups.values()].sort((a, b) => a.first - b.first)
    this.#tuples = Array.from(
      { length: 1 + Math.max(0, ...this.#groups.map(group => group.slots.length)) },
      (_, width) => new Float64Array(width),
    )
    for (const slot of this.#slots.values()) slot.link()
    this.#read = [...this.#slots.values()]
  }

  /**
   * The first rule, from number `from` on, that the row of the columns meets; -1 when there is none. A search from 0 comes
   * first for each row.
   */
  find(columns: readonly Column[], row: number, from: number): number {
    this.#columns = columns
    this.#row = row
    this.#from = from
    this.#best = this.#size
    // A search that goes on further down is for the same record.
    if (from === 0) for (const slot of this.#read) slot.read(columns, row)
    for (const group of this.#groups) {
      if (group.first >= this.#best) break
      if (group.last >= from) this.#probe(group, this.#tuples[group.slots.length] as Float64Array, 0)
    }
    return this.#best < this.#size ? this.#best : -1
  }

  /** Tries every value that the record gives for slot `place` and those after it. */
  #probe(group: Group, tuple: Float64Array, place: number): void {
    const slot = group.slots[place]
    if (slot) {
      for (let index = 0; index < slot.count; index++) {
        tuple[place] = slot.values[index] as number
        this.#probe(group, tuple, place + 1)
      }
      return
    }
    const entry = group.table.get(tuple)
    if (entry < 0) return
    if (entry % 2 === 0) this.#askOne(entry >>> 1)
    else this.#askList(group.lists[entry >>> 1] as number[])
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

  #slot({ match }: Condition, places: Places, texts: Texts): SlotValues {
    if (match.is === 'filter') throw new Error('a filter has no slot to index')
    let slot = this.#slots.get(match.slot.name)
    if (!slot) {
      slot = slotValues(match.slot, places, texts)
      this.#slots.set(match.slot.name, slot)
    }
    return slot
  }

  #add(
    groups: Map<string, Group>,
    name: string,
    conditions: readonly Condition[],
    number: number,
    places: Places,
    texts: Texts,
  ): void {
    let group = groups.get(name)
    if (!group) {
      const slots = conditions.map(condition => this.#slot(condition, places, texts))
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

function slotName({ match }: Condition): string {
  return match.is === 'filter' ? '' : match.slot.name
}

/** Names of slots hold no line feeds. */
function signature(conditions: readonly Condition[]): string {
  return conditions.map(slotName).join('\n')
}

/** Every combination of the values that the conditions allow. */
function tuplesOf(conditions: readonly Condition[], slots: readonly SlotValues[]): Float64Array[] {
  let tuples = [new Float64Array(conditions.length)]
  conditions.forEach(({ match }, place) => {
    const values = (slots[place] as SlotValues).add(match)
    if (values.length > 1) tuples = tuples.flatMap(tuple => values.map(() => tuple.slice()))
    tuples.forEach((tuple, index) => {
      tuple[place] = values[index % values.length] as number
    })
  })
  return tuples
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
