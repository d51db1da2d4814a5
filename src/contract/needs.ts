// Arithmetic on needs: what two consumers want together.
import { ALL_FIELDS, type Needs } from './component.ts'

/** What a source must give when it feeds both. */
export function union(a: Needs, b: Needs): Needs {
  if (a.rest || b.rest) return ALL_FIELDS
  return { fields: [...new Set([...a.fields, ...b.fields])], rest: false }
}

/** What a stage needs that reads `fields` and passes on what is wanted of it. */
export function reading(fields: readonly string[], wanted: Needs): Needs {
  return union({ fields, rest: false }, wanted)
}
