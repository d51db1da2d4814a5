// The field that a word of a filter names.
import { BOTH_ENDS } from '../fields/both-ends.ts'
import { allFields, fieldsOf, knownField } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'
import type { Cursor } from './cursor.ts'
import { nearest } from './nearest.ts'
import { PRIMITIVE_WORDS } from './primitive.ts'
import type { Token } from './scanner.ts'

/** What an unquoted word must look like to be the key of a field without a row. */
const KEY = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/

export interface Named {
  readonly field: Field
  /** An unquoted word that no row and no primitive has; and not even an underscore to say that it is a key. */
  readonly isGuess: boolean
}

/** Whether a row or a pmacct primitive has this name. */
export function isKnown(name: string): boolean {
  return knownField(name) !== undefined || (fieldsOf(name)[0] as Field).name !== name
}

/** The field of a word, a key in backticks or a quoted text; fails for what is most likely a slip. */
export function fieldOfToken(cursor: Cursor, token: Token): Named {
  const name = token.text
  const field = fieldsOf(name)[0] as Field
  if (BOTH_ENDS[name]) {
    cursor.fail(token, {
      code: 'filter/unknown-field',
      message: `"${name}" is a key of sums, and no field`,
      hint: `its sums stand under ${field.name}`,
    })
  }
  if (token.kind !== 'word' || isKnown(name)) return { field, isGuess: false }
  const meant = nearest(name, knownNames())
  const hint = `a field of that name goes into backticks: \`${name}\``
  if (meant !== undefined) {
    cursor.fail(token, {
      code: 'filter/unknown-field',
      message: `"${name}" is no field`,
      hint: `did you mean ${meant}? ${hint}`,
    })
  }
  if (!KEY.test(name)) cursor.fail(token, { code: 'filter/unknown-field', message: `"${name}" is no field`, hint })
  return { field, isGuess: !name.includes('_') }
}

function knownNames(): Set<string> {
  const names = allFields().flatMap(({ name, primitive }) => (primitive === undefined ? [name] : [name, primitive]))
  return new Set([...names, ...PRIMITIVE_WORDS])
}
