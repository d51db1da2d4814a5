// A field that is no field of users': the number of a record's datagram among those of all workers. It has a row in the dictionary of
// threads that decode a share, and tells in which order one decoder would have met the records.
import { defineField } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'
import { TYPES } from '../../fields/types.ts'

export const DATAGRAM_NUMBER = 'netally_datagram'

export const datagramNumber: Field = {
  name: DATAGRAM_NUMBER,
  type: TYPES.unsigned,
  role: 'key',
  summary: 'number of the datagram',
}

/** From here on decoders of this thread fill the field where it is wanted. */
export function numberDatagrams(): void {
  defineField(DATAGRAM_NUMBER, { type: 'unsigned', summary: datagramNumber.summary })
}
