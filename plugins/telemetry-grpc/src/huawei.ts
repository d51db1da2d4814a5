// Huawei's telemetry in the form that Cisco's has: rows with timestamp and content, GPB as base64 until its model is known.
import { isReadProblem, type NetRecord, type Problem, parseJson, type Value } from 'netally'
import { base64, type Long, whole } from './numbers.ts'
import { type PathElem, pathText } from './paths.ts'

type Members = { readonly [name: string]: unknown }

interface DataPath {
  readonly timestamp: Long
  readonly path: { readonly node: readonly PathElem[] } | null
}

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isLong = (value: object): value is Long => 'high' in value && 'low' in value

/** `huawei-telemetry.proto`, or the same as JSON. */
export function readHuawei(said: Value | Problem): Value | Problem {
  if (!isMembers(said) || isReadProblem(said as Value)) return said
  const data: { [name: string]: Value } = {}
  for (const [name, value] of Object.entries(said)) if (!Object.hasOwn(PARTS, name)) data[name] = plain(value)
  for (const [name, read] of Object.entries(PARTS)) {
    if (Object.hasOwn(said, name)) Object.assign(data, read((said as Members)[name]))
  }
  return data
}

function plain(value: unknown): Value {
  return typeof value === 'object' && value !== null && isLong(value) ? whole(value) : (value as Value)
}

/** What is not plain. */
const PARTS: { readonly [name: string]: (value: unknown) => NetRecord } = {
  data_gpb: tableOf,
  data_str: value => tableOf(typeof value === 'string' ? parsed(value) : value),
  encoding: value => (value === 0 || value === 1 ? {} : { encoding: value as Value }),
}

/** Text that is JSON, as that. */
function parsed(text: string): Value {
  const value = parseJson(Buffer.from(text))
  return isReadProblem(value) ? text : value
}

/** Rows of GPB are in `data_gpb`, those of JSON in `data_json`. */
function tableOf(table: unknown): NetRecord {
  if (!isMembers(table)) return { data_json: [{ content: table as Value }] }
  const { row, delete: deletes } = table
  if (!Array.isArray(row)) return { data_json: [{ content: table as Value }] }
  const rows = row.filter(isMembers)
  const isGpb = rows.some(({ content }) => content instanceof Uint8Array)
  return {
    ...(rows.length > 0 ? { [isGpb ? 'data_gpb' : 'data_json']: rows.map(rowOf) } : {}),
    ...(Array.isArray(deletes) && deletes.length > 0 ? { deletes: deletes.map(deletedPath) } : {}),
  }
}

/** What is not there is not made up. */
function rowOf(row: Members): Value {
  const made: { [name: string]: Value } = {}
  const { timestamp, content } = Object.fromEntries(Object.entries(row)) as Members
  if (timestamp !== undefined && timestamp !== null) made.timestamp = plain(timestamp)
  if (content instanceof Uint8Array) made.content = base64(content)
  else made.content = typeof content === 'string' ? parsed(content) : ((content ?? null) as Value)
  return made
}

const deletedPath = ({ path }: DataPath): string =>
  pathText({ origin: '', target: '', element: [], elem: path?.node ?? [] })
