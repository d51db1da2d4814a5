// Updates and deletes of gNMI, and of Juniper's telemetry in the same form: paths have the keys of their lists.
import type { Value } from '../../contract/record.ts'
import { isMembers, type Members } from '../../wire/telemetry/notification.ts'
import { fieldName, type Keys } from './leaves.ts'
import type { Observation } from './observations.ts'

/** Where something is: the path without keys, and the keys by list and leaf. */
export interface Location {
  readonly path: string
  readonly keys: Keys
}

/** Paths whose parts are remembered; then all are read again. */
const REMEMBERED = 100_000
/** By prefix, then by what comes after it: messages have one prefix and many paths. */
const remembered = new Map<string, Map<string, Location>>()
let count = 0

function below(prefix: string): Map<string, Location> {
  const known = remembered.get(prefix)
  if (known) return known
  if (remembered.size >= REMEMBERED) remembered.clear()
  const made = new Map<string, Location>()
  remembered.set(prefix, made)
  return made
}

const ORIGIN = /^([A-Za-z][\w.-]*):(?=\/)/
const STEP = /\/([^/[]+)((?:\[[^=\]]+=(?:\\.|[^\]\\])*\])*)/g
const KEY = /\[([^=\]]+)=((?:\\.|[^\]\\])*)\]/g

/** The parts of `origin:/interfaces/interface[name=eth0]/state`. */
export const locationOf = (text: string): Location => locationBelow(below(''), '', text)

function locationBelow(paths: Map<string, Location>, prefix: string, text: string): Location {
  let known = paths.get(text)
  if (!known) {
    known = readLocation(joined(prefix, text))
    if (count >= REMEMBERED) {
      remembered.clear()
      count = 0
    }
    paths.set(text, known)
    count++
  }
  return known
}

function readLocation(text: string): Location {
  const keys: { [field: string]: Value } = {}
  const origin = ORIGIN.exec(text)?.[1]
  if (origin !== undefined) keys.origin = origin
  let path = ''
  for (const [, name = '', predicates = ''] of text.matchAll(STEP)) {
    path += `/${name}`
    for (const [, leaf = '', value = ''] of predicates.matchAll(KEY)) {
      keys[unused(keys, `${fieldName(name)}_${fieldName(leaf)}`)] = value.replace(/\\(.)/g, '$1')
    }
  }
  return { path, keys }
}

/** Lists of the same name inside one another: `node_id`, `node_id_2`. */
function unused(keys: Keys, name: string): string {
  if (!(name in keys)) return name
  let count = 2
  while (`${name}_${count}` in keys) count++
  return `${name}_${count}`
}

/** `time`: of the message, Unix seconds. */
export function updatesOf(data: Members, time: number | undefined): Observation[] {
  const { prefix: said, updates, deletes } = data
  const prefix = typeof said === 'string' ? said : ''
  const paths = below(prefix)
  const found: Observation[] = []
  for (const path of Array.isArray(deletes) ? deletes : []) {
    if (typeof path === 'string')
      found.push({ ...locationBelow(paths, prefix, path), value: null, time, isDeleted: true })
  }
  for (const update of Array.isArray(updates) ? updates : []) {
    if (!isMembers(update)) continue
    const { path, keys } = locationBelow(paths, prefix, String(update.path ?? ''))
    found.push({ path, keys, value: update.value ?? null, time })
  }
  return found
}

/** A path with an origin of its own is whole. */
const joined = (prefix: string, path: string): string => (prefix === '' || ORIGIN.test(path) ? path : prefix + path)
