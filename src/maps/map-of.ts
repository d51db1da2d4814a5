// What every map of rules is to those who ask it: fields to pick, then an answer for each row of their columns.
import type { Column } from '../fields/column.ts'
import type { Field } from '../fields/field.ts'

export interface MapOf<Answer> {
  readonly file: string
  /** Rows. */
  readonly size: number
  /** What the rows read: match() takes columns of these, in this order. */
  readonly fields: readonly Field[]
  /** What the first row says that the row of the columns meets; undefined when it meets none. */
  match(columns: readonly Column[], row: number): Answer | undefined
}

/**
 * One picker for several maps: the fields of all, each once, and for each map how its columns are taken from the picked
 * ones, once a batch.
 */
export function fieldsOfMaps(maps: readonly { readonly fields: readonly Field[] }[]): Field[] {
  return [...new Map(maps.flatMap(map => map.fields).map(field => [field.name, field])).values()]
}

/** Takes the columns of a map's `fields` from columns of `picked`; throws when one is not among them. */
export function columnsFor(
  fields: readonly Field[],
  picked: readonly Field[],
): (columns: readonly Column[]) => readonly Column[] {
  const places = fields.map(({ name }) => {
    const place = picked.findIndex(field => field.name === name)
    if (place < 0) throw new Error(`${name} is not picked`)
    return place
  })
  return columns => places.map(place => columns[place] as Column)
}
