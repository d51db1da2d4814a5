// What a row of a map can ask a record about: a number (texts are numbers too, by a list of the texts in the map), an
// address, or a list. A slot names the fields it reads and makes a reader over their columns.

import type { Value } from '../contract/record.ts'
import {
  ABSENT,
  type AddressColumn,
  type Column,
  IPV4,
  IPV6,
  NO_ADDRESS,
  type NumberColumn,
  ODD,
  takeValue,
  type ValueColumn,
} from '../fields/column.ts'
import type { Field } from '../fields/field.ts'

/** Texts that rows compare with, each with a number of its own; a text of no row is -1. */
export type Texts = Map<string, number>

/** NaN: the record does not say. */
export type NumberReader = (columns: readonly Column[], row: number) => number
/** Fills `words` and returns the family, 0 when the record does not say. */
export type AddressReader = (columns: readonly Column[], row: number, words: Uint32Array) => number
export type ListReader = (columns: readonly Column[], row: number) => Value | undefined

interface SlotBase {
  /** Slots of the same name are the same. A blank in it keeps it apart from every field's. */
  readonly name: string
  readonly fields: readonly Field[]
}

export interface NumberSlot extends SlotBase {
  readonly lane: 'number'
  /** What rows compare with are whole numbers, so that a range is a set of them. */
  readonly isWhole: boolean
  /** `at`: where the fields stand among the columns. */
  reader(at: readonly number[], texts: Texts): NumberReader
}

export interface AddressSlot extends SlotBase {
  readonly lane: 'address'
  reader(at: readonly number[]): AddressReader
}

export interface ListSlot extends SlotBase {
  readonly lane: 'value'
  reader(at: readonly number[]): ListReader
}

export type Slot = NumberSlot | AddressSlot | ListSlot

/** The first of the fields that the record has; `derive` makes of it what rows compare with. */
export function numberSlot(name: string, fields: readonly Field[], derive?: (lane: number) => number): NumberSlot {
  return {
    lane: 'number',
    isWhole: fields.every(({ type }) => type.name !== 'real' && type.name !== 'time'),
    name,
    fields,
    reader: at => (columns, row) => {
      for (const index of at) {
        const number = laneNumber(columns[index] as NumberColumn, row)
        if (!Number.isNaN(number)) return derive ? derive(number) : number
      }
      return ABSENT
    },
  }
}

function laneNumber(column: NumberColumn, row: number): number {
  const number = column.numbers[row] as number
  if (number !== ODD) return number
  const value = column.other.get(row)
  return typeof value === 'bigint' ? Number(value) : ABSENT
}

/** A number that counts as 0 when the record does not have it, as pmacct's AS numbers do. */
export function zeroWhenAbsent(slot: NumberSlot): NumberSlot {
  return {
    ...slot,
    reader: (at, texts) => {
      const read = slot.reader(at, texts)
      return (columns, row) => read(columns, row) || 0
    },
  }
}

/** 1 or 0, whatever the record has. */
export function flagSlot(name: string, fields: readonly Field[], test: (read: Presence) => boolean): NumberSlot {
  return codeSlot(name, fields, read => (test(read) ? 1 : 0))
}

/** What a record has of a slot's fields, by their place in it. */
export interface Presence {
  has(place: number): boolean
  /** The number in the lane; NaN. */
  number(place: number): number
  /** 0, 4 or 6. */
  family(place: number): number
  /** First word of an address. */
  word(place: number): number
  value(place: number): Value | undefined
}

/** A number made of several fields. */
export function codeSlot(name: string, fields: readonly Field[], code: (read: Presence) => number): NumberSlot {
  return {
    lane: 'number',
    isWhole: true,
    name,
    fields,
    reader: at => {
      let columns: readonly Column[] = []
      let row = 0
      const column = (place: number) => columns[at[place] as number] as Column
      const presence: Presence = {
        has: place => isPresent(column(place), row),
        number: place => laneNumber(column(place) as NumberColumn, row),
        family: place => (column(place) as AddressColumn).family[row] as number,
        word: place => (column(place) as AddressColumn).words[4 * row] as number,
        value: place => takeValue(fields[place] as Field, column(place), row),
      }
      return (all, at) => {
        columns = all
        row = at
        return code(presence)
      }
    },
  }
}

function isPresent(column: Column, row: number): boolean {
  if (column.lane === 'number') return !Number.isNaN(column.numbers[row] as number)
  return column.lane === 'address' ? column.family[row] !== NO_ADDRESS : column.values[row] !== undefined
}

/** A text (or any JSON value, by its text), as the number that it has among the texts of the map. */
export function textSlot(field: Field): NumberSlot {
  return {
    lane: 'number',
    isWhole: true,
    name: field.name,
    fields: [field],
    reader: (at, texts) => {
      const index = at[0] as number
      return (columns, row) => {
        const value = (columns[index] as ValueColumn).values[row]
        if (value === undefined) return ABSENT
        return texts.get(typeof value === 'string' ? value : String(value)) ?? -1
      }
    },
  }
}

export function listSlot(field: Field): ListSlot {
  return {
    lane: 'value',
    name: field.name,
    fields: [field],
    reader: at => (columns, row) => (columns[at[0] as number] as ValueColumn).values[row],
  }
}

/** The first of the fields that the record has. An IPv4 address mapped into IPv6 is taken as the IPv4 address. */
export function addressSlot(name: string, fields: readonly Field[]): AddressSlot {
  return {
    lane: 'address',
    name,
    fields,
    reader: at => (columns, row, words) => {
      for (const index of at) {
        const column = columns[index] as AddressColumn
        const family = column.family[row] as number
        if (family === IPV4) {
          words[0] = column.words[4 * row] as number
          return IPV4
        }
        if (family === IPV6) return copyIpv6(column.words, 4 * row, words)
      }
      return NO_ADDRESS
    },
  }
}

function copyIpv6(from: Uint32Array, at: number, words: Uint32Array): number {
  if (from[at] === 0 && from[at + 1] === 0 && from[at + 2] === 0xffff) {
    words[0] = from[at + 3] as number
    return IPV4
  }
  for (let word = 0; word < 4; word++) words[word] = from[at + word] as number
  return IPV6
}
