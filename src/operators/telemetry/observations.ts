// What a message of telemetry observed: subtrees with the time, path and keys that the message gives them.
import type { NetRecord, Value } from '../../contract/record.ts'
import { JTI_KEYS } from '../../wire/telemetry/jti/schema.ts'
import { isMembers, type Members, member, notificationOf } from '../../wire/telemetry/notification.ts'
import { isStateChange } from '../../wire/telemetry/subscriptions.ts'
import { fieldName, type Keys } from './leaves.ts'
import { updatesOf } from './updates.ts'

export interface Observation {
  readonly path: string
  readonly keys: Keys
  readonly value: Value
  /** When, by the node's clock, Unix seconds. */
  readonly time: number | undefined
  /** Leaves that are keys of lists, where it is known. */
  readonly named?: ReadonlySet<string>
  /** It is there no more; without a value. */
  readonly isDeleted?: boolean
}

const NO_KEYS: Keys = {}
const FRACTION = /\.(\d+)/
/** Of compact GPB only where its model is known. */
const ROWS = ['data_gpbkv', 'data_json', 'data_gpb'] as const

/** Nothing for messages about subscriptions. */
export function observationsOf({ telemetry_data: data, session_protocol }: NetRecord): Observation[] {
  if (data === undefined || data === null) return []
  if (session_protocol === 'yang-push') return pushed(data)
  if (session_protocol === 'gnmi' && isMembers(data)) return updatesOf(data, nanoseconds(data.timestamp))
  if (session_protocol === 'juniper' && isMembers(data)) return updatesOf(data, milliseconds(data.timestamp))
  return (
    (isMembers(data) && (rowsOf(data) ?? jtiSensors(data))) || [
      { path: '', keys: NO_KEYS, value: data, time: undefined },
    ]
  )
}

function pushed(data: Value): Observation[] {
  const notification = notificationOf(data)
  if (!notification) return [{ path: '', keys: NO_KEYS, value: data, time: undefined }]
  const { name, contents, eventTime } = notification
  const time = eventTime === undefined ? undefined : secondsOf(eventTime)
  if (isStateChange(name)) return []
  if (name === 'push-update') {
    const value = member(contents, 'datastore-contents')
    return value === undefined ? [] : [{ path: '', keys: NO_KEYS, value, time }]
  }
  if (name === 'push-change-update') return edits(contents, time)
  return [{ path: `/${notification.qualifiedName}`, keys: NO_KEYS, value: contents as Value, time }]
}

/** Operations of a YANG patch after which what was there is gone. */
const ENDS: ReadonlySet<Value | undefined> = new Set(['delete', 'remove'])

/** Whether what lay below the target is gone: a replaced leaf has a new value, and that is all. */
function isEnd(operation: Value | undefined, value: Value | undefined): boolean {
  if (operation !== 'replace') return ENDS.has(operation)
  return isMembers(value) && Object.values(value).some(inner => typeof inner === 'object')
}

/** The changes of a YANG patch (RFC 8072): what is gone, and what is there now. */
function edits(contents: Members, time: number | undefined): Observation[] {
  const changes = member(contents, 'datastore-changes')
  const patch = isMembers(changes) ? member(changes, 'yang-patch') : undefined
  const list = isMembers(patch) ? member(patch, 'edit') : undefined
  const found: Observation[] = []
  for (const edit of Array.isArray(list) ? list : [list]) {
    if (!isMembers(edit)) continue
    const value = member(edit, 'value')
    const target = member(edit, 'target')
    if (isEnd(member(edit, 'operation'), value)) found.push({ ...placeOf(target), value: null, time, isDeleted: true })
    if (value !== undefined) found.push({ ...placeOf(target, -1), value, time })
  }
  return found
}

/** Steps of a path: a name, predicates as XPath has them, a key as RFC 8040 has it. */
const STEP = /\/([^/[=]+)((?:\[[^\]]*\])*)(?:=([^/]*))?/g
const PREDICATE = /\[([^=\]]+)=\s*(?:'([^']*)'|"([^"]*)"|([^\]]*))\]/g

/** Where the target of an edit lies; `end` -1 for its parent, because the value begins with the target (RFC 8072 section 2.5). */
function placeOf(target: Value | undefined, end?: number): { readonly path: string; readonly keys: Keys } {
  const steps = typeof target === 'string' ? [...target.matchAll(STEP)].slice(0, end) : []
  const keys: { [field: string]: Value } = {}
  for (const [, name = '', predicates = '', key] of steps) {
    if (key !== undefined) keys[`${fieldName(name)}_key`] = decoded(key)
    for (const [, leaf = '', single, double, bare] of predicates.matchAll(PREDICATE)) {
      keys[`${fieldName(name)}_${fieldName(leaf.trim())}`] = single ?? double ?? bare ?? ''
    }
  }
  return { path: steps.map(([, name]) => `/${name}`).join(''), keys }
}

/** A key in a path is written as in a URL. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

/** Rows of Cisco and Huawei. */
function rowsOf(data: Members): Observation[] | undefined {
  const path = rootOf(data)
  const rows = ROWS.map(name => data[name]).find(Array.isArray)
  if (path === undefined || !(rows || Array.isArray(data.deletes))) return undefined
  const deleted = updatesOf({ deletes: data.deletes ?? [] }, milliseconds(data.msg_timestamp))
  return deleted.concat(rowObservations(data, path, (rows ?? []) as Value[]))
}

function rowObservations(data: Members, path: string, rows: readonly Value[]): Observation[] {
  return rows.filter(isMembers).map(row => {
    // Without a model they are octets, but they tell the rows apart.
    const keys = isMembers(row.keys) ? row.keys : typeof row.keys === 'string' ? { keys: row.keys } : NO_KEYS
    return {
      path,
      keys: Object.fromEntries(Object.entries(keys).map(([name, value]) => [fieldName(name), value])),
      value: row.content ?? null,
      time: milliseconds(row.timestamp ?? data.msg_timestamp),
    }
  })
}

/** Where the content begins: with Cisco below its path, with Huawei below the first container of its path. */
function rootOf({ encoding_path, sensor_path }: Members): string | undefined {
  if (typeof encoding_path === 'string') return `/${encoding_path}`
  return typeof sensor_path === 'string' ? `/${sensor_path.split('/', 1)[0]}` : undefined
}

/** Of what a JTI message says of itself, what tells its leaves apart. */
const JTI_PARTS = ['system_id', 'component_id', 'sub_component_id'] as const

/** The resource is the second part of the sensor's name: `name:internal path:external path:component`. */
function jtiSensors(data: Members): Observation[] | undefined {
  const { enterprise, sensor_name } = data
  const sensors = isMembers(enterprise) ? enterprise.juniperNetworks : undefined
  if (!isMembers(sensors)) return undefined
  const [, resource] = String(sensor_name ?? '').split(':')
  const parts = JTI_PARTS.filter(name => data[name] !== undefined).map(name => [name, data[name] as Value])
  const keys: Keys = Object.fromEntries(parts)
  const time = milliseconds(data.timestamp)
  return Object.entries(sensors).map(([name, value]) => {
    const path = resource?.startsWith('/') ? resource.replace(/\/+$/, '') : `/${name}`
    return { path, keys, value, time, named: JTI_KEYS }
  })
}

const milliseconds = (value: Value | undefined): number | undefined =>
  Number(value) > 0 ? Number(value) / 1000 : undefined

/** To the microsecond. */
const nanoseconds = (value: Value | undefined): number | undefined =>
  typeof value === 'number' || typeof value === 'bigint' ? Number(BigInt(value) / 1000n) / 1e6 : undefined

/** RFC 3339 with up to microseconds. */
export function secondsOf(text: string): number | undefined {
  const whole = Date.parse(text.replace(FRACTION, ''))
  if (Number.isNaN(whole)) return undefined
  const fraction = (FRACTION.exec(text)?.[1] ?? '').slice(0, 6).padEnd(6, '0')
  return (whole * 1000 + Number(fraction)) / 1e6
}
