// pre_tag_filter and pre_tag_label_filter: which records pass, by the tag or the label that they have.
import type { Problem } from '../contract/problem.ts'
import type { Value } from '../contract/record.ts'
import { parseTag } from './tag-value.ts'

export type TagTest = (tag: Value | undefined) => boolean
export type LabelTest = (label: Value | undefined) => boolean

interface Entry<Holds> {
  readonly negated: boolean
  readonly holds: Holds
}

/**
 * `7`, `10-20`, `-6`, `0` (untagged), with commas between: passes what meets any. What meets a negated entry does not
 * pass, whatever else it meets; a list of negated entries only passes the rest.
 */
export function parseTagFilter(text: string): TagTest | Problem {
  const entries: Entry<(tag: number | bigint) => boolean>[] = []
  for (const part of parts(text)) {
    const negated = part.startsWith('-')
    const [from, to] = (negated ? part.slice(1) : part).split('-', 2)
    const low = parseTag(from ?? '')
    const high = to === undefined ? low : parseTag(to)
    if (low === undefined || high === undefined || low > high)
      return badFilter(part, 'a tag, a range of tags or one with a minus')
    entries.push({ negated, holds: tag => tag >= low && tag <= high })
  }
  if (entries.length === 0) return badFilter(text, 'a tag')
  return value => passes(entries, typeof value === 'number' || typeof value === 'bigint' ? value : 0)
}

/**
 * Labels with commas between; `null` is a record without a label. A label of several (`a,b`, or a map) meets what any
 * of its parts meets.
 */
export function parseLabelFilter(text: string): LabelTest | Problem {
  const entries = parts(text).map(part => {
    const negated = part.startsWith('-')
    const wanted = negated ? part.slice(1) : part
    const holds = (labels: readonly string[]) => (wanted === 'null' ? labels.length === 0 : labels.includes(wanted))
    return { negated, holds }
  })
  if (entries.length === 0) return badFilter(text, 'a label')
  return value => passes(entries, labelParts(value))
}

function passes<Kind>(entries: readonly Entry<(value: Kind) => boolean>[], value: Kind): boolean {
  if (entries.some(entry => entry.negated && entry.holds(value))) return false
  return entries.some(entry => entry.negated || entry.holds(value))
}

/** The parts of a label: of a text with commas, or `key%value` of a map. */
export function labelParts(label: Value | undefined): string[] {
  if (typeof label === 'string') return label === '' ? [] : label.split(',')
  if (typeof label !== 'object' || label === null || Array.isArray(label)) return []
  return Object.entries(label).map(([key, value]) => `${key}%${String(value)}`)
}

function parts(text: string): string[] {
  return text
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
}

function badFilter(part: string, wanted: string): Problem {
  return { code: 'maps/bad-tag-filter', message: `"${part}" is not ${wanted}` }
}
