// A slot as the index reads it: what a rule's table may have for a record's value, all of it to be tried. A number is one
// value and the blocks of ranges that it lies in, an address the prefixes that hold it, a list its members.
import type { Value } from '../contract/record.ts'
import type { Column } from '../fields/column.ts'
import { type Condition, listMembers, type Match, type Places, placesOf } from './condition.ts'
import { PrefixChains } from './prefix-chains.ts'
import { BlockLevels, blocksOf, isBlocked } from './range-blocks.ts'
import type { AddressSlot, ListReader, ListSlot, NumberReader, NumberSlot, Texts } from './slot.ts'

export interface SlotValues {
  /** Of the record read last; the first `count` hold. */
  readonly values: number[]
  count: number
  /** Reads a record. */
  read(columns: readonly Column[], row: number): void
  /** The values that a condition on this slot goes into a table with. */
  add(match: Match): readonly number[]
  /** After the last add. */
  link(): void
}

class Numbers implements SlotValues {
  readonly values = [0]
  count = 0
  readonly #read: NumberReader
  readonly #levels = new BlockLevels()

  constructor(read: NumberReader) {
    this.#read = read
  }

  read(columns: readonly Column[], row: number): void {
    this.count = this.#levels.fill(this.#read(columns, row), this.values)
  }

  add(match: Match): readonly number[] {
    if (match.is !== 'numbers') return []
    const blocks = match.ranges.flatMap(([from, to]) => blocksOf(from, to))
    for (const id of blocks) this.#levels.add(id)
    return [...match.members, ...blocks]
  }

  link(): void {}
}

class Addresses implements SlotValues {
  readonly values: number[] = []
  count = 0
  readonly #chains: PrefixChains

  constructor(chains: PrefixChains) {
    this.#chains = chains
  }

  read(columns: readonly Column[], row: number): void {
    let count = 0
    for (let id = this.#chains.longest(columns, row); id >= 0; id = this.#chains.parent(id)) this.values[count++] = id
    this.count = count
  }

  add(match: Match): readonly number[] {
    return match.is === 'prefixes' ? match.prefixes.map(prefix => this.#chains.add(prefix)) : []
  }

  link(): void {
    this.#chains.link()
  }
}

/** Members of one list that are tried; a longer list is no list of communities that a router sends. */
const MAX_MEMBERS = 4096

class Members implements SlotValues {
  readonly values: number[] = []
  count = 0
  readonly #read: ListReader
  readonly #ids = new Map<string, number>()
  #last: Value | undefined

  constructor(read: ListReader) {
    this.#read = read
  }

  read(columns: readonly Column[], row: number): void {
    const list = this.#read(columns, row)
    // Neighbours often have the very same list.
    if (list === this.#last && list !== undefined) return
    this.#last = list
    this.count = 0
    for (const member of listMembers(list)) {
      const id = this.#ids.get(member)
      if (id !== undefined && this.count < MAX_MEMBERS) this.values[this.count++] = id
    }
  }

  add(match: Match): readonly number[] {
    if (match.is !== 'has') return []
    return [...match.members].map(member => {
      const id = this.#ids.get(member) ?? this.#ids.size
      this.#ids.set(member, id)
      return id
    })
  }

  link(): void {}
}

export function slotValues(slot: NumberSlot | AddressSlot | ListSlot, places: Places, texts: Texts): SlotValues {
  const at = placesOf(slot.fields, places)
  if (slot.lane === 'number') return new Numbers(slot.reader(at, texts))
  return slot.lane === 'address' ? new Addresses(new PrefixChains(slot.reader(at))) : new Members(slot.reader(at))
}

/** Values that a condition takes in a table; 0 = it cannot be in one. */
export function tableSize({ match, negated }: Condition): number {
  if (negated) return 0
  switch (match.is) {
    case 'numbers':
      if (!match.ranges.every(([from, to]) => isBlocked(from, to) && match.slot.isWhole)) return 0
      return match.ranges.reduce((sum, [from, to]) => sum + blocksOf(from, to).length, match.members.length)
    case 'prefixes':
      return match.orNone ? 0 : match.prefixes.length
    case 'has':
      return match.members.size
    case 'filter':
      return 0
  }
}
