// `--unknown`: elements that no field of the dictionary reads, as {"pen/element": "hex"}.
import type { Value } from '../../contract/record.ts'
import { knownField } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'
import { hexText } from '../../octets/address.ts'
import type { Planner } from './planner.ts'
import { lengthOf } from './read-text.ts'
import { NETFLOW9_SCOPE_PEN } from './template.ts'

/** paddingOctets. */
const PADDING_ELEMENT = 210

/** Adds the step that fills `unknown`; undefined when the template has no such element. */
export function makeUnknown(planner: Planner, used: ReadonlySet<number>): Field | undefined {
  const places = planner.template.fields
    .map(({ pen, id, length }, index) => ({ id, pen, length, index }))
    .filter(({ id, pen, length, index }) => length > 0 && !used.has(index) && !(pen === 0 && id === PADDING_ELEMENT))
    .map(({ id, pen, index }) => ({
      name: `${pen === NETFLOW9_SCOPE_PEN ? 'scope' : pen}/${id}`,
      place: planner.placeAt(index),
    }))
  if (places.length === 0) return undefined
  const { values } = planner.columns.values('unknown')
  planner.steps.push(({ octets, row, count }) => {
    for (let i = 0; i < count; i++) {
      const unknown: { [name: string]: Value } = {}
      for (const { name, place } of places) {
        const from = (place.at[i] as number) + place.offset
        // An element that stands twice keeps its first value under the plain name.
        const key = name in unknown ? `${name}#2` : name
        unknown[key] = hexText(octets, from, from + lengthOf(place, i))
      }
      values[row + i] = unknown
    }
  })
  return knownField('unknown')
}
