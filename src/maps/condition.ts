// One `key=value` of a row, ready to be asked.
import type { Value } from '../contract/record.ts'
import type { Column } from '../fields/column.ts'
import type { Field } from '../fields/field.ts'
import type { CompiledFilter } from '../filter/compile.ts'
import { holds, type Prefix } from '../lookup/prefix.ts'
import type { AddressSlot, ListSlot, NumberSlot, Texts } from './slot.ts'

/** What a slot's value must be. */
export type Match =
  | {
      readonly is: 'numbers'
      readonly slot: NumberSlot
      readonly members: readonly number[]
      readonly ranges: readonly Range[]
    }
  | {
      readonly is: 'prefixes'
      readonly slot: AddressSlot
      readonly prefixes: readonly Prefix[]
      readonly orNone: boolean
    }
  | { readonly is: 'has'; readonly slot: ListSlot; readonly members: ReadonlySet<string> }
  | { readonly is: 'filter'; readonly filter: CompiledFilter }

/** Both ends belong to it. */
export type Range = readonly [from: number, to: number]

export interface Condition {
  readonly key: string
  /** As written, with its minus. */
  readonly value: string
  /** Holds when the match fails, also when the record does not say. */
  readonly negated: boolean
  readonly match: Match
}

export type Test = (columns: readonly Column[], row: number) => boolean

/** Where each field of a map stands among its columns. */
export type Places = ReadonlyMap<string, number>

export function fieldsOfMatch(match: Match): readonly Field[] {
  return match.is === 'filter' ? match.filter.fields : match.slot.fields
}

export function placesOf(fields: readonly Field[], places: Places): number[] {
  return fields.map(field => places.get(field.name) as number)
}

/** The condition as a test on columns that stand where `places` says. */
export function makeTest(condition: Condition, places: Places, texts: Texts): Test {
  const test = matchTest(condition.match, placesOf(fieldsOfMatch(condition.match), places), texts)
  return condition.negated ? (columns, row) => !test(columns, row) : test
}

function matchTest(match: Match, at: readonly number[], texts: Texts): Test {
  switch (match.is) {
    case 'numbers': {
      const read = match.slot.reader(at, texts)
      const { members, ranges } = match
      return (columns, row) => {
        const number = read(columns, row)
        return members.includes(number) || ranges.some(([from, to]) => number >= from && number <= to)
      }
    }
    case 'prefixes':
      return prefixTest(match, at)
    case 'has': {
      const read = match.slot.reader(at)
      return (columns, row) => listMembers(read(columns, row)).some(member => match.members.has(member))
    }
    case 'filter':
      return filterTest(match.filter, at)
  }
}

const words = new Uint32Array(4)

function prefixTest({ slot, prefixes, orNone }: Extract<Match, { is: 'prefixes' }>, at: readonly number[]): Test {
  const read = slot.reader(at)
  return (columns, row) => {
    const family = read(columns, row, words)
    if (family === 0) return orNone
    const [a = 0, b = 0, c = 0, d = 0] = words
    return prefixes.some(prefix => prefix.family === family && holds(prefix, a, b, c, d))
  }
}

/** Members of a list, or of a text with commas or blanks between. */
export function listMembers(value: Value | undefined): string[] {
  if (Array.isArray(value)) return value.map(String)
  return typeof value === 'string' ? value.split(/[,\s_]+/) : []
}

function filterTest({ select }: CompiledFilter, at: readonly number[]): Test {
  const picked = { columns: at.map(() => undefined as unknown as Column), rows: new Int32Array(1), count: 1 }
  const passed = new Int32Array(1)
  return (columns, row) => {
    for (let index = 0; index < at.length; index++) picked.columns[index] = columns[at[index] as number] as Column
    picked.rows[0] = row
    return select(picked, passed) === 1
  }
}
