// The leaves of a telemetry document, one after another, with their paths and the keys of the lists around them.
//
// Without the YANG modules nothing says which leaf is a key. Taken for one is, in an entry of a list, the first of the usual
// names, or what the user names; an entry without any has its place in the list instead.
import type { Value } from '../../contract/record.ts'
import { bareName, isMembers, type Members } from '../../wire/telemetry/notification.ts'

/** Names of keys, best first. */
const USUAL_KEYS = ['name', 'id', 'index', 'key', 'ip', 'address', 'prefix']
const USUAL_ENDS = ['-name', '-id', '-index', '-key', '_name', '_id', '_index', '_key']

export type Keys = { readonly [field: string]: Value }

export interface Leaf {
  /** `/ietf-interfaces:interfaces/interface/statistics/in-octets` */
  readonly path: string
  readonly keys: Keys
  readonly value: Value
}

/** The leaves of a value. `named`: leaves that are keys wherever they stand in an entry of a list, with or without module. */
export function* leavesOf(value: Value, path: string, keys: Keys, named: ReadonlySet<string>): Generator<Leaf> {
  if (isMembers(value)) yield* ofMembers(value, path, keys, named, NO_KEYS)
  else if (Array.isArray(value) && value.length > 0 && value.every(isMembers)) {
    for (const [place, entry] of (value as readonly Members[]).entries()) {
      const own = keyNames(entry, named)
      yield* ofMembers(entry, path, { ...keys, ...keyFields(entry, own, path, place) }, named, own)
    }
  } else yield { path, keys, value }
}

const NO_KEYS: readonly string[] = []

function* ofMembers(
  members: Members,
  path: string,
  keys: Keys,
  named: ReadonlySet<string>,
  own: readonly string[],
): Generator<Leaf> {
  for (const [name, value] of Object.entries(members)) {
    // A key is in `keys`; attributes of RFC 7952 are about leaves, none themselves.
    if (!own.includes(name) && !name.startsWith('@')) yield* leavesOf(value, `${path}/${name}`, keys, named)
  }
}

const isScalar = (value: Value | undefined): boolean =>
  value !== null && value !== undefined && typeof value !== 'object'

/** The members of an entry that are its keys. */
function keyNames(entry: Members, named: ReadonlySet<string>): readonly string[] {
  const scalars = Object.keys(entry).filter(name => isScalar(entry[name]))
  const wanted = named.size === 0 ? [] : scalars.filter(name => named.has(name) || named.has(bareName(name)))
  if (wanted.length > 0) return wanted
  for (const usual of USUAL_KEYS) {
    const found = scalars.find(name => bareName(name) === usual)
    if (found !== undefined) return [found]
  }
  return scalars.filter(name => USUAL_ENDS.some(end => name.endsWith(end))).slice(0, 1)
}

function keyFields(entry: Members, names: readonly string[], path: string, place: number): Keys {
  const list = fieldName(path.slice(path.lastIndexOf('/') + 1))
  if (names.length === 0) return { [list === '' ? 'position' : `${list}_position`]: place }
  return Object.fromEntries(
    names.map(name => [[list, fieldName(name)].filter(Boolean).join('_'), entry[name] as Value]),
  )
}

/** A name as a key of a record: without module, words joined with `_`. */
export const fieldName = (name: string): string => bareName(name).replace(/[^A-Za-z0-9_]+/g, '_')
