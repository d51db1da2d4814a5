// Views of the rows: by name, by pmacct primitive, by element. User-defined elements add rows while a command starts.
import type { Problem } from '../contract/problem.ts'
import { BGP_FIELDS } from './bgp.ts'
import { BGP_LS_FIELDS } from './bgp-ls.ts'
import { BOTH_ENDS } from './both-ends.ts'
import type { Element, Field, FieldRow } from './field.ts'
import { FLOW_FIELDS } from './flow.ts'
import { TELEMETRY_FIELDS } from './telemetry.ts'
import { TYPES } from './types.ts'

const byName = new Map<string, Field>()
const byPrimitive = new Map<string, Field[]>()
const byElement = new Map<string, Field[]>()

const elementKey = (pen: number, id: number): string => `${pen}/${id}`

function add(name: string, row: FieldRow): Field {
  const field: Field = { ...row, name, type: TYPES[row.type], role: row.role ?? 'key' }
  byName.set(name, field)
  append(byPrimitive, row.primitive ?? name, field)
  for (const element of row.elements ?? []) append(byElement, elementKey(element.pen, element.id), field)
  return field
}

function append<Key>(map: Map<Key, Field[]>, key: Key, field: Field): void {
  const fields = map.get(key)
  if (fields) fields.push(field)
  else map.set(key, [field])
}

const ROWS = { ...FLOW_FIELDS, ...BGP_FIELDS, ...BGP_LS_FIELDS, ...TELEMETRY_FIELDS }
for (const [name, row] of Object.entries(ROWS)) add(name, row)
for (const [primitive, [ends]] of Object.entries(BOTH_ENDS))
  append(byPrimitive, primitive, byName.get(ends?.[0] ?? '') as Field)

/** Every field, in the order in which records are written. */
export function allFields(): Field[] {
  return [...byName.values()]
}

/** The field of a JSON key, if it has a row. */
export function knownField(name: string): Field | undefined {
  return byName.get(name)
}

/**
 * The fields that a user's word means: a pmacct primitive (`src_host_coords` and `mpls_vpn_rd` are two fields each, `sum_host`
 * is the key that its sums stand under), or a JSON key. Any other word is a field of that name and type `any`, because records may come from elsewhere.
 */
export function fieldsOf(word: string): Field[] {
  const fields = byPrimitive.get(word)
  if (fields) return fields
  return [fieldOfKey(word)]
}

/** The field of a record's key, which is never a pmacct primitive: records may come from elsewhere. */
export function fieldOfKey(name: string): Field {
  return byName.get(name) ?? { name, type: TYPES.any, role: 'key', summary: 'a field of unknown name' }
}

/** The one field that a user's word means; the first, where a primitive is several. */
export function fieldOf(word: string): Field {
  return fieldsOf(word)[0] as Field
}

/** Fields that an element fills, with the element as the row has it. */
export function fieldsOfElement(pen: number, id: number): Field[] {
  return byElement.get(elementKey(pen, id)) ?? []
}

/** How a row wants an element read; undefined when the element is not the row's. */
export function elementOf(field: Field, pen: number, id: number): Element | undefined {
  return field.elements?.find(element => element.id === id && element.pen === pen)
}

/** Adds a user-defined field (aggregate_primitives, --elements); a Problem when the name is taken by a row of another type. */
export function defineField(name: string, row: FieldRow): Field | Problem {
  const known = byName.get(name)
  if (!known) return add(name, row)
  if (known.type.name === row.type) {
    for (const element of row.elements ?? []) {
      if (!elementOf(known, element.pen, element.id)) append(byElement, elementKey(element.pen, element.id), known)
    }
    return known
  }
  return {
    code: 'fields/name-taken',
    message: `field "${name}" exists already, as ${known.type.name}, and cannot become ${row.type}`,
    hint: 'choose another name for the user-defined element; `netally fields` lists the names in use',
  }
}
