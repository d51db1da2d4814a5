// One tag: the texts of a column, ready to be put behind each other.
import type { Value } from '../../contract/record.ts'
import { type Column, IPV4, takeValue } from '../../fields/column.ts'
import type { Field } from '../../fields/field.ts'
import { type TagStyle, tagText } from './options.ts'

/** Texts remembered of one tag; addresses can be many. */
const REMEMBERED = 20_000

export interface Tag {
  /** As the backend has it: what the order of tags is by. */
  readonly name: string
  /** Adds the piece of each row to its text. */
  append(texts: string[], rows: Int32Array, count: number, columns: readonly Column[]): void
}

export const fixedTag = (name: string, text: string, style: TagStyle): Tag => {
  const own = style.name(name)
  const piece = text === '' ? '' : style.piece(own, text)
  return {
    name: own,
    append(texts, _rows, count) {
      for (let index = 0; index < count; index++) texts[index] += piece
    },
  }
}

/** The tag of a field that is picked as column number `place`. */
export function fieldTag(field: Field, place: number, style: TagStyle): Tag {
  const name = style.name(field.name)
  const known = new Map<number | string, string>()
  const made = (value: Value | undefined): string => {
    const text = tagText(value)
    return text === '' ? '' : style.piece(name, text)
  }
  function remembered(key: number | string, column: Column, row: number): string {
    let piece = known.get(key)
    if (piece === undefined) {
      if (known.size >= REMEMBERED) known.clear()
      piece = made(takeValue(field, column, row))
      known.set(key, piece)
    }
    return piece
  }
  function pieceOf(column: Column, row: number): string {
    if (column.lane === 'number') {
      const number = column.numbers[row] as number
      if (Number.isNaN(number)) return ''
      return Number.isFinite(number) ? remembered(number, column, row) : made(takeValue(field, column, row))
    }
    if (column.lane === 'address') {
      if (column.family[row] === IPV4) return remembered(column.words[4 * row] as number, column, row)
      return made(takeValue(field, column, row))
    }
    const value = column.values[row]
    return typeof value === 'string' ? remembered(value, column, row) : made(value)
  }
  return {
    name,
    append(texts, rows, count, columns) {
      const column = columns[place] as Column
      for (let index = 0; index < count; index++) texts[index] += pieceOf(column, rows[index] as number)
    },
  }
}
