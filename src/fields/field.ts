// What a row of the field dictionary is.
import type { FieldType, TypeName } from './types.ts'

/** What `aggregate` does with the field when it is not a key. */
export type Role = 'key' | 'sum' | 'min' | 'max' | 'or'

/** How an exporter writes the element, where the field's type does not already say it. */
export type Encoding =
  | 'uptime' // milliseconds of the exporter's sysUptime
  | 'seconds'
  | 'milliseconds'
  | 'microseconds' // NTP 64-bit (RFC 7011 section 6.1.9)
  | 'nanoseconds' // NTP 64-bit (RFC 7011 section 6.1.10)
  | 'deltaMicroseconds' // before the export time
  | 'special' // wire/flow/special.ts knows

/** An IPFIX information element (or NetFlow v9 field type) that fills a field. */
export interface Element {
  readonly id: number
  /** Private enterprise number; 0 = IANA. */
  readonly pen: number
  readonly encoding?: Encoding
}

/** The row as it is written in the dictionary. */
export interface FieldRow {
  readonly type: TypeName
  readonly role?: Role
  /** pmacct's aggregate primitive, when its name is not the key. */
  readonly primitive?: string
  /** Elements in order of preference: a template's first wins, the others wait for a row of their own. */
  readonly elements?: readonly Element[]
  /** The field that takes the second occurrence of an element in a template (inner header). */
  readonly inner?: string
  /** The same for all records of one message: written once and copied (json-write.ts). Such rows stand first. */
  readonly context?: boolean
  readonly unit?: string
  readonly summary: string
}

/** A row with its name and type resolved: what the code passes around. */
export interface Field extends Omit<FieldRow, 'type' | 'role'> {
  readonly name: string
  readonly type: FieldType
  readonly role: Role
}
