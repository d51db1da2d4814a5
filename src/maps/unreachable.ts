// Rows that no record can get to: an earlier row fits whatever they fit, and no jump goes past it.
//
// Earlier rows are kept in one table for each set of keys, by what they ask. For a row, each table whose keys the row
// has too is asked with the row's own values, of prefixes also with the shorter ones; so the cost is that of the sets
// of keys (few), not of the rows.
import { makePrefix, type Prefix, prefixText } from '../lookup/prefix.ts'
import type { Condition } from './condition.ts'

export interface Reachable {
  readonly conditions: readonly Condition[]
}

/** Values of one row that are tried; a row with longer lists is taken as reachable. */
const MAX_TRIED = 4096

/** Earlier rows that ask by the same keys. */
interface Group {
  readonly keys: readonly string[]
  /** What a row asks -> its number, the latest. */
  readonly rows: Map<string, number>
  /** For each key the prefix lengths that rows ask by. */
  readonly lengths: readonly Set<number>[]
}

/** For each rule that nothing reaches, the rule that stands in its way. `targets`: rules that jumps go to. */
export function unreachable(rules: readonly Reachable[], targets: Iterable<number> = []): Map<number, number> {
  const groups = new Map<string, Group>()
  const found = new Map<number, number>()
  const jumps = [...new Set(targets)].sort((a, b) => a - b)
  rules.forEach((rule, number) => {
    const before = coveringRule(groups, rule)
    if (before >= 0 && !anyBetween(jumps, before, number)) found.set(number, before)
    addRule(groups, rule, number)
  })
  return found
}

/** Whether a jump goes to a rule after `before`, up to `number`. */
function anyBetween(jumps: readonly number[], before: number, number: number): boolean {
  let low = 0
  let high = jumps.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((jumps[middle] as number) <= before) low = middle + 1
    else high = middle
  }
  return low < jumps.length && (jumps[low] as number) <= number
}

/** What a condition asks by: a prefix to be tried with shorter ones, or a text to be equal. */
function askedPrefix({ match, negated }: Condition): Prefix | undefined {
  return match.is === 'prefixes' && !negated && match.prefixes.length === 1 ? match.prefixes[0] : undefined
}

const keyName = (condition: Condition): string => `${condition.negated ? '-' : ''}${condition.key}`
const sorted = (conditions: readonly Condition[]): Condition[] =>
  [...conditions].sort((a, b) => (keyName(a) < keyName(b) ? -1 : 1))

function askedText(condition: Condition): string {
  const prefix = askedPrefix(condition)
  return prefix ? prefixText(prefix) : condition.value
}

function addRule(groups: Map<string, Group>, { conditions }: Reachable, number: number): void {
  const asked = sorted(conditions)
  const keys = asked.map(keyName)
  const name = keys.join(' ')
  let group = groups.get(name)
  if (!group) {
    group = { keys, rows: new Map(), lengths: keys.map(() => new Set()) }
    groups.set(name, group)
  }
  // Each member of a list is covered by itself: `in=1,2` is in the way of `in=2`.
  for (const texts of product(asked.map(coveredTexts))) group.rows.set(texts.join('\n'), number)
  asked.forEach((condition, place) => {
    const { match } = condition
    if (match.is === 'prefixes' && !condition.negated)
      for (const { length } of match.prefixes) group.lengths[place]?.add(length)
  })
}

/** What a condition is in the way of, as texts of single values; and as it is written. */
function coveredTexts(condition: Condition): string[] {
  const { match, negated, value } = condition
  if (negated || match.is === 'filter') return [value]
  if (match.is === 'prefixes') return [...new Set([value, ...match.prefixes.map(prefixText)])]
  if (match.is === 'has') return [...new Set([value, ...match.members])]
  return [...new Set([value, ...value.split(',')])]
}

/** The latest earlier rule that fits whatever this one fits; -1. */
function coveringRule(groups: Map<string, Group>, { conditions }: Reachable): number {
  const own = new Map(conditions.map(condition => [keyName(condition), condition]))
  let latest = -1
  for (const { keys, rows, lengths } of groups.values()) {
    if (!keys.every(key => own.has(key))) continue
    const tried = keys.map((key, place) => triedTexts(own.get(key) as Condition, lengths[place] as Set<number>))
    for (const texts of product(tried)) latest = Math.max(latest, rows.get(texts.join('\n')) ?? -1)
  }
  return latest
}

function triedTexts(condition: Condition, lengths: ReadonlySet<number>): string[] {
  const prefix = askedPrefix(condition)
  if (!prefix) return [askedText(condition)]
  const shorter = [...lengths].filter(length => length <= prefix.length)
  return shorter.map(length => prefixText(makePrefix(prefix.family, prefix.words, length)))
}

/** All combinations; none when there would be too many. */
function product(lists: readonly (readonly string[])[]): string[][] {
  const size = lists.reduce((count, list) => count * list.length, 1)
  if (size > MAX_TRIED) return []
  return lists.reduce<string[][]>((found, list) => found.flatMap(texts => list.map(text => [...texts, text])), [[]])
}
