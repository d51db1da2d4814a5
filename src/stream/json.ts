// JSON text of records, with whole numbers exact at any size.
import { isProblem, type Problem } from '../contract/problem.ts'
import type { NetRecord, Value } from '../contract/record.ts'

/** ES2025 parts of JSON that the compiler's library does not know yet. */
interface ExactJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown
  rawJSON(text: string): unknown
}
const exactJson = JSON as unknown as ExactJson

/** Sixteen digits in a row may be more than 2^53: those of a number, which stands where a text has its quote. */
const LONG_NUMBER = /(?:^|[:,[\s-])\d{16}/
const WHOLE = /^-?\d+$/

function exact(_key: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value
  return WHOLE.test(source) ? BigInt(source) : value
}

/** Any JSON text; throws a SyntaxError. */
export function parseExact(text: string): Value {
  return (LONG_NUMBER.test(text) ? exactJson.parse(text, exact) : JSON.parse(text)) as Value
}

/** One line of NDJSON as a record, or what is wrong with it. */
export function parseRecord(line: string): NetRecord | Problem {
  try {
    const value: unknown = parseExact(line)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as NetRecord
    return { code: 'ndjson/not-an-object', message: `a line must be a JSON object, this is ${describe(value)}` }
  } catch (error) {
    return { code: 'ndjson/bad-line', message: error instanceof Error ? error.message : String(error) }
  }
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
}

export function parsedRecord(line: string): NetRecord | undefined {
  const record = parseRecord(line)
  return isLineProblem(record) ? undefined : (record as NetRecord)
}

/** A record may have fields named code and message; only our own problems start with ndjson/. */
export function isLineProblem(value: NetRecord | Problem): value is Problem {
  return isProblem(value) && typeof value.code === 'string' && value.code.startsWith('ndjson/')
}

function withBigInts(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? exactJson.rawJSON(String(value)) : value
}

/** JSON text of a value; BigInts as plain digits. */
export function jsonText(value: Value | NetRecord): string {
  try {
    return JSON.stringify(value)
  } catch {
    return JSON.stringify(value, withBigInts)
  }
}
