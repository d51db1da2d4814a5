// Values as the text of a cell.
import type { Value } from '../../contract/record.ts'
import type { Field } from '../../fields/field.ts'
import type { TimeFormat } from '../../fields/present.ts'
import { timeText } from '../../octets/time-text.ts'
import { jsonText } from '../../stream/json.ts'

const isScalar = (value: Value): boolean => typeof value !== 'object' || value === null

/** Lists of plain values are joined by blanks; other objects are JSON. */
function plain(value: Value): string {
  if (value === null) return ''
  if (typeof value !== 'object') return String(value)
  return Array.isArray(value) && value.every(isScalar) ? value.map(plain).join(' ') : jsonText(value)
}

export type Cell = (value: Value | undefined) => string

/** The text of a field's values; an absent value is empty. */
export function cellOf(field: Field, timestamps: TimeFormat): Cell {
  if (field.type.name === 'time' && timestamps !== 'epoch') {
    return value => {
      if (value === undefined) return ''
      return typeof value === 'number' ? String(timeText(value, timestamps, field)) : plain(value)
    }
  }
  return value => (value === undefined ? '' : typeof value === 'string' ? value : plain(value))
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** Text from the wire must not move a terminal's cursor. */
export const printable = (text: string): string => text.replaceAll(CONTROL, '\ufffd')
