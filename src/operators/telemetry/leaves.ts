// The leaves of a telemetry document, one after another, with their paths and the keys of the lists around them.
//
// Without the YANG modules nothing says which leaf is a key. Taken for one is, in an entry of a list, the first of the usual
// names, or what the user names; an entry without any has its place in the list instead.
import type { Value } from '../../contract/record.ts'
import { bareName, isMembers, type Members } from '../../wire/telemetry/notification.ts'

/** Names of keys, best first. */
const USUAL_KEYS = ['name', 'id', 'index', 'key', 'ip', 'address', 'prefix']
const BEST_KEY = 'name'
const JUST_BEST: readonly string[] = [BEST_KEY]
const USUAL_ENDS = ['-name', '-id', '-index', '-key', '_name', '_id', '_index', '_key']

export type Keys = { readonly [field: string]: Value }

/** Path: `/ietf-interfaces:interfaces/interface/statistics/in-octets`. */
export type TakeLeaf = (path: string, keys: Keys, value: Value) => void

/**
 * Gives every leaf of a value, in order. `named`: leaves that are keys wherever they stand in an entry of a list, with or
 * without module.
 */
export function eachLeaf(value: Value, path: string, keys: Keys, named: ReadonlySet<string>, take: TakeLeaf): void {
  if (isMembers(value)) ofMembers(value, path, keys, named, NO_KEYS, take)
  else if (Array.isArray(value) && value.length > 0 && value.every(isMembers)) {
    const list = fieldName(path.slice(path.lastIndexOf('/') + 1))
    for (let place = 0; place < value.length; place++) {
      const entry = value[place] as Members
      const own = keyNames(entry, named)
      ofMembers(entry, path, { ...keys, ...keyFields(entry, own, list, place) }, named, own, take)
    }
  } else take(path, keys, value)
}

const NO_KEYS: readonly string[] = []

function ofMembers(
  members: Members,
  path: string,
  keys: Keys,
  named: ReadonlySet<string>,
  own: readonly string[],
  take: TakeLeaf,
): void {
  for (const name in members) {
    // A key is in `keys`; attributes of RFC 7952 are about leaves, none themselves.
    if (name.startsWith('@') || own.includes(name)) continue
    const value = members[name] as Value
    if (isScalar(value)) take(`${path}/${name}`, keys, value)
    else eachLeaf(value, `${path}/${name}`, keys, named, take)
  }
}

const isScalar = (value: Value | undefined): boolean =>
  value !== null && value !== undefined && typeof value !== 'object'

/** The members of an entry that are its keys. */
function keyNames(entry: Members, named: ReadonlySet<string>): readonly string[] {
  if (named.size === 0 && isScalar(entry[BEST_KEY])) return JUST_BEST
  const scalars = Object.keys(entry).filter(name => isScalar(entry[name]))
  const wanted = named.size === 0 ? [] : scalars.filter(name => named.has(name) || named.has(bareName(name)))
  if (wanted.length > 0) return wanted
  for (const usual of USUAL_KEYS) {
    const found = scalars.find(name => bareName(name) === usual)
    if (found !== undefined) return [found]
  }
  return scalars.filter(name => USUAL_ENDS.some(end => name.endsWith(end))).slice(0, 1)
}

function keyFields(entry: Members, names: readonly string[], list: string, place: number): Keys {
  if (names.length === 0) return { [list === '' ? 'position' : `${list}_position`]: place }
  const fields: { [field: string]: Value } = {}
  for (const name of names) fields[list === '' ? fieldName(name) : `${list}_${fieldName(name)}`] = entry[name] as Value
  return fields
}

/** A name as a key of a record: without module, words joined with `_`. */
export const fieldName = (name: string): string => bareName(name).replace(/[^A-Za-z0-9_]+/g, '_')
