// Names that a backend has for where a record goes (topic, routing key, table, index, document id), made from its fields and
// its time: `flows.${peer_ip_src}`, `acct_%Y%m%d`, `$tag`.

import { isProblem, ProblemError } from '../contract/problem.ts'
import type { NetRecord, Value } from '../contract/record.ts'
import { CLOCK_NAMES } from '../fields/clock.ts'
import { jsonText } from '../stream/json.ts'
import { namePattern } from './name-pattern.ts'

export interface NameRules {
  /** Letters that a value may bring in; others become `_`. Default: letters, digits, `.`, `_`, `-`. */
  readonly allowed?: RegExp
  /** What an absent value is; default `none`. */
  readonly absent?: string
  /** Letters of one value, at most; default 100. */
  readonly longestValue?: number
  readonly localTime?: boolean
}

export interface RecordName {
  /** Fields that are read. */
  readonly fields: readonly string[]
  /** Whether all records have the same name. */
  readonly isFixed: boolean
  /** `fallbackMs` is the time of a record that says nothing about its own: when it was taken in. */
  of(record: NetRecord, fallbackMs: number): string
}

/** The fields that say a record's time, in the order in which they are believed: the bin, then the arrival. */
export const TIME_FIELDS = ['stamp_inserted', ...CLOCK_NAMES] as const
/** Names that are remembered; a template with an address in it has many. */
const REMEMBERED = 10_000
const LONGEST_VALUE = 100
const ALLOWED = /[A-Za-z0-9._-]/

/** Unix ms of a record: its bin, its arrival; undefined when it has no time. */
export function recordTimeMs(record: NetRecord): number | undefined {
  for (const field of TIME_FIELDS) {
    const seconds = record[field]
    if (typeof seconds === 'number') return Math.floor(seconds * 1000)
  }
  return undefined
}

function safeText({ allowed = ALLOWED, absent = 'none', longestValue = LONGEST_VALUE }: NameRules) {
  return (value: Value | undefined): string => {
    if (value === undefined || value === null || value === '') return absent
    const text = typeof value === 'string' ? value : jsonText(value)
    return Array.from(text.slice(0, longestValue), letter => (allowed.test(letter) ? letter : '_')).join('')
  }
}

/** The names that a template of flag `--flag` gives; throws a ProblemError when it has a variable that is none. */
export function recordName(template: string, rules: NameRules = {}): RecordName {
  const pattern = namePattern(template, { everyMs: 0, localTime: rules.localTime === true, safe: safeText(rules) })
  if (isProblem(pattern)) throw new ProblemError(pattern)
  const { stepMs } = pattern
  const names = pattern.fields.map(({ name }) => name)
  const isFixed = stepMs === 0 && names.length === 0
  const fixed = isFixed ? pattern.render(0, []) : undefined
  const known = new Map<string, string>()
  return {
    fields: stepMs === 0 ? names : [...names, ...TIME_FIELDS],
    isFixed,
    of(record, fallbackMs) {
      if (fixed !== undefined) return fixed
      const timeMs = stepMs === 0 ? 0 : (recordTimeMs(record) ?? fallbackMs)
      const values = names.map(name => record[name])
      const key = `${stepMs === 0 ? 0 : Math.floor(timeMs / stepMs)} ${values.map(value => (typeof value === 'string' ? value : jsonText(value ?? null))).join('\n')}`
      let name = known.get(key)
      if (name === undefined) {
        if (known.size >= REMEMBERED) known.clear()
        name = pattern.render(timeMs, values)
        known.set(key, name)
      }
      return name
    },
  }
}

/** The records of a delivery by name, in their order; each with its place in the delivery. */
export function byName(
  { records, takenMs }: { readonly records: readonly NetRecord[]; readonly takenMs: number },
  name: RecordName,
): Map<string, { index: number; record: NetRecord }[]> {
  const groups = new Map<string, { index: number; record: NetRecord }[]>()
  records.forEach((record, index) => {
    const of = name.of(record, takenMs)
    const group = groups.get(of)
    if (group) group.push({ index, record })
    else groups.set(of, [{ index, record }])
  })
  return groups
}
