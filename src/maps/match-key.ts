// How keys of maps are made: which fields of a record answer a key, and how its values are read. Any other word that
// names a field (a JSON key or a pmacct primitive) is a key too: netally's extension.
import { fieldOf, fieldsOf, knownField } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'
import type { Match } from './condition.ts'
import { addressSlot, flagSlot, numberSlot, type Presence, type Texts, zeroWhenAbsent } from './slot.ts'
import { decimal, matchOf, numbers, prefixes, words } from './value.ts'

export interface MatchKey {
  /** `ip` and `filter` take no minus. */
  readonly negatable: boolean
  /** What the value asks, or what is wrong with it. */
  readonly read: (value: string, known: Texts) => Match | string
  readonly summary: string
  /** A value, for hints and docs. */
  readonly example: string
}

export interface MatchKeys {
  readonly [key: string]: MatchKey
}

export const fields = (...names: string[]): Field[] => names.map(fieldOf)

export function key(summary: string, example: string, read: MatchKey['read'], negatable = true): MatchKey {
  return { negatable, read, summary, example }
}

/** A key answered by the first of some fields that the record has. */
export function byNumber(summary: string, example: string, ...names: string[]): MatchKey {
  const slot = numberSlot(names.join(), fields(...names))
  return key(summary, example, value => numbers(slot, value, decimal, 'a whole number'))
}

/** A record without the fields counts as 0, as in pmacct. */
export function byNumberOrZero(summary: string, example: string, ...names: string[]): MatchKey {
  const slot = zeroWhenAbsent(numberSlot(`${names.join()} or 0`, fields(...names)))
  return key(summary, example, value => numbers(slot, value, decimal, 'a whole number'))
}

export function byPrefix(summary: string, example: string, ...names: string[]): MatchKey {
  const slot = addressSlot(names.join(), fields(...names))
  return key(summary, example, value => prefixes(slot, value))
}

export function byField(summary: string, example: string, name: string): MatchKey {
  return key(summary, example, (value, known) => matchOf(fieldOf(name), value, known))
}

const FLAG = { true: [1], '1': [1], false: [0], '0': [0] }

export function byFlag(
  summary: string,
  name: string,
  of: readonly Field[],
  test: (read: Presence) => boolean,
): MatchKey {
  const slot = flagSlot(name, of, test)
  return key(summary, 'true', value => words(slot, value, FLAG))
}

/** The key of a word: of the table, or the field that it names. */
export function matchKey(keys: MatchKeys, word: string, extension: boolean): MatchKey | undefined {
  if (Object.hasOwn(keys, word)) return keys[word]
  if (!extension || !(knownField(word) || fieldsOf(word)[0]?.type.name !== 'any')) return undefined
  return byField('the field', '...', word)
}
