// Where `jeq=` goes: the first row further down with that `label=` that exporters of the record's family can meet.
import type { Rule } from './rules.ts'
import type { TagAction } from './tag-action.ts'

/** The row ends the search. */
export const NO_JUMP = -1

/** Per rule the number of the rule to go on from: NO_JUMP, or up to the number of rules (jeq=next on the last). */
export function jumpTargets(rules: readonly Rule<TagAction>[], family: 4 | 6): Int32Array {
  const targets = new Int32Array(rules.length).fill(NO_JUMP)
  const labels = new Map<string, number>()
  for (let number = rules.length - 1; number >= 0; number--) {
    const rule = rules[number] as Rule<TagAction>
    const { jeq, entry } = rule.action
    if (jeq === 'next') targets[number] = number + 1
    else if (jeq !== undefined) targets[number] = labels.get(jeq) ?? NO_JUMP
    if (entry !== undefined && meetsFamily(rule, family)) labels.set(entry, number)
  }
  return targets
}

function meetsFamily(rule: Rule<TagAction>, family: 4 | 6): boolean {
  return rule.conditions.every(
    ({ key, match }) =>
      key !== 'ip' || match.is !== 'prefixes' || match.prefixes.some(prefix => prefix.family === family),
  )
}
