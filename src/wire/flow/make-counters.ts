// Packets and bytes: of the template's counters, else of the one packet that the record carries.
import { knownField } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'
import { renormalized } from './make-sampling.ts'
import { makeOrdinary } from './ordinary.ts'
import type { Maker } from './planner.ts'
import { fillNumber, readWhole } from './read-number.ts'
import { hasSection, sectionField } from './section.ts'

/** A sampled packet is one packet. */
const packets: Maker = (planner, field) => {
  if (makeOrdinary(planner, field)) return true
  if (!hasSection(planner)) return false
  planner.steps.push(fillNumber(planner.columns.numbers('packets'), () => 1))
  return true
}

/** The IP packet's own length, as pmacct counts; else what the exporter says of the frame (IE 312). */
const bytes: Maker = (planner, field) => {
  if (makeOrdinary(planner, field)) return true
  if (!hasSection(planner)) return false
  const column = planner.columns.numbers('bytes')
  sectionField(planner, knownField('bytes') as Field)
  const place = planner.place(312)
  const sizes = planner.columns.numbers('bytes', 'frame')
  const read = place && readWhole(sizes, place)
  if (read) {
    planner.steps.push(read, ({ row, count }) => {
      for (let at = row; at < row + count; at++) {
        if (Number.isNaN(column.numbers[at])) column.numbers[at] = sizes.numbers[at] as number
      }
    })
  }
  return true
}

export const COUNTER_MAKERS: { readonly [name: string]: Maker } = {
  packets: (planner, field) => renormalized(planner, field, packets),
  bytes: (planner, field) => renormalized(planner, field, bytes),
}
